import { afterEach, describe, expect, it } from 'vitest'
import { slotStates } from '../../../../src/domain/reservation.ts'
import type { Strategy } from '../../../../src/strategy/strategy.ts'
import { followsEvent, Rig, type RigOptions } from '../../../simulation/rig.ts'

const rigs: Rig[] = []
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.close()
})

function rigOf(options: RigOptions = {}): Rig {
  const rig = new Rig(options)
  rigs.push(rig)
  rig.trade(0, 'BTC', 600_000)
  rig.trade(0, 'ETH', 300_000)
  return rig
}

const answering = (onEvent: Strategy['onEvent']): Pick<RigOptions, 'strategies'> => ({
  strategies: [{ ...followsEvent, onEvent }],
})

const noOrders = {
  submitted: 0,
  opened: 0,
  refused: { beyond_limit: 0, beyond_margin: 0, end_of_data: 0 },
  declined: 0,
}

const stepsOf = (rig: Rig): string[] => rig.heardOf('position').map(({ to, atNs }) => `${to} ${atNs / 1e6}`)

describe('order: what is granted and not ordered is given back unspent', () => {
  const refusals: readonly [string, RigOptions, RegExp][] = [
    ['the strategy declines', answering(() => null), /^follows-event declines$/],
    [
      'the strategy declines and says why',
      answering(() => ({ declined: 'spread 8 bp, at most 5' })),
      /^follows-event declines: spread 8 bp, at most 5$/,
    ],
    [
      'the strategy throws',
      answering(() => {
        throw new Error('a bad day')
      }),
      /follows-event on a: a bad day/,
    ],
    [
      'its target lies behind the price',
      answering(() => ({ side: 'long', sizeFraction: 1, targetTicks: 599_000, stopTicks: 590_000, timeStopNs: 1e9 })),
      /targetTicks/,
    ],
    [
      'its size is no fraction',
      answering(() => ({ side: 'long', sizeFraction: 1.5, targetTicks: 606_000, stopTicks: 590_000, timeStopNs: 1e9 })),
      /sizeFraction/,
    ],
    [
      'nothing in it is a number',
      answering(() => ({
        side: 'long',
        sizeFraction: Number.NaN,
        targetTicks: Number.NaN,
        stopTicks: Number.NaN,
        timeStopNs: Number.NaN,
      })),
      /must be/,
    ],
    [
      'its part buys no lot',
      answering(({ targetTicks, stopTicks }) => ({
        side: 'long',
        sizeFraction: 0.000_001,
        targetTicks,
        stopTicks,
        timeStopNs: 1e9,
      })),
      /^risk_limit$/,
    ],
    [
      'no strategy answers the type',
      { strategies: [{ ...followsEvent, eventTypes: ['FAILED_HUNT'] }] },
      /^no strategy answers LIQUIDATION_CASCADE$/,
    ],
  ]
  it.each(refusals)('%s', (_title, options, reason) => {
    const rig = rigOf(options)
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    expect(rig.heardOf('reserved')[0]!.statuses).toEqual(['SUCCESS'])
    expect(rig.heardOf('declined')).toMatchObject([{ eventId: 'a', atNs: 1e6, reason: expect.stringMatching(reason) }])
    expect(rig.heardOf('position')).toEqual([])
    expect(rig.region.reservations.positions()).toEqual([])
    expect(rig.region.reservations.capitalMinor()).toBe(1_000_000)
    expect(rig.order.counters).toEqual({ ...noOrders, declined: 1 })
  })

  it('the capital goes to the next event at the same instant', () => {
    const rig = rigOf(
      answering((event, market) => (event.eventId === 'a' ? null : followsEvent.onEvent(event, market))),
    )
    rig.detect({ eventId: 'a', priorityScore: 0.9 })
    rig.detect({ eventId: 'b', priorityScore: 0.1 })
    rig.trade(1, 'BTC', 600_000)
    expect(rig.heardOf('position')[0]).toMatchObject({ to: 'submitted', atNs: 1e6 })
    expect(rig.heardOf('position')[0]!.position.grant.member.event.eventId).toBe('b')
  })
})

describe('order: a position goes on', () => {
  it('SUBMITTED is committed before the order leaves', () => {
    const states: number[] = []
    const rig: Rig = rigOf({
      observer: (message) => {
        if (message.kind === 'position') states.push(rig.region.reservations.positions()[0]!.state)
      },
    })
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(100, 'BTC', 600_000)
    rig.trade(200, 'BTC', 606_000)
    expect(states).toEqual([slotStates.SUBMITTED, slotStates.OPEN, slotStates.CLOSING, slotStates.CLOSING])
  })

  it('in order, one latency after the decision, even when it is filled and closed between two records', () => {
    const rig = rigOf(
      answering(({ targetTicks, stopTicks }) => ({
        side: 'long',
        sizeFraction: 1,
        targetTicks,
        stopTicks,
        timeStopNs: 1e9,
      })),
    )
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(60_000, 'BTC', 600_000)
    expect(stepsOf(rig)).toEqual(['submitted 1', 'open 51', 'closing 1051', 'closed 1101'])
    expect(rig.heardOf('settled')[0]!.outcome!.exitReason).toBe('time_stop')
  })

  it('with no latency all of it may be one instant, and still in order', () => {
    const rig = rigOf({ config: { fill: { latency_ms: 0 } } })
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(1, 'BTC', 606_000)
    expect(stepsOf(rig)).toEqual(['submitted 1', 'open 1', 'closing 1', 'closed 1'])
    expect(rig.heardOf('settled')[0]!.outcome!.exitReason).toBe('target_hit')
  })

  it('its event ends by the detector: the position is closed one latency later', () => {
    for (const [to, exitReason] of [
      ['COMPLETED', 'event_completed'],
      ['INVALIDATED', 'invalidated'],
    ] as const) {
      const rig = rigOf()
      rig.detect({ eventId: 'a' })
      rig.trade(1, 'BTC', 600_000)
      rig.trade(100, 'BTC', 600_000)
      rig.move('a', to)
      rig.trade(200, 'BTC', 600_000)
      rig.trade(300, 'BTC', 600_000)
      expect(stepsOf(rig)).toEqual(['submitted 1', 'open 51', 'closing 200', 'closed 250'])
      expect(rig.heardOf('settled')[0]!.outcome!.exitReason).toBe(exitReason)
    }
  })

  it('its event ends before the entry has arrived: the exit is sent at the arrival', () => {
    const rig = rigOf()
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    rig.move('a', 'INVALIDATED')
    rig.trade(20, 'BTC', 600_000)
    rig.trade(300, 'BTC', 600_000)
    expect(stepsOf(rig)).toEqual(['submitted 1', 'open 51', 'closing 51', 'closed 101'])
  })

  it('its event expires: the position goes on to its own stop', () => {
    const rig = rigOf()
    rig.detect({ eventId: 'a', lifeMs: 500, stopTicks: 597_000 })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(1_000, 'BTC', 600_000)
    expect(rig.heardOf('event').at(-1)).toMatchObject({ state: 'INVALIDATED', cause: 'expiry', atNs: 501e6 })
    expect(stepsOf(rig)).toEqual(['submitted 1', 'open 51'])
    rig.trade(2_000, 'BTC', 597_000)
    rig.trade(3_000, 'BTC', 597_000)
    expect(stepsOf(rig)).toEqual(['submitted 1', 'open 51', 'closing 2000', 'closed 2050'])
    expect(rig.heardOf('settled')[0]!.outcome!.exitReason).toBe('stop_hit')
  })

  it('another symbol’s trades and anybody’s contexts move neither its stop nor its target', () => {
    const rig = rigOf()
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(100, 'ETH', 1)
    rig.context(200, 'BTC', 1)
    expect(stepsOf(rig)).toEqual(['submitted 1', 'open 51'])
  })

  it('the market moves first: a position sees the very record that its detector ends its event at', () => {
    const rig = rigOf()
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(100, 'BTC', 600_000)
    rig.move('a', 'COMPLETED')
    rig.trade(200, 'BTC', 606_000)
    expect(rig.heardOf('settled')[0]!.outcome!.exitReason).toBe('target_hit')
    expect(stepsOf(rig)).toEqual(['submitted 1', 'open 51', 'closing 200', 'closed 200'])
  })

  it('at the end of the data it is closed at the last price', () => {
    const rig = rigOf()
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(1_000, 'BTC', 601_000)
    rig.pipeline.stop()
    expect(rig.heardOf('settled')[0]!.outcome!).toMatchObject({ exitReason: 'end_of_data', exitAtNs: 1000e6 })
    expect(rig.region.reservations.positions()).toEqual([])
  })

  it('at the end of the data an order that has not arrived never was: refused, without an outcome, capital untouched', () => {
    const rig = rigOf()
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    rig.pipeline.stop()
    expect(stepsOf(rig)).toEqual(['submitted 1', 'refused 1'])
    expect(rig.heardOf('settled')).toMatchObject([{ outcome: null, refusal: { reason: 'end_of_data', atNs: 1e6 } }])
    expect(rig.order.counters.refused.end_of_data).toBe(1)
    expect(rig.region.reservations.account()).toEqual({ capitalMinor: 1_000_000, positions: [] })
    expect(rig.outcome.books.trades).toBe(0)
  })

  it('several fall due at one instant: in the order of submission', () => {
    const rig = rigOf({ policy: { interlock: null, selection: 'portfolio', max_open_positions: 3 } })
    rig.trade(0, 'SOL', 1_500_000)
    for (const symbol of ['SOL', 'BTC', 'ETH']) rig.detect({ eventId: symbol, symbol })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(100, 'BTC', 600_000)
    const told = rig.heardOf('position').map(({ to, position }) => `${to} ${position.grant.member.event.eventId}`)
    const [first, second, third] = rig.heardOf('decision')[0]!.decision.selected
    expect(told).toEqual([
      `submitted ${first}`,
      `submitted ${second}`,
      `submitted ${third}`,
      `open ${first}`,
      `open ${second}`,
      `open ${third}`,
    ])
  })
})

describe('order: an entry is filled within its limit or not at all', () => {
  // The decision sees 600,000: slippage of 1 bp and an allowance of 10 bp set the limits 600,660 and 599,340.
  const sides: readonly [side: 'long' | 'short', limitTicks: number, within: number, beyond: number][] = [
    ['long', 600_660, 600_599, 600_600],
    ['short', 599_340, 599_400, 599_399],
  ]

  it.each(sides)('%s: at its limit it is filled, and is worth no more than was granted', (side, limitTicks, within) => {
    const rig = rigOf()
    rig.detect({ eventId: 'a', side })
    rig.trade(1, 'BTC', 600_000)
    expect(rig.heardOf('position')[0]!.position.order).toMatchObject({ limitTicks, notionalMaxMinor: 1_000_000 })
    rig.trade(20, 'BTC', within)
    rig.trade(100, 'BTC', within)
    rig.pipeline.stop()
    const { entryTicks, quantityLots } = rig.heardOf('settled')[0]!.outcome!
    expect(entryTicks).toBe(limitTicks)
    // BTC has 1 and 5 decimals: a lot at a tick is a ten-thousandth of a minor unit.
    expect(entryTicks * quantityLots).toBeLessThanOrEqual(1_000_000 * 10_000)
    expect(rig.order.counters).toEqual({ ...noOrders, submitted: 1, opened: 1 })
  })

  it.each(sides)(
    '%s: beyond it the venue refuses: slot and capital are free, the event is spent, nothing is booked',
    (side, _limitTicks, _within, beyond) => {
      const rig = rigOf()
      rig.detect({ eventId: 'a', side })
      rig.trade(1, 'BTC', 600_000)
      const { handle } = rig.heardOf('event')[0]!
      rig.trade(20, 'BTC', beyond)
      rig.trade(100, 'BTC', 600_000)
      expect(stepsOf(rig)).toEqual(['submitted 1', 'refused 51'])
      const [settled] = rig.heardOf('settled')
      expect(settled).toMatchObject({ outcome: null, refusal: { reason: 'beyond_limit', atNs: 51e6 } })
      expect(rig.region.reservations.account()).toEqual({ capitalMinor: 1_000_000, positions: [] })
      expect(rig.outcome.books.trades).toBe(0)
      expect(rig.order.counters).toEqual({
        ...noOrders,
        submitted: 1,
        refused: { ...noOrders.refused, beyond_limit: 1 },
      })
      expect(rig.region.reservations.reserve({ handle, capitalMinor: 1, leaseUntilNs: 1e12 })).toEqual({
        ok: false,
        refusal: 'EVENT_CLAIMED',
      })
      // It is live and no candidate: nothing enters it a second time, however long it lasts.
      rig.trade(1_000, 'BTC', 600_000)
      rig.trade(60_000, 'BTC', 600_000)
      expect(rig.heardOf('decision')).toHaveLength(1)
    },
  )

  it('the capital of a refused entry goes to the event that was turned down for it, at that instant', () => {
    const rig = rigOf()
    rig.detect({ eventId: 'a', priorityScore: 0.9 })
    rig.detect({ eventId: 'b', priorityScore: 0.1, symbol: 'ETH' })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(20, 'BTC', 601_000)
    rig.trade(100, 'BTC', 601_000)
    const told = rig.heardOf('position').map(({ to, atNs, position }) => {
      return `${to} ${position.grant.member.event.eventId} ${atNs / 1e6}`
    })
    expect(told).toEqual(['submitted a 1', 'refused a 51', 'submitted b 51'])
  })

  it('a long that got cheaper is filled, and a short that got so dear that its margin does not carry it is refused', () => {
    const long = rigOf()
    long.detect({ eventId: 'a', stopTicks: 590_000 })
    long.trade(1, 'BTC', 600_000)
    long.trade(20, 'BTC', 595_000)
    long.trade(100, 'BTC', 595_000)
    expect(stepsOf(long)).toEqual(['submitted 1', 'open 51'])
    const short = rigOf()
    short.detect({ eventId: 'a', side: 'short', stopTicks: 606_000 })
    short.trade(1, 'BTC', 600_000)
    short.trade(20, 'BTC', 602_000)
    short.trade(100, 'BTC', 602_000)
    expect(stepsOf(short)).toEqual(['submitted 1', 'refused 51'])
    expect(short.heardOf('settled')[0]!.refusal).toMatchObject({ reason: 'beyond_margin', priceTicks: 601_939 })
  })

  it('a stop that the market has reached at the arrival is still handled: filled, and the exit is sent at once', () => {
    const rig = rigOf()
    rig.detect({ eventId: 'a', stopTicks: 597_000 })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(20, 'BTC', 596_000)
    rig.trade(200, 'BTC', 596_000)
    expect(stepsOf(rig)).toEqual(['submitted 1', 'open 51', 'closing 51', 'closed 101'])
    expect(rig.heardOf('settled')[0]!.outcome!.exitReason).toBe('stop_hit')
  })
})
