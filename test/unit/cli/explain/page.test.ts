import { describe, expect, test } from 'vitest'
import {
  apartTexts,
  besideText,
  differenceText,
  exactScoreText,
  exactSecondsText,
  isoText,
  secondsText,
  timeText,
} from '../../../../src/cli/explain/figures.ts'
import { NearestIds } from '../../../../src/cli/explain/nearest-ids.ts'
import { Page } from '../../../../src/cli/explain/page.ts'

describe('page', () => {
  test('page: words are wrapped to the width, further lines indented by two more; a word that is too long stands alone', () => {
    const page = new Page({ columns: 60, isColoured: false })
    page.words(`one ${'two '.repeat(14)}${'x'.repeat(70)} end`)
    const lines = page.text.split('\n')
    expect(lines[0]!.startsWith('  one two')).toBe(true)
    expect(lines.slice(1).every((line) => line.startsWith('    '))).toBe(true)
    expect(lines.filter((line) => line.length > 60)).toEqual([`    ${'x'.repeat(70)}`])
  })

  test('page: colour only where it is asked for, and none around nothing', () => {
    const write = (isColoured: boolean): string => {
      const page = new Page({ columns: 80, isColoured })
      page.line('x', 'green')
      page.line('', 'bold')
      page.heading('H')
      return page.text
    }
    expect(write(false)).toBe('x\n\n\nH')
    expect(write(true)).toBe('\u001b[32mx\u001b[39m\n\n\n\u001b[1mH\u001b[22m')
  })
})

describe('figures', () => {
  test('figures: times and durations keep what a person can use, or every digit', () => {
    expect(timeText(1_781_719_200_123_456_789n)).toBe('2026-06-17 18:00:00.123')
    expect(timeText(1_781_719_200_123_456_789n, 1_781_719_100_000_000_000n)).toBe('18:00:00.123')
    expect(isoText(1_781_719_200_123_456_789n)).toBe('2026-06-17T18:00:00.123456789Z')
    expect(isoText(-1n)).toBe('1969-12-31T23:59:59.999999999Z')
    expect([0n, 999n, 1_500n, 12_000_000n, 131_000_000_000n, -1_500_000_000n].map(secondsText)).toEqual([
      '0 ns',
      '999 ns',
      '1.5 µs',
      '12 ms',
      '131 s',
      '-1.5 s',
    ])
    expect(exactSecondsText(120_000_000_001n)).toBe('120.000000001 s')
    expect(exactScoreText(0.7)).toBe('0.70')
    expect(exactScoreText(0.700000001)).toBe('0.700000001')
  })
})

test('figures: two numbers have as many digits as tell them apart', () => {
  expect(apartTexts(0.9, 0.5)).toEqual(['0.9000', '0.5000'])
  expect(apartTexts(0.59996, 0.6)).toEqual(['0.59996', '0.60000'])
  expect(apartTexts(0.5, 0.5)).toEqual(['0.5000', '0.5000'])
  expect(besideText(0.7869960562676132, 0.8)).toBe('0.786996056')
  expect(besideText(0.8999999999, 0.9)).toBe('0.8999999999')
  expect(besideText(0.5, 0.7)).toBe('0.50')
  expect(differenceText(0.2)).toBe('+0.20')
  expect(differenceText(-0.2)).toBe('-0.20')
  expect(differenceText(4e-10)).toBe('+0.0000000004')
})

test('nearest ids: the three with the least edits, nearest first, each once', () => {
  const nearest = new NearestIds('hunt_BTC_12')
  for (const id of ['zzz', 'hunt_BTC_13', 'hunt_ETH_99', 'hunt_BTC_12x', 'hunt_BTC_13', 'cascade_SOL_1'])
    nearest.add(id)
  expect(nearest.ids).toEqual(['hunt_BTC_13', 'hunt_BTC_12x', 'hunt_ETH_99'])
})
