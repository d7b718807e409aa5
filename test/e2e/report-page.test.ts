/** The page of the counterfactual report in Chromium: it loads nothing, fits both sizes, and its charts are drawn and answer. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ReportPageInput, reportPage } from '../../src/cli/report-page.ts'
import { type OpenedPage, openPage, startBrowser } from '../support/browser.ts'
import {
  crowdedFigures,
  fullFigures,
  pageInput,
  singleFigures,
  trendOf,
  unresolvedFigures,
} from '../support/made-up-report.ts'
import { temporaryFolder } from '../support/temporary.ts'

const sizes = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
] as const

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
})

function writtenPage(input: ReportPageInput): string {
  const file = join(temporaryFolder(), 'report.html')
  writeFileSync(file, reportPage(input))
  return file
}

const opened = (input: ReportPageInput): Promise<OpenedPage> => openPage(browser, writtenPage(input))

const overflow = (page: Page): Promise<unknown> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

/** Read from a copy: a canvas that is read often tells the console so. */
const pixelsOf = `(canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })
  copy.drawImage(canvas, 0, 0)
  return copy.getImageData(0, 0, canvas.width, canvas.height)
}`

/** Distinct colours on each canvas: a blank one has one. */
const canvasColors = (page: Page): Promise<number[]> =>
  page.evaluate(`[...document.querySelectorAll('canvas')].map((canvas) => {
    const { data } = (${pixelsOf})(canvas)
    return new Set(new Uint32Array(data.buffer)).size
  })`)

/** Whether a chart has pixels of a colour, as the style sheet names it, without a mixture. */
const hasColor = (page: Page, chart: string, name: string): Promise<boolean> =>
  page.evaluate(`(() => {
    const hex = getComputedStyle(document.documentElement).getPropertyValue('--${name}').trim()
    const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
    const canvas = document.querySelector('[data-chart=${chart}] canvas')
    const { data } = (${pixelsOf})(canvas)
    for (let at = 0; at < data.length; at += 4)
      if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255) return true
    return false
  })()`)

describe('page of the report', () => {
  it.each(sizes)('fits $width × $height whatever it holds: no scroll sideways, no complaint', async (size) => {
    const inputs = [
      pageInput(fullFigures()),
      pageInput(unresolvedFigures(12), { tuned: null }),
      pageInput(unresolvedFigures(0), { tuned: null }),
      pageInput(singleFigures(), { tuned: null }),
      pageInput(crowdedFigures(), { journal: 'j'.repeat(300), verdict: 'v'.repeat(300), findings: ['f'.repeat(300)] }),
      pageInput(fullFigures(trendOf(1000))),
      pageInput(fullFigures(trendOf(14, 0, 1e14), 1e14)),
      pageInput(fullFigures(trendOf(14, 0, 1e-9), 1e-9)),
    ]
    for (const input of inputs) {
      const { page, complaints } = await opened(input)
      await page.setViewportSize(size)
      await page.locator('summary').evaluateAll((all) => {
        for (const each of all) (each as unknown as { click(): void }).click()
      })
      expect(await overflow(page)).toBe(0)
      expect(await page.locator('body').innerText()).not.toMatch(/NaN|Infinity|undefined/)
      expect(complaints).toEqual([])
      await page.close()
    }
  })

  it('draws the three charts over time, in the colours of light and of dark', async () => {
    const { page, complaints } = await opened(pageInput(fullFigures()))
    for (const colorScheme of ['light', 'dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))')
      const colors = await canvasColors(page)
      expect(colors).toHaveLength(3)
      for (const count of colors) expect(count).toBeGreaterThan(8)
      expect(await hasColor(page, 'missed', 'cost')).toBe(true)
      expect(await hasColor(page, 'rate', 'rate')).toBe(true)
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
        colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(20, 23, 27)',
      )
    }
    expect(complaints).toEqual([])
    await page.close()
  })

  it('the pointer over a chart shows the figures of its day, and leaves with them', async () => {
    const { page, complaints } = await opened(pageInput(fullFigures()))
    const chart = page.locator('[data-chart="missed"] .u-over')
    await chart.scrollIntoViewIfNeeded()
    const box = (await chart.boundingBox())!
    const tip = page.locator('.tip')
    // 21 days, the last in the last of as many columns.
    await page.mouse.move(box.x + box.width * (19.5 / 21), box.y + 40)
    await tip.waitFor({ state: 'visible' })
    expect(await tip.innerText()).toMatch(
      /17 Jan 2026\s+missed\s+46\.\d\d\s+cumulative\s+803\.50\s+inversions\s+3 of 7/,
    )
    expect(await tip.innerText()).toMatch(/rate\s+42\.9 %\s+95 % interval\s+15\.8 – 75\.0 %\s+by chance\s+58\.0 %/)
    // A day of which nothing is known.
    await page.mouse.move(box.x + box.width * (8.5 / 21), box.y + 40)
    expect(await tip.innerText()).toMatch(/6 Jan 2026\s+missed\s+0\.00\s+cumulative\s+\d+\.\d\d\s+resolved\s+none/)
    await page.mouse.move(box.x + 40, box.y - 60)
    await tip.waitFor({ state: 'hidden' })
    expect(complaints).toEqual([])
    await page.close()
  })

  it('the keys reach each chart and walk from day to day, and what they point at is said', async () => {
    const { page, complaints } = await opened(pageInput(fullFigures()))
    const chart = page.locator('[data-chart="rate"] .canvas')
    await chart.focus()
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowLeft')
    const spoken = page.locator('[data-chart="rate"] [aria-live]')
    expect(await spoken.innerText()).toMatch(/^17 Jan 2026: missed 46\.\d\d, .*inversions 3 of 7, rate 42\.9 %/)
    expect(await page.locator('.tip').innerText()).toContain('17 Jan 2026')
    await page.keyboard.press('Escape')
    expect(await page.locator('.tip').isHidden()).toBe(true)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('a thousand days are weeks that still answer, and all days stand in the table', async () => {
    const { page, complaints } = await opened(pageInput(fullFigures(trendOf(1000))))
    await page.locator('[data-chart="cumulative"] .canvas').focus()
    await page.keyboard.press('Home')
    expect(await page.locator('.tip').innerText()).toContain('week of ')
    expect(await page.locator('.days tbody tr').count()).toBe(1000)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('charts follow the width of the window', async () => {
    const { page } = await opened(pageInput(fullFigures()))
    for (const { width, height } of [...sizes, sizes[0]]) {
      await page.setViewportSize({ width, height })
      const expected = width === 390 ? 358 : 1180
      await expect
        .poll(() => page.evaluate(`document.querySelector('.uplot').offsetWidth`), { timeout: 10_000 })
        .toBe(expected)
    }
    await page.close()
  })

  it('without a script its figures are there and no empty chart is', async () => {
    const file = writtenPage(pageInput(fullFigures()))
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`file://${file}`)
    const text = await page.locator('body').innerText()
    expect(text).toContain('803.50')
    expect(text).toContain('The charts need a script')
    expect(await page.locator('.chart:visible').count()).toBe(0)
    await page.locator('summary', { hasText: 'The numbers of 19 days' }).click()
    expect(await page.locator('.days tbody tr:visible').count()).toBe(19)
    await context.close()
  })

  it('names from the input stay text, whatever they hold', async () => {
    const hostile = '</script><img src=x onerror=document.title="broken">'
    const { page, complaints } = await opened(
      pageInput(crowdedFigures(), { journal: hostile, verdict: hostile, findings: [hostile] }),
    )
    expect(await page.locator('h1 + p b').innerText()).toBe(hostile)
    expect(await page.locator('.sentence').innerText()).toBe(hostile)
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.title()).toBe(`Counterfactual report of ${hostile} · Signalbox`)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('canary: a page too wide and a chart not drawn are both seen', async () => {
    const { page } = await opened(pageInput(fullFigures()))
    await page.evaluate(`(() => {
      document.querySelector('h1').style.width = '3000px'
      for (const canvas of document.querySelectorAll('canvas')) canvas.width = canvas.width
    })()`)
    expect(await overflow(page)).toBeGreaterThan(0)
    expect(await canvasColors(page)).toEqual([1, 1, 1])
    expect(await hasColor(page, 'missed', 'cost')).toBe(false)
    await page.close()
  })
})
