import { describe, expect, it } from 'vitest'
import {
  areOnDays,
  durationText,
  evidenceText,
  momentText,
  nameText,
  numberText,
  shortStepText,
  shortText,
  signedText,
  spanText,
} from '../../../../../src/observe/page/browser/texts.ts'

describe('texts of a page', () => {
  it('times are UTC, and a span within a day names it once', () => {
    const from = Date.UTC(2026, 5, 17, 17, 30)
    expect(spanText(from, from + 5_400_000)).toBe('2026-06-17 17:30:00 – 19:00:00')
    expect(spanText(from, from + 86_400_000)).toBe('2026-06-17 17:30:00 – 2026-06-18 17:30:00')
  })

  it('a time has its day where there are several, and days are those of UTC', () => {
    const evening = Date.UTC(2026, 5, 17, 23, 50)
    expect(areOnDays(evening, evening + 599_999)).toBe(false)
    expect(areOnDays(evening, evening + 600_000)).toBe(true)
    expect([momentText(evening, false), momentText(evening, true)]).toEqual(['23:50:00', '2026-06-17 23:50:00'])
  })

  it.each([
    [2_903_400, 2_902_900, '2.9034M', '2.9029M'],
    [2_903_401, 2_903_400, '2.903401M', '2.9034M'],
    [1_234_567_891, 1_234_567_881, '1.23456789B', '1.23456788B'],
    [31_000, 20_000, '31k', '20k'],
    [0.5, 0, '0.5', '0'],
  ])('%d and %d on one axis are %s and %s', (one, other, oneText, otherText) => {
    expect([shortStepText(one, one - other), shortStepText(other, one - other)]).toEqual([oneText, otherText])
  })

  it.each([
    [0, '0.0 s'],
    [4_240, '4.2 s'],
    [59_400, '59 s'],
    [100_000, '1 min 40 s'],
    [7_500_000, '2 h 05 min'],
    [273_600_000, '3 d 4 h'],
  ])('%i ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })

  it('numbers have groups, a true minus, and no negative zero', () => {
    expect(numberText(66_066, 1)).toBe('66,066.0')
    expect(numberText(-1.5, 2)).toBe('−1.50')
    expect(numberText(-0, 0)).toBe('0')
    expect([signedText(0.268, 2), signedText(-0.004, 2), signedText(-0.53, 2)]).toEqual(['+0.27', '0.00', '−0.53'])
  })

  it.each([
    [0, '0'],
    [0.0512, '0.0512'],
    [1_234, '1,234'],
    [12_345, '12.3k'],
    [-20_000_000, '−20M'],
    [3_100_000_000, '3.1B'],
  ])('%d in short is %s', (value, text) => {
    expect(shortText(value)).toBe(text)
  })

  it('evidence has four digits, or an exponent where it is tiny', () => {
    expect([-10.2312, 660_020, 0.45, -4.338e-5, 0].map(evidenceText)).toEqual([
      '−10.23',
      '660,020',
      '0.4500',
      '−4.338e−5',
      '0',
    ])
  })

  it('names read as words: types with a capital, evidence as it is', () => {
    expect(nameText('LIQUIDATION_CASCADE')).toBe('Liquidation cascade')
    expect(nameText('open_interest_change_5m')).toBe('open interest change 5m')
  })
})
