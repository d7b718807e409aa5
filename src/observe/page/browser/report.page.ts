/** The report's page: draws its charts over time. All else stands in the page already. */
import type { ReportCharts } from '../report-page-data.ts'
import { bucketCard } from './bucket-card.ts'
import { BucketChart, type ChartKind } from './bucket-chart.ts'
import { Theme } from './theme.ts'
import { Tip } from './tip.ts'

const { buckets, rateLimit } = JSON.parse(document.getElementById('page-data')!.textContent!) as ReportCharts
if (buckets !== null) {
  const theme = new Theme([])
  const tip = new Tip()
  const charts: BucketChart[] = []
  for (const place of document.querySelectorAll<HTMLElement>('[data-chart]')) {
    const figure = place.closest('figure')!
    figure.hidden = false
    charts.push(
      new BucketChart(place.dataset.chart as ChartKind, place, figure.querySelector('h3')!.textContent!, {
        buckets,
        rateLimit,
        theme,
        onPoint: (index, at) => tip.show(index === null ? null : bucketCard(buckets, index), at),
      }),
    )
  }
  theme.onChange(() => {
    for (const chart of charts) chart.redraw()
  })
  document.addEventListener('keydown', (key) => {
    if (key.key === 'Escape') for (const chart of charts) chart.leave()
  })
}
