import { afterEach, describe, expect, it } from 'vitest'
import { DecisionMade } from '../../../../src/domain/decision-made.ts'
import type { DecisionReserved, LeasesRecovered } from '../../../../src/domain/message.ts'
import { ReservationStage } from '../../../../src/stages/reservation/reservation-stage.ts'
import { Rig } from '../../../simulation/rig.ts'

const rigs: Rig[] = []
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.close()
})

const nobody = { INTERLOCKED: 0, SLOT_TAKEN: 0, MAX_POSITIONS: 0, NO_CAPITAL: 0 }

type Said = DecisionReserved | LeasesRecovered

/** Three live events in a real ledger that admits two positions, and a decision on them of our own. */
function setUp(isEventTime = true) {
  const rig = new Rig({ policy: { interlock: null, max_open_positions: 2 } })
  rigs.push(rig)
  rig.tradingState = 'HALTED'
  for (const symbol of ['BTC', 'ETH', 'SOL']) {
    rig.trade(0, symbol, 600_000)
    rig.detect({ eventId: symbol, symbol })
  }
  rig.trade(1, 'BTC', 600_000)
  const { reservations } = rig.region
  const stage = new ReservationStage(reservations, { leaseNs: 5e9, leaseClock: (atNs) => atNs + 7, isEventTime })
  const members = rig.heardOf('event').map(({ event, handle }) => ({ event, handle, capitalMinor: 300_000 }))
  const decide = (names: readonly string[], atNs = 1e6): DecisionMade => {
    const made = rig.heardOf('decision')[0]!
    const chosen = members.filter(({ event }) => names.includes(event.eventId))
    return new DecisionMade(made.record, made.length, atNs, 0, chosen, made.names)
  }
  const said: Said[] = []
  const reserve = (names: readonly string[], atNs?: number): DecisionReserved => {
    stage.onBatch([decide(names, atNs)], 1, (message) => said.push(message))
    return said.at(-1) as DecisionReserved
  }
  return { region: rig.region, reservations, stage, said, reserve }
}

describe('reservation', () => {
  it('a whole set is granted in one step, each member with a token of its own and the lease of the ledger’s clock', () => {
    const { reservations, stage, reserve } = setUp()
    const { statuses, grants } = reserve(['BTC', 'ETH'])
    expect(statuses).toEqual(['SUCCESS', 'SUCCESS'])
    expect(grants.map(({ member }) => member.event.eventId)).toEqual(['BTC', 'ETH'])
    const slots = reservations.positions()
    expect(slots.map(({ token, leaseUntilNs }) => [token, leaseUntilNs])).toEqual(
      grants.map(({ token }) => [token, 1e6 + 7 + 5e9]),
    )
    expect(stage.counters).toEqual({ granted: 2, lost: 0, denied: 0, deniedBy: nobody, error: 0 })
  })

  it('a set that does not fit whole leaves nothing behind: the member that was refused says why, the others were not tried', () => {
    const { reservations, stage, reserve } = setUp()
    const { statuses, grants } = reserve(['BTC', 'ETH', 'SOL'])
    expect(statuses).toEqual(['NOT_ATTEMPTED', 'NOT_ATTEMPTED', 'MAX_POSITIONS'])
    expect(grants).toEqual([])
    expect(reservations.positions()).toEqual([])
    expect(stage.counters).toEqual({
      granted: 0,
      lost: 0,
      denied: 1,
      deniedBy: { ...nobody, MAX_POSITIONS: 1 },
      error: 0,
    })
  })

  it('a ledger that cannot answer is an error of its own, and is not swallowed', () => {
    const { region, stage, reserve } = setUp()
    region.close()
    expect(() => reserve(['BTC'])).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
    expect(stage.counters).toEqual({ granted: 0, lost: 0, denied: 0, deniedBy: nobody, error: 1 })
  })

  it('an event that another holder has already is lost, not denied', () => {
    const { stage, reserve } = setUp()
    reserve(['BTC'])
    expect(reserve(['BTC']).statuses).toEqual(['EVENT_CLAIMED'])
    expect(stage.counters).toEqual({ granted: 1, lost: 1, denied: 0, deniedBy: nobody, error: 0 })
  })

  it('a decision that selects nobody asks the ledger nothing', () => {
    const { stage, reserve } = setUp()
    expect(reserve([])).toMatchObject({ statuses: [], grants: [] })
    expect(stage.nextDueNs()).toBe(Number.POSITIVE_INFINITY)
  })

  it('a lease that nobody answered ends at its own time and frees the slot; one that was submitted never does', () => {
    const { reservations, stage, said, reserve } = setUp()
    const [kept] = reserve(['BTC'], 1e6).grants
    reserve(['ETH'], 2e6)
    expect(reservations.submit(kept!.token).ok).toBe(true)
    const dueNs = stage.nextDueNs()
    expect(dueNs).toBe(1e6 + 7 + 5e9)
    stage.onIdle(dueNs, (message) => said.push(message))
    // The submitted one's time has come and nothing happens but that the next is looked for.
    expect(said.filter(({ kind }) => kind === 'recovered')).toEqual([])
    expect(stage.nextDueNs()).toBe(2e6 + 7 + 5e9)
    stage.onIdle(stage.nextDueNs(), (message) => said.push(message))
    expect(said.at(-1)).toEqual({ kind: 'recovered', count: 1 })
    expect(reservations.positions().map(({ token }) => token)).toEqual([kept!.token])
    expect(stage.nextDueNs()).toBe(Number.POSITIVE_INFINITY)
  })

  it('live, leases fall due by the clock of whoever drives it, not by event time', () => {
    const { reservations, stage, said, reserve } = setUp(false)
    reserve(['BTC'])
    expect(stage.nextDueNs()).toBe(Number.POSITIVE_INFINITY)
    stage.onIdle(1e6 + 6 + 5e9, (message) => said.push(message))
    expect(reservations.positions()).toHaveLength(1)
    stage.onIdle(1e6 + 7 + 5e9, (message) => said.push(message))
    expect(reservations.positions()).toHaveLength(0)
  })
})
