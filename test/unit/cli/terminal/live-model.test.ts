import { describe, expect, it } from 'vitest'
import { LiveModel } from '../../../../src/cli/terminal/live-model.ts'
import { changed, decided, eventOf, moved, positionOn } from './happenings.ts'

const ranksOf = (model: LiveModel) => model.eventsInOrder().map(({ event, rank }) => [event.symbol, rank])

describe('live model', () => {
  const btc = eventOf('cascade', 0)
  const doge = eventOf('cascade', 1, 1e9)

  it('of two events only one is first: a held event has no rank in the decisions after it', () => {
    const model = new LiveModel()
    model.take(changed(btc))
    model.take(decided([btc], 1))
    expect(ranksOf(model)).toEqual([['BTC', 1]])
    model.take(changed(doge))
    model.take(decided([doge], 0, 'max_open_positions'))
    expect(ranksOf(model)).toEqual([
      ['DOGE', 1],
      ['BTC', 0],
    ])
  })

  it('a selected event is held from its order on, traded when its position is settled, and gone when it ends', () => {
    const model = new LiveModel()
    const verdict = () => model.events.get(btc.eventId)?.verdict
    model.take(changed(btc))
    model.take(decided([btc], 1))
    expect(verdict()).toBe('selected')
    const position = positionOn(btc)
    model.take(moved(position, 'submitted'))
    expect([verdict(), model.events.get(btc.eventId)!.rank]).toEqual(['held', 0])
    model.take(moved(position, 'open'))
    expect(model.positions.get(1)?.state).toBe('open')
    const refusal = { reason: 'beyond_limit' as const, atNs: 0, priceTicks: 1 }
    model.take({ kind: 'settled', position, outcome: null, refusal, atNs: 0 })
    expect([verdict(), model.positions.size, model.settled.length]).toEqual(['beyond_limit', 0, 1])
    model.take(changed(btc, 'COMPLETED'))
    expect(model.events.size).toBe(0)
  })

  it('a selection that the ledger refused says so', () => {
    const model = new LiveModel()
    model.take(changed(btc))
    model.take(decided([btc], 1, 'lower_score', ['NO_CAPITAL']))
    expect(model.events.get(btc.eventId)?.verdict).toBe('selected, NO_CAPITAL')
  })

  it('what a strategy declined stays with the newest decision that selected it', () => {
    const model = new LiveModel()
    for (let index = 0; index < 2; index += 1) model.take(decided([btc, doge], 1))
    model.take(decided([doge], 1))
    model.take({ kind: 'declined', handle: 1, eventId: btc.eventId, atNs: 0, reason: 'hunt-reversal declines' })
    expect(model.decisions.map(({ declined }) => [...declined])).toEqual([
      [],
      [[btc.eventId, 'hunt-reversal declines']],
      [],
    ])
  })

  it('what it remembers is bounded', () => {
    const model = new LiveModel()
    for (let index = 0; index < 500; index += 1) model.take(decided([btc], 1))
    expect(model.decisions).toHaveLength(100)
  })
})
