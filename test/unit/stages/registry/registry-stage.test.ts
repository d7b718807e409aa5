import { afterEach, describe, expect, it } from 'vitest'
import { Rig, type RigOptions } from '../../../simulation/rig.ts'

const rigs: Rig[] = []

function rigOf(options: RigOptions = {}): Rig {
  const rig = new Rig(options)
  rigs.push(rig)
  rig.trade(0, 'BTC', 600_000)
  rig.trade(0, 'ETH', 300_000)
  return rig
}

/** Nothing is entered: events live by the registry alone. */
function haltedRig(options: RigOptions = {}): Rig {
  const rig = rigOf(options)
  rig.tradingState = 'HALTED'
  return rig
}

const changesOf = (rig: Rig): string[] =>
  rig.heardOf('event').map(({ event, state, cause, atNs }) => `${event.eventId} ${state} ${cause} ${atNs / 1e6}`)

afterEach(() => {
  for (const rig of rigs.splice(0)) rig.close()
})

describe.each(['auto', 'js'] as const)('registry on backend %s', (backend) => {
  it('a detected event is live in the table, with the components that the policy gives it', () => {
    const rig = haltedRig({
      backend,
      policy: { expected_value: 'expectancy', regime_table: { FAILED_HUNT: { trend: 0.37 } } },
    })
    rig.detect({
      eventId: 'hunt_BTC_1',
      eventType: 'FAILED_HUNT',
      regime: 'trend',
      targetTicks: 606_000,
      stopTicks: 597_000,
    })
    rig.trade(5, 'BTC', 600_000)
    const [{ event, handle, state }] = rig.heardOf('event') as [ReturnType<typeof rig.heardOf<'event'>>[0]]
    expect(state).toBe('TRIGGERED')
    expect(event.regimeAlignment).toBe(0.37)
    // 2:1 at 40 % is 0.2 R, which is 0.2 / 1.2 as a component.
    expect(event.expectedValue).toBeCloseTo(0.2 / 1.2, 12)
    expect(rig.region.events.get(handle)).toBe(true)
    expect(rig.region.events.idOf(handle)).toBe('hunt_BTC_1')
    const { record, fieldIndex } = rig.region.events
    expect(rig.region.events.get(handle)).toBe(true)
    expect(record[fieldIndex.regimeAlignment!]).toBe(0.37)
    expect(record[fieldIndex.expiresAtNs!]).toBe(event.expiresAtNs)
    expect(rig.registry.counters.registered).toBe(1)
  })

  it('expiry comes at each event’s own time, earliest first, one instant in the order of detection', () => {
    const rig = haltedRig({ backend })
    rig.detect({ eventId: 'late', lifeMs: 300 })
    rig.detect({ eventId: 'soon', lifeMs: 100 })
    rig.detect({ eventId: 'same-1', lifeMs: 200 })
    rig.detect({ eventId: 'same-2', lifeMs: 200 })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(5_000, 'BTC', 600_000)
    expect(changesOf(rig).slice(4)).toEqual([
      'soon INVALIDATED expiry 101',
      'same-1 INVALIDATED expiry 201',
      'same-2 INVALIDATED expiry 201',
      'late INVALIDATED expiry 301',
    ])
    expect(rig.registry.counters.expired).toBe(4)
    expect(rig.registry.nextDueNs()).toBe(Number.POSITIVE_INFINITY)
    expect(rig.region.events.countLive()).toBe(0)
  })

  it('an event that its detector ends is retired and does not expire any more', () => {
    const rig = haltedRig({ backend })
    rig.detect({ eventId: 'a', lifeMs: 100 })
    rig.trade(1, 'BTC', 600_000)
    rig.move('a', 'ACTIVE')
    rig.trade(2, 'BTC', 600_000)
    rig.move('a', 'COMPLETED')
    rig.trade(3, 'BTC', 600_000)
    expect(rig.registry.nextDueNs()).toBe(Number.POSITIVE_INFINITY)
    rig.trade(1_000, 'BTC', 600_000)
    expect(changesOf(rig)).toEqual(['a TRIGGERED detector 1', 'a ACTIVE detector 2', 'a COMPLETED detector 3'])
    expect(rig.region.events.countLive()).toBe(0)
  })

  it('what a detector says of an event that has ended is late: counted, and nobody hears it', () => {
    const rig = haltedRig({ backend })
    rig.detect({ eventId: 'a', lifeMs: 10 })
    rig.trade(1, 'BTC', 600_000)
    rig.move('a', 'COMPLETED')
    rig.trade(11, 'BTC', 600_000)
    expect(changesOf(rig)).toEqual(['a TRIGGERED detector 1', 'a INVALIDATED expiry 11'])
    expect(rig.registry.counters.late).toBe(1)
  })

  it('a step back is late too, and the event stays where it was', () => {
    const rig = haltedRig({ backend })
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    rig.move('a', 'COMPLETING')
    rig.move('a', 'ACTIVE')
    rig.trade(2, 'BTC', 600_000)
    expect(changesOf(rig)).toEqual(['a TRIGGERED detector 1', 'a COMPLETING detector 2'])
    expect(rig.registry.counters.late).toBe(1)
  })

  it('a declined event is invalidated at the time of its decision, and the table lets it go', () => {
    const rig = rigOf({
      backend,
      strategies: [{ name: 'never', eventTypes: ['LIQUIDATION_CASCADE'], onEvent: () => null }],
    })
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    expect(changesOf(rig)).toEqual(['a TRIGGERED detector 1', 'a INVALIDATED declined 1'])
    expect(rig.heardOf('event')[1]!.evidence).toEqual({ declined: 1 })
    expect(rig.region.events.countLive()).toBe(0)
  })

  it('an event that ended while a position holds it stays in the table until that is settled', () => {
    const rig = rigOf({ backend })
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(100, 'BTC', 600_000)
    rig.move('a', 'COMPLETED')
    rig.trade(200, 'BTC', 600_000)
    const { handle } = rig.heardOf('event')[0]!
    expect(rig.region.events.idOf(handle)).toBe('a')
    expect(rig.heardOf('settled')).toHaveLength(0)
    // The exit arrives one latency later.
    rig.trade(300, 'BTC', 600_000)
    expect(rig.heardOf('settled')).toHaveLength(1)
    expect(rig.region.events.idOf(handle)).toBeNull()
  })

  it('a full table loses the event, counts it and says which; what is live goes on', () => {
    const rig = haltedRig({ backend, config: { event_capacity: 64 } })
    for (let index = 0; index < 66; index += 1) rig.detect({ eventId: `e${index}` })
    rig.trade(1, 'BTC', 600_000)
    expect(rig.registry.counters).toMatchObject({ registered: 64, full: 2 })
    expect(rig.reports).toEqual([
      'event e64 is lost: the registry says FULL',
      'event e65 is lost: the registry says FULL',
    ])
    expect(rig.region.events.countLive()).toBe(64)
    rig.move('e64', 'ACTIVE')
    rig.move('e63', 'INVALIDATED')
    rig.trade(2, 'BTC', 600_000)
    expect(rig.registry.counters.late).toBe(1)
    rig.detect({ eventId: 'e66' })
    rig.trade(3, 'BTC', 600_000)
    expect(rig.registry.counters).toMatchObject({ registered: 65, full: 2 })
  })

  it('an event that another attachment retired has not expired: its detector’s moves come late, and its id is free', () => {
    const rig = haltedRig({ backend })
    rig.detect({ eventId: 'a', lifeMs: 100 })
    rig.detect({ eventId: 'b', lifeMs: 100 })
    rig.trade(1, 'BTC', 600_000)
    for (const { handle } of rig.heardOf('event')) rig.region.events.retire(handle)
    rig.move('a', 'ACTIVE')
    rig.detect({ eventId: 'b', lifeMs: 200 })
    rig.trade(2, 'BTC', 600_000)
    rig.trade(500, 'BTC', 600_000)
    expect(rig.registry.counters).toMatchObject({ registered: 3, late: 1, expired: 1 })
    expect(rig.registry.nextDueNs()).toBe(Number.POSITIVE_INFINITY)
  })

  it('a detector that failed is counted and reported by name', () => {
    const rig = haltedRig({ backend })
    rig.failDetector(new Error('out of its mind'))
    rig.trade(1, 'BTC', 600_000)
    expect(rig.registry.counters.failedDetectors).toBe(1)
    expect(rig.reports).toEqual(['out of its mind'])
  })
})
