import { describe, expect, it } from 'vitest'
import { drawnSymbols } from '../../../src/cli/drawn-symbols.ts'

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0)
/** Ascending: the last symbol has the most. */
const rising = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
const range = (from: number, until: number): number[] =>
  Array.from({ length: until - from }, (_, index) => from + index)

describe('drawn symbols', () => {
  it('up to twelve are all drawn, and nothing is said', () => {
    const twelve = { events: zeros(12), trades: rising(12), areNamed: false }
    expect(drawnSymbols(twelve)).toEqual({ drawn: range(0, 12), whyNotAll: null })
  })

  it('of more, those with events are drawn, in the order of all', () => {
    const events = zeros(221)
    events[40] = 1
    events[7] = 2
    expect(drawnSymbols({ events, trades: rising(221), areNamed: false })).toEqual({
      drawn: [7, 40],
      whyNotAll:
        '219 of 221 symbols are not drawn: only those with events are; others can be chosen with --symbols BTC,ETH',
    })
  })

  it('where more than 24 have events, the 24 with the most; of equals those with more trades', () => {
    const events = [...zeros(10), ...Array.from({ length: 30 }, () => 1)]
    events[12] = 3
    const { drawn, whyNotAll } = drawnSymbols({ events, trades: rising(40), areNamed: false })
    expect(drawn).toEqual([12, ...range(17, 40)])
    expect(whyNotAll).toBe(
      '16 of 40 symbols are not drawn: 30 have events, and these 24 have the most; others can be chosen with --symbols BTC,ETH',
    )
  })

  it('without any event, the twelve with the most trades', () => {
    const { drawn, whyNotAll } = drawnSymbols({ events: zeros(13), trades: rising(13), areNamed: false })
    expect(drawn).toEqual(range(1, 13))
    expect(whyNotAll).toBe(
      '1 of 13 symbols is not drawn: there is no event, and these 12 have the most trades; others can be chosen with --symbols BTC,ETH',
    )
  })

  it('symbols that somebody named are drawn without events too, up to 24', () => {
    const events = zeros(30)
    events[0] = 1
    expect(drawnSymbols({ events: zeros(24), trades: rising(24), areNamed: true }).whyNotAll).toBeNull()
    const { drawn, whyNotAll } = drawnSymbols({ events, trades: rising(30), areNamed: true })
    expect(drawn).toEqual([0, ...range(7, 30)])
    expect(whyNotAll).toBe(
      '6 of 30 symbols are not drawn: a page draws at most 24, those with the most events first; fewer can be chosen with --symbols BTC,ETH',
    )
  })

  it('where every one of them has events and 24 are enough, nothing is said', () => {
    expect(drawnSymbols({ events: rising(13), trades: rising(13), areNamed: false }).whyNotAll).toBeNull()
  })
})
