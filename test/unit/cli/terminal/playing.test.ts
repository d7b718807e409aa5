import { describe, expect, it } from 'vitest'
import { playingOf, type Reached } from '../../../../src/cli/terminal/playing.ts'
import { ProgressBar } from '../../../../src/cli/terminal/progress-bar.ts'

const at = (text: string): number => Date.parse(`2026-06-17T${text}Z`)
const reached: Reached = {
  atUnixMs: at('18:30:00'),
  firstUnixMs: at('18:00:00'),
  untilUnixMs: at('19:00:00'),
  isByTime: true,
  isWarmingUp: false,
  read: 0.95,
  records: 8_189,
  decisions: 12,
}

describe('how far a run over recordings has come', () => {
  it('over all of them, as fast as it goes, is what was read of the files', () => {
    expect(playingOf({ ...reached, isByTime: false })).toEqual({ fraction: 0.95, text: '8,189 records, 12 decisions' })
  })

  it('over a part of them is event time, with the decisions so far', () => {
    expect(playingOf(reached)).toEqual({
      fraction: 0.5,
      text: '18:30:00 of 19:00:00 UTC, 8,189 records, 12 decisions',
    })
  })

  it('without an end that somebody knows is the time alone', () => {
    expect(playingOf({ ...reached, untilUnixMs: undefined, decisions: 1 })).toEqual({
      fraction: null,
      text: '18:30:00 UTC, 8,189 records, 1 decision',
    })
  })

  it('before the part begins it says that it warms up, and a run that decides nothing counts no decisions', () => {
    expect(playingOf({ ...reached, isWarmingUp: true }).text).toBe('18:30:00 of 19:00:00 UTC, warming up')
    expect(playingOf({ ...reached, decisions: undefined }).text).toBe('18:30:00 of 19:00:00 UTC, 8,189 records')
  })

  it('over a day and the hour before it has both days while it warms up', () => {
    const before = { ...reached, atUnixMs: at('00:00:00') - 1_000, firstUnixMs: at('00:00:00'), isWarmingUp: true }
    expect(playingOf(before).text).toBe('2026-06-16 23:59:59 of 2026-06-17 19:00:00 UTC, warming up')
  })

  it('over several days has them; what ends at midnight is one day', () => {
    const midnight = at('24:00:00')
    expect(playingOf({ ...reached, untilUnixMs: midnight }).text).toContain('18:30:00 of 00:00:00 UTC')
    expect(playingOf({ ...reached, untilUnixMs: midnight + 1_000 }).text).toContain(
      '2026-06-17 18:30:00 of 2026-06-18 00:00:01 UTC',
    )
  })
})

describe('progress bar', () => {
  const drawn = (fraction: number | null, columns = 80, text = 'x'.repeat(40)): string => {
    let written = ''
    const stream = { isTTY: true, columns, write: (text: string) => (written += text) }
    new ProgressBar(stream as unknown as NodeJS.WriteStream, () => 0).show(() => ({ fraction, text }))
    return written.replace('\r\u001b[2K', '')
  }

  it('has no bar and no percentage where nobody knows how much there is', () => {
    expect(drawn(0.5)).toMatch(/^█{15}░{15} +50 % {2}x{40}$/)
    expect(drawn(null)).toBe('x'.repeat(40))
  })

  it('gives way to its text, and the text to the terminal: a line that wraps could not be taken away again', () => {
    expect(drawn(0.5, 60)).toMatch(/^█{6}░{5} +50 % {2}x{40}$/)
    expect(drawn(0.5, 40)).toHaveLength(39)
    const long = '2026-06-17 18:13:24 of 2026-06-18 18:30:00 UTC, 1,038,086 records'
    expect(drawn(1, 80, long)).toBe(`██████ 100 %  ${long}`)
  })
})
