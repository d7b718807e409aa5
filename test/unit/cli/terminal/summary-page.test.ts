import { describe, expect, it } from 'vitest'
import { columnsOf, summaryLines } from '../../../../src/cli/terminal/summary-page.ts'
import type { Summary } from '../../../../src/summary.ts'
import { instruments, summaryOf } from '../../../support/short-run.ts'

const unwrapped = Number.POSITIVE_INFINITY

describe('summary page', () => {
  it('lines for people are aligned, and a latency that nobody measured says so', () => {
    const lines = summaryLines(summaryOf([0, 1_500]), instruments, unwrapped)
    const begins = lines.filter((line) => /^ {2}\S/.test(line))
    const column = begins.map((line) => /^ {2}\S+(?: \S+)* {2,}/.exec(line)?.[0].length)
    expect(new Set(column.filter((_, index) => !begins[index]!.includes('latency'))).size).toBe(1)
    expect(lines.find((line) => line.includes('all at rest'))!.indexOf('all')).toBe(column[0])
    expect(lines.join('\n')).toContain('2  (2026-06-17 00:00:00 to 2026-06-17 00:00:01 UTC)')
    expect(lines.find((line) => line.includes('one decision '))).toMatch(/one decision +0 +– +– +–$/)
  })

  it('a person sees how many entries the venue refused, and why', () => {
    const refused = { beyond_limit: 3, beyond_margin: 0, end_of_data: 0 }
    const orders = { declined: 1, submitted: 5, opened: 2, refused }
    const entries = (changes: Partial<typeof orders>): string =>
      summaryLines({ ...summaryOf([0]), orders: { ...orders, ...changes } }, instruments, unwrapped).find((line) =>
        line.includes('entries'),
      )!
    expect(entries({})).toMatch(/entries +5 sent, 2 filled, 3 refused by their limit; 1 grant declined$/)
    expect(entries({ declined: 0, refused: { beyond_limit: 1, beyond_margin: 1, end_of_data: 1 } })).toMatch(
      /2 filled, 1 refused by their limit, 1 by their margin, 1 not arrived at the end; 0 grants declined$/,
    )
  })

  it('a person sees who starved, who waited for a lower tier, how each type was served and which limit denied', () => {
    const healthy = summaryOf([0])
    const text = (changes: Partial<Summary>): string =>
      summaryLines({ ...healthy, ...changes }, instruments, unwrapped).join('\n')
    expect(text({})).toMatch(/fairness +0 starved, 0 priority inversions; nobody waited for a lower tier’s position/)
    const wait = { mean_ns: 1.26e9, p50_ns: 1e9, p99_ns: 2e9, max_ns: 400e9 }
    const said = text({
      starvation_events: 2,
      holder_waits: { events: 3, total_ns: 7_300e9, max_ns: 130e9 },
      service: { BASIS: { competed: 2, served: 0, wait: null }, FAILED_HUNT: { competed: 5, served: 4, wait } },
      reservations: {
        ...healthy.reservations,
        denied: 3,
        denied_by: { ...healthy.reservations.denied_by, NO_CAPITAL: 2, MAX_POSITIONS: 1 },
      },
    })
    expect(said).toMatch(
      /service +BASIS: 0 of 2 events selected\n +FAILED_HUNT: 4 of 5 events selected, waited 1\.3 s on average, 6\.7 min at most\n/,
    )
    expect(said).toContain(
      '2 starved, 0 priority inversions; 3 waited for a lower tier’s position, 2.0 h in all, 2.2 min at most',
    )
    expect(said).toContain('3 denied (MAX_POSITIONS 1, NO_CAPITAL 2), 0 failed')
  })

  it('a person sees for which reasons decisions turned events down, and a run without decisions has no such line', () => {
    const summary = summaryOf([0])
    const lineOf = (changes: Partial<Summary>): string | undefined =>
      summaryLines({ ...summary, ...changes }, instruments, unwrapped).find((line) => line.includes('turned down'))
    const rejections = { insufficient_capital: 1_085, max_open_positions: 6 }
    expect(lineOf({ decisions: 9, rejections })).toMatch(
      /turned down +insufficient_capital 1,085, max_open_positions 6$/,
    )
    expect(lineOf({ decisions: 1 })).toMatch(/turned down +none$/)
    expect(lineOf({})).toBeUndefined()
  })

  it('where nothing was selected, a grant declined or an event starved, a journal’s summary says how to ask why', () => {
    const summary = { ...summaryOf([0]), decisions: 2, selected: 1, journal: 'out' }
    const lastOf = (changes: Partial<Summary>): string =>
      summaryLines({ ...summary, ...changes }, instruments, unwrapped).at(-1)!
    const hint = 'signalbox explain out ID, an event_id or arbitration_id of its decisions-… files'
    expect(lastOf({})).toMatch(/journal +out$/)
    for (const changes of [{ selected: 0 }, { starvation_events: 1 }, { orders: { ...summary.orders, declined: 1 } }]) {
      expect(lastOf(changes)).toContain(hint)
      expect(lastOf({ ...changes, journal: null })).not.toContain('explain')
    }
    expect(lastOf({ decisions: 0, selected: 0 })).toMatch(/journal +out$/)
    expect(lastOf({ selected: 0, journal: "it's here" })).toContain("explain 'it'\\''s here' ID")
  })

  it('on a terminal it breaks between words, and what goes on hangs below its own text', () => {
    const rejections = {
      insufficient_capital: 85,
      max_open_positions: 6,
      interlocked: 4,
      slot_taken: 3,
      lower_score: 2,
    }
    const summary = { ...summaryOf([0]), decisions: 99, rejections }
    const whole = summaryLines(summary, instruments, unwrapped)
    const lines = summaryLines(summary, instruments, 80)
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80)
    const words = (all: readonly string[]): string[] => all.join(' ').split(/ +/)
    expect(words(lines)).toEqual(words(whole))
    const at = lines.findIndex((line) => line.includes('turned down'))
    const textAt = lines[at]!.indexOf('insufficient')
    expect(/\S/.exec(lines[at + 1]!)!.index).toBe(textAt + 2)
  })

  it('lines are as wide as the terminal, and a file’s are not broken', () => {
    const columns = (isTTY: boolean): number => columnsOf({ isTTY, columns: 72 } as NodeJS.WriteStream)
    expect([columns(true), columns(false)]).toEqual([72, unwrapped])
  })
})
