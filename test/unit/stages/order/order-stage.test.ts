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

const stepsOf = (rig: Rig): string[] => rig.heardOf('position').map(({ to, atNs }) => `${to} ${atNs / 1e6}`)

describe('order: what is granted and not ordered is given back unspent', () => {
  const refusals: readonly [string, RigOptions, RegExp][] = [
    ['the strategy declines', answering(() => null), /^the strategy declines$/],
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
      /^the strategy declines$/,
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
    expect(rig.order.counters).toEqual({ submitted: 0, declined: 1 })
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
    expect(rig.heardOf('settled')).toMatchObject([{ outcome: null }])
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
