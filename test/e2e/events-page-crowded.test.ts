/** The page of `detect --html` where there is much: many symbols and types, several days, records hours apart. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventsPageHtml } from '../../src/observe/page/events-page.ts'
import type { EventsPage, PageEvent } from '../../src/observe/page/page-data.ts'
import { openPage, startBrowser } from '../support/browser.ts'
import { signalbox } from '../support/command.ts'
import { describeWithShared } from '../support/shared.ts'
import { temporaryFolder } from '../support/temporary.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
})

const listedIds = (page: Page): Promise<(string | null)[]> =>
  page.locator('.events button:visible').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-event')))

/** Of the window's height. */
const toolbarShare = (page: Page): Promise<number> =>
  page.evaluate("document.querySelector('.toolbar').getBoundingClientRect().height / innerHeight")

const pageWidth = (page: Page): Promise<number> => page.evaluate('document.documentElement.scrollWidth')

/** Ten seconds of `symbolCount` symbols with an event each, which take turns in being of `typeCount` types. */
function crowdedPage(symbolCount: number, typeCount: number): EventsPage {
  const indexes = Array.from({ length: symbolCount }, (_, index) => index)
  return {
    title: 'Crowded',
    files: ['crowded'],
    firstMs: 0,
    lastMs: 10_000,
    records: 2 * symbolCount,
    malformed: {},
    settings: [],
    symbols: indexes.map((index) => ({
      symbol: `COIN${index}`,
      priceDecimals: 0,
      unitMs: 1,
      epochMs: 0,
      widest: 1,
      at: [0, 10_000],
      last: [10, 1],
      low: [0, 1],
      high: [0, 1],
      flow: [null, 0.5],
      contextAt: [],
      openInterest: [],
      funding: [],
    })),
    undrawn: [],
    whyNotAllDrawn: null,
    events: indexes.map((index) => ({
      id: `event_${index}`,
      type: `SOMEBODYS_OWN_DETECTOR_${index % typeCount}`,
      symbol: index,
      side: 'long',
      score: 0.5,
      regime: 'trend',
      rewardRisk: 2,
      winRate: 0.4,
      expiresAtMs: 60_000,
      referenceTicks: 10,
      targetTicks: 12,
      stopTicks: 9,
      changes: [
        { state: 'TRIGGERED', atMs: (index % 10) * 1_000 + 1_000, cause: 'detector', lastTicks: 10, evidence: {} },
      ],
    })),
    whyNoEvents: null,
  }
}

describe('page of much', () => {
  it('of many symbols and types the switches take at most a sixth of the window, and counts scroll within it', async () => {
    const file = join(temporaryFolder(), 'many.html')
    writeFileSync(file, eventsPageHtml(crowdedPage(24, 20)))
    const { page, complaints } = await openPage(browser, file)
    expect(await page.locator('.chip', { hasText: 'COIN' }).count()).toBe(24)
    for (const { width, height } of [
      { width: 1500, height: 900 },
      { width: 1280, height: 720 },
      { width: 800, height: 600 },
    ]) {
      await page.setViewportSize({ width, height })
      expect(await toolbarShare(page)).toBeLessThanOrEqual(1 / 6)
      expect(await pageWidth(page)).toBe(width)
    }
    await page.locator('.chip', { hasText: 'COIN23' }).click()
    expect(await page.locator('.symbol:visible').count()).toBe(23)
    expect(complaints).toEqual([])

    // Canary: without its bound the bar takes more.
    await page.evaluate(
      "document.querySelectorAll('.toolbar, .filters').forEach((each) => { each.style.maxHeight = 'none' })",
    )
    expect(await toolbarShare(page)).toBeGreaterThan(1 / 6)
    await page.close()
  })

  it('an event whose symbol is not drawn is listed, counted and told of, and hides with the others like it', async () => {
    const crowded = crowdedPage(3, 2)
    const { events, symbols } = crowded
    const undrawn: PageEvent = { ...events[0]!, id: 'elsewhere', symbol: 3, referenceTicks: 1_234 }
    const file = join(temporaryFolder(), 'undrawn.html')
    const whyNotAllDrawn = '1 of 4 symbols is not drawn'
    writeFileSync(
      file,
      eventsPageHtml({
        ...crowded,
        undrawn: [{ symbol: 'FAR', priceDecimals: 2 }],
        events: [...events, undrawn],
        whyNotAllDrawn,
      }),
    )
    const { page, complaints } = await openPage(browser, file)
    expect(await page.locator('.symbol').count()).toBe(symbols.length)
    expect(await page.locator('.page-heading').innerText()).toContain(whyNotAllDrawn)
    // The sum of the first type has it: two of the three symbols', and this one.
    expect(await page.locator('.counts tbody tr').first().locator('td').last().innerText()).toBe('3')
    await page.click('[data-event="elsewhere"]')
    expect(await page.locator('.detail').innerText()).toMatch(/FAR long[\s\S]*12\.34/)
    await page.locator('.chip', { hasText: 'not drawn' }).click()
    expect(await listedIds(page)).toEqual(events.map(({ id }) => id))
    expect(complaints).toEqual([])
    await page.close()
  })

  it('over several days each day of the list has its head, and the card its date', async () => {
    const crowded = crowdedPage(2, 1)
    const dayMs = 86_400_000
    const [first, second] = crowded.events as [PageEvent, PageEvent]
    const later = { ...second, changes: second.changes.map((change) => ({ ...change, atMs: change.atMs + dayMs })) }
    const file = join(temporaryFolder(), 'days.html')
    writeFileSync(file, eventsPageHtml({ ...crowded, lastMs: 2 * dayMs, events: [first, later] }))
    const { page, complaints } = await openPage(browser, file)
    const days = page.locator('.events .day:visible')
    expect(await days.allInnerTexts()).toEqual(['1970-01-01', '1970-01-02'])
    expect(await page.locator('.events li').first().innerText()).toBe('1970-01-01')
    await page.click(`[data-event="${later.id}"]`)
    expect(await page.locator('.detail header').innerText()).toContain('1970-01-02 00:00:02 UTC')
    // A day whose events are hidden has none.
    await page.locator('.chip', { hasText: 'COIN0' }).click()
    expect(await days.allInnerTexts()).toEqual(['1970-01-02'])

    writeFileSync(file, eventsPageHtml(crowded))
    await page.reload()
    expect(await days.count()).toBe(0)
    expect(complaints).toEqual([])
    await page.close()
  })
})

describeWithShared('page of many symbols, and of hourly tables', (shared) => {
  it('two events in 221 symbols are two charts, a line about the others, and one screen of page or two', async () => {
    const folder = join(shared, 'data/binance-liquidations-20250127')
    const file = join(temporaryFolder(), 'events.html')
    const files = readdirSync(folder)
      .filter((name) => name.endsWith('.csv.gz'))
      .map((name) => join(folder, name))
    expect(signalbox(['detect', ...files, '--html', file]).status).toBe(0)
    const { page, complaints } = await openPage(browser, file)
    const charts = await page
      .locator('.symbol')
      .evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')))
    const listed = await page.locator('.events .what b').allInnerTexts()
    expect(charts).toEqual([...new Set(listed)].sort())
    expect(await page.locator('.not-all').innerText()).toBe(
      `${221 - charts.length} of 221 symbols are not drawn: only those with events are; others can be chosen with --symbols BTC,ETH`,
    )
    expect(await page.locator('.events .day').allInnerTexts()).toEqual(['2025-01-27'])
    expect(await pageWidth(page)).toBe(1400)
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThan(2_000)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('a month of hourly tables is drawn from end to end: price, and funding that is told every eight hours', async () => {
    const folder = join(shared, 'data/hourly-parquet')
    const file = join(temporaryFolder(), 'events.html')
    const files = ['candles', 'funding_rates'].map((name) => join(folder, `${name}.parquet`))
    const month = ['--source-venue', 'binance', '--from', '2025-10-01', '--to', '2025-11-01', '--symbols', 'BTC']
    expect(signalbox(['detect', ...files, ...month, '--html', file]).status).toBe(0)
    const { page, complaints } = await openPage(browser, file)
    expect(await page.locator('.panel').count()).toBe(3)
    for (const [panel, color] of [
      [0, 'line'],
      [2, 'ink-2'],
    ] as const) {
      expect(await drawnShare(page, panel, color)).toBeGreaterThan(0.97)
    }
    // Canary: with lines that break at every hour there is next to nothing.
    const text = readFileSync(file, 'utf8')
    const broken = text.replace(/(silenceSteps\w*) = 3\b/, '$1 = 0')
    expect(broken).not.toBe(text)
    writeFileSync(file, broken)
    await page.reload()
    expect(await drawnShare(page, 0, 'line')).toBeLessThan(0.1)
    expect(complaints).toEqual([])
    await page.close()
  })
})

/** The share of a panel's columns of pixels, within half a percent of its ends, that a line of this colour passes. */
function drawnShare(page: Page, panel: number, color: string): Promise<number> {
  return page.evaluate(`(() => {
    const holder = document.querySelectorAll('.panel')[${panel}]
    const canvas = holder.querySelector('canvas')
    const plot = holder.querySelector('.u-over').getBoundingClientRect()
    const whole = canvas.getBoundingClientRect()
    const ratio = canvas.width / whole.width
    const swatch = document.createElement('canvas').getContext('2d')
    swatch.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--${color}').trim()
    swatch.fillRect(0, 0, 1, 1)
    const ink = swatch.getImageData(0, 0, 1, 1).data
    const from = Math.ceil((plot.left - whole.left + plot.width * 0.01) * ratio)
    const width = Math.floor(plot.width * 0.98 * ratio)
    const top = Math.round((plot.top - whole.top) * ratio)
    const height = Math.round(plot.height * ratio)
    const { data } = canvas.getContext('2d').getImageData(from, top, width, height)
    let passed = 0
    for (let x = 0; x < width; x += 1) {
      for (let y = 0; y < height; y += 1) {
        const at = (y * width + x) * 4
        // A thin line is mixed with what lies below it.
        if (data[at + 3] > 100 && [0, 1, 2].every((each) => Math.abs(data[at + each] - ink[each]) < 48)) {
          passed += 1
          break
        }
      }
    }
    return passed / width
  })()`)
}
