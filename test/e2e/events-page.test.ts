/** The page of `detect --html` in Chromium: it loads nothing, lists every event, and shows one when it is clicked. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventsPageHtml } from '../../src/observe/page/events-page.ts'
import type { EventsPage, PageEvent } from '../../src/observe/page/page-data.ts'
import { openPage, startBrowser } from '../support/browser.ts'
import { root, signalbox } from '../support/command.ts'
import { describeWithShared } from '../support/shared.ts'
import { temporaryFolder } from '../support/temporary.ts'

const sampleFiles = readdirSync(join(root, 'samples'))
  .filter((name) => name.endsWith('.jsonl.gz'))
  .map((name) => join(root, 'samples', name))

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
})

interface EventLine {
  readonly event_id: string
  readonly state: string
  readonly evidence: Readonly<Record<string, number>>
}

/** Two detectors at fixed thresholds: what is clicked below happens whatever the defaults become. */
const detectors = { hunt: null, distribution: null, snapback: { z_score: 3, excess_min: 1.5e-5 } }

/** The page of some recordings, and the lines that `--json` prints of them. */
function detected(files: readonly string[]): { file: string; lines: EventLine[] } {
  const folder = temporaryFolder()
  const file = join(folder, 'events.html')
  const config = join(folder, 'config.json')
  writeFileSync(config, JSON.stringify({ detectors }))
  const run = signalbox(['detect', ...files, '--config', config, '--json', '--html', file])
  expect(run.status).toBe(0)
  return {
    file,
    lines: run.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as EventLine),
  }
}

const listedIds = (page: Page): Promise<(string | null)[]> =>
  page.locator('.events button:visible').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-event')))

const rangeText = (page: Page): Promise<string> => page.locator('.range').innerText()

/** The price chart of the symbol that is shown first. */
const firstPlot = (page: Page) => page.locator('.symbol .u-over').first()

describe('page of events', () => {
  it('lists every event, shows the one that is clicked with its evidence, and zooms to it', async () => {
    const { file, lines } = detected(sampleFiles)
    const { page, complaints } = await openPage(browser, file)
    const triggered = lines.filter((line) => line.state === 'TRIGGERED')
    expect(await listedIds(page)).toEqual(triggered.map((line) => line.event_id))
    expect(await page.locator('.symbol').count()).toBe(5)

    const picked = triggered.find((line) => line.event_id.startsWith('snapback_BTC'))!
    expect(await rangeText(page)).toContain('the whole recording')
    await page.click(`[data-event="${picked.event_id}"]`)
    const detail = await page.locator('.detail').innerText()
    expect(detail).toContain(picked.event_id)
    expect(detail).toMatch(/18:01:28\.\d{3}/)
    for (const name of Object.keys(picked.evidence)) expect(detail).toContain(name.replaceAll('_', ' '))
    for (const line of lines.filter(({ event_id }) => event_id === picked.event_id)) {
      expect(detail).toContain(line.state.toLowerCase())
    }
    expect(await rangeText(page)).toMatch(/^2026-06-17 17:59:\d\d – 18:0\d:\d\d UTC/)

    await page.keyboard.press('Escape')
    expect(await rangeText(page)).toContain('the whole recording')
    expect(complaints).toEqual([])
    await page.close()
  })

  it('a drag zooms and a double click resets; switches narrow list and charts; arrow keys walk', async () => {
    const { file, lines } = detected(sampleFiles)
    const { page, complaints } = await openPage(browser, file)
    const box = (await firstPlot(page).boundingBox())!
    const y = box.y + box.height / 2
    await page.mouse.move(box.x + box.width * 0.4, y)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.6, y, { steps: 5 })
    await page.mouse.up()
    // 0.4 and 0.6 of 14:00 to 18:30.
    expect(await rangeText(page)).toMatch(/^2026-06-17 15:4[78]:\d\d – 16:4[12]:\d\d UTC \(5\d min/)
    await firstPlot(page).dblclick()
    expect(await rangeText(page)).toContain('the whole recording')

    await page.locator('.chip', { hasText: 'Liquidation cascade' }).click()
    await page.locator('.chip', { hasText: 'DOGE' }).click()
    const cascadeless = lines.filter(({ state, event_id }) => state === 'TRIGGERED' && !event_id.startsWith('cascade'))
    expect(await listedIds(page)).toEqual(cascadeless.map((line) => line.event_id))
    expect(await page.locator('.symbol:visible').count()).toBe(4)
    await page.locator('.chip', { hasText: 'Liquidation cascade' }).click()

    const ids = await listedIds(page)
    await page.click(`[data-event="${ids[0]}"]`)
    await page.keyboard.press('ArrowDown')
    expect(await page.locator('.events [aria-current="true"]').getAttribute('data-event')).toBe(ids[1])
    expect(complaints).toEqual([])
    await page.close()
  })

  it('the pointer over an event shows its card, and a click on it selects it', async () => {
    const { file } = detected(sampleFiles)
    const { page, complaints } = await openPage(browser, file)
    await page.locator('.events button[data-event^="snapback_BTC"]').click()
    await page.keyboard.press('Escape')
    const chart = page.locator('.symbol[aria-label="BTC"] .u-over').first()
    await chart.scrollIntoViewIfNeeded()
    const box = (await chart.boundingBox())!
    // 18:01:28 of 14:00:00 to 18:30:00, a margin of half a percent on both sides.
    const x = box.x + box.width * ((0.005 + 14_488 / 16_200) / 1.01)
    await page.mouse.move(x + 1, box.y + box.height / 2)
    const tip = page.locator('.tip')
    await tip.waitFor({ state: 'visible' })
    expect(await tip.innerText()).toContain('BTC long')
    await page.mouse.click(x + 1, box.y + box.height / 2)
    expect(await page.locator('.detail').innerText()).toContain('snapback_BTC_')
    expect(await rangeText(page)).toMatch(/18:0\d:\d\d UTC/)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('names from the input stay text, whatever they hold; a type of somebody’s own has a colour and a switch', async () => {
    const hostile = '</script><img src=x onerror=document.title="broken">'
    const event: PageEvent = {
      id: hostile,
      type: hostile,
      symbol: 0,
      side: 'long',
      score: 0.5,
      regime: 'trend',
      rewardRisk: 2,
      winRate: 0.4,
      expiresAtMs: 60_000,
      referenceTicks: 10,
      targetTicks: 12,
      stopTicks: 9,
      changes: [{ state: 'TRIGGERED', atMs: 1_000, cause: 'detector', lastTicks: 10, evidence: { [hostile]: 1 } }],
    }
    const data: EventsPage = {
      title: hostile,
      files: [hostile],
      firstMs: 0,
      lastMs: 2_000,
      records: 2,
      malformed: {},
      settings: [hostile],
      symbols: [
        {
          symbol: hostile,
          priceDecimals: 0,
          unitMs: 1,
          epochMs: 0,
          widest: 1,
          at: [0, 2_000],
          last: [10, 1],
          low: [0, 1],
          high: [0, 1],
          flow: [null, 0.5],
          contextAt: [],
          openInterest: [],
          funding: [],
        },
      ],
      undrawn: [],
      whyNotAllDrawn: null,
      events: [event],
      whyNoEvents: null,
    }
    const file = join(temporaryFolder(), 'hostile.html')
    writeFileSync(file, eventsPageHtml(data))
    const { page, complaints } = await openPage(browser, file)
    expect(await page.locator('h1').innerText()).toBe(hostile)
    expect(await page.locator('.symbol').getAttribute('aria-label')).toBe(hostile)
    await page.locator('.events button').click()
    expect(await page.locator('.detail .event-id').innerText()).toBe(hostile)
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.title()).not.toBe('broken')
    const color = await page.evaluate("getComputedStyle(document.querySelector('.swatch')).backgroundColor")
    expect(color).toMatch(/^rgb\(\d+, \d+, \d+\)$/)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('a recording without events says why, and still shows its price', async () => {
    const { file } = { file: join(temporaryFolder(), 'none.html') }
    const quiet = join(temporaryFolder(), 'trades_BTC_1.jsonl')
    const row = (second: number): string => `{"ts":${1_781_654_400_000 + second * 1000},"px":66000,"sz":0.5,"side":"B"}`
    writeFileSync(quiet, `${[0, 10, 20].map(row).join('\n')}\n`)
    expect(signalbox(['detect', quiet, '--html', file]).status).toBe(0)
    const { page, complaints } = await openPage(browser, file)
    expect(await page.locator('.event-list').innerText()).toContain('what is usual is not known before 600 s')
    expect(await page.locator('.symbol canvas').count()).toBe(2)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('canary: a fault in the script and a request to somebody else are both heard', async () => {
    const { file } = detected([join(root, 'samples', 'trades_DOGE_20260617.jsonl.gz')])
    const text = readFileSync(file, 'utf8')
    const faulty = join(temporaryFolder(), 'faulty.html')
    writeFileSync(faulty, text.replace('</body>', '<script>nobody.knows()</script></body>'))
    const first = await openPage(browser, faulty)
    expect(first.complaints).toEqual([expect.stringContaining('nobody is not defined')])
    // The page's own policy refuses it before it leaves.
    writeFileSync(faulty, text.replace('</body>', '<img src="http://127.0.0.1:9/x.png"></body>'))
    const second = await openPage(browser, faulty)
    await second.page.waitForLoadState()
    expect(second.complaints.join('\n')).toMatch(/Content Security Policy/)
  })
})

describeWithShared('page of a whole day', (shared) => {
  it('a day of five symbols and 787,336 records is a page of at most 2 MB that opens without complaint', async () => {
    const folder = join(shared, 'data/hyperliquid')
    const files = readdirSync(folder)
      .filter((name) => /^(trades|ctx)_/.test(name) && name.includes('20260617'))
      .map((name) => join(folder, name))
    const { file, lines } = detected(files)
    expect(statSync(file).size).toBeLessThan(2_000_000)
    const { page, complaints } = await openPage(browser, file)
    expect((await listedIds(page)).length).toBe(lines.filter(({ state }) => state === 'TRIGGERED').length)
    expect(complaints).toEqual([])
    await page.close()
  })
})
