/** What lies below the line of the inversion rate: a bucket's interval and chance level, and the limit across all. */
import type { ReportBuckets } from '../report-page-data.ts'
import { Plot, type UPlot } from './chart-library.ts'
import type { Theme } from './theme.ts'

export function drawRateLayer(plot: UPlot, buckets: ReportBuckets, rateLimit: number, theme: Theme): void {
  const { ctx, bbox } = plot
  const ratio = Plot.pxRatio
  const y = (rate: number): number => plot.valToPos(rate, 'y', true)
  const edge = (index: number): number => plot.valToPos(index - 0.5, 'x', true)
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  ctx.fillStyle = theme.color('rate-band')
  for (const [index, low] of buckets.low.entries()) {
    const high = buckets.high[index]
    if (low === null || high == null) continue
    // To whole pixels, so that neighbours leave no seam.
    const [left, right] = [Math.round(edge(index)), Math.round(edge(index + 1))]
    ctx.fillRect(left, y(high), right - left, y(low) - y(high))
  }
  ctx.lineWidth = 1.5 * ratio
  ctx.strokeStyle = theme.color('chance')
  ctx.beginPath()
  for (const [index, chance] of buckets.chance.entries()) {
    if (chance === null) continue
    const isJoined = (buckets.chance[index - 1] ?? null) !== null
    if (isJoined) ctx.lineTo(edge(index), y(chance))
    else ctx.moveTo(edge(index), y(chance))
    ctx.lineTo(edge(index + 1), y(chance))
  }
  ctx.stroke()
  ctx.strokeStyle = theme.color('limit')
  ctx.setLineDash([6 * ratio, 4 * ratio])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y(rateLimit))
  ctx.lineTo(bbox.left + bbox.width, y(rateLimit))
  ctx.stroke()
  ctx.restore()
}
