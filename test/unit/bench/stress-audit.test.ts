/** The stress's audit: each thing that must never happen is put in, and it says so. */
import { describe, expect, it } from 'vitest'
import { StressAudit } from '../../../bench/pipeline/stress-audit.mjs'

const slot = { handle: 1, token: 1, symbolIndex: 0, capitalMinor: 40 }
const other = { handle: 2, token: 2, symbolIndex: 1, capitalMinor: 60 }
const account = { capitalMinor: 100, positions: [slot, other] }
const submitted = (eventId: string) => {
  return { kind: 'position', to: 'submitted', position: { grant: { member: { event: { eventId } } } } }
}
const closed = { kind: 'settled', outcome: {} }
const unfilled = { kind: 'settled', outcome: null }
const empty = { capitalMinor: 100, positions: [] }

function auditOf(...heard: Parameters<StressAudit['hear']>[0][]): StressAudit {
  const audit = new StressAudit({ positionsMax: 2, perSymbolMax: 1 })
  for (const message of heard) audit.hear(message)
  return audit
}

describe('bench stress: the audit', () => {
  it('is content with what may happen', () => {
    const audit = auditOf(submitted('a'), submitted('b'), { ...submitted('a'), to: 'open' }, closed, unfilled)
    audit.look(account)
    audit.end(empty, 2)
    expect(audit).toMatchObject({ looks: 1, entries: 2, trades: 1, unfilled: 1, heldMax: 2, shareMax: 1 })
  })

  it('a second entry on an event ends the bench', () => {
    expect(() => auditOf(submitted('a'), submitted('a'))).toThrow('two entries on a')
  })

  it.each([
    ['more than the capital', { ...account, capitalMinor: 99 }, '100 of 99 are held'],
    [
      'too many positions',
      { ...account, positions: [slot, other, { ...slot, capitalMinor: 0 }] },
      '3 positions are held',
    ],
    ['one event twice', { ...account, positions: [slot, { ...other, handle: 1 }] }, 'event 1 is held 2 times'],
    ['one symbol twice', { ...account, positions: [slot, { ...other, symbolIndex: 0 }] }, 'symbol 0 is held 2 times'],
  ])('%s held ends the bench', (_, seen, message) => {
    expect(() => auditOf().look(seen)).toThrow(message)
  })

  it('what is left, lost or miscounted at the end ends the bench', () => {
    const audit = auditOf(submitted('a'), closed)
    expect(() => audit.end(account, 1)).toThrow('2 positions are left')
    expect(() => audit.end(empty, 2)).toThrow('2 entries were counted and 1 heard of')
    expect(() => auditOf(submitted('a'), submitted('b'), closed).end(empty, 2)).toThrow('of 2 entries 1 were closed')
    expect(() => auditOf().end(empty, 0)).toThrow('nothing was traded')
  })
})
