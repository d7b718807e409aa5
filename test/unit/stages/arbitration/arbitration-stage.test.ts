import { afterEach, describe, expect, it } from 'vitest'
import type { DecisionMade } from '../../../../src/domain/decision-made.ts'
import type { PipelineMessage } from '../../../../src/domain/message.ts'
import { Region } from '../../../../src/region/region.ts'
import { followsEvent, Rig, type RigOptions } from '../../../simulation/rig.ts'

const rigs: Rig[] = []

function rigOf(options: RigOptions = {}): Rig {
  const rig = new Rig(options)
  rigs.push(rig)
  rig.trade(0, 'BTC', 600_000)
  rig.trade(0, 'ETH', 300_000)
  return rig
}

afterEach(() => {
  for (const rig of rigs.splice(0)) rig.close()
})

const decisionsOf = (rig: Rig) => rig.heardOf('decision')
const candidatesOf = (rig: Rig, index: number): string[] =>
  decisionsOf(rig)[index]!.decision.candidates.map(({ eventId }) => eventId)

/** A rig in which somebody else, attached to the same region, reserves the best event just before the engine does. */
function racedRig(options: RigOptions): { rig: Rig; raced: string[] } {
  const raced: string[] = []
  const setup: { region: Region | null } = { region: null }
  const rig = rigOf({
    ...options,
    wrap: (name, stage) =>
      name !== 'reservation'
        ? stage
        : {
            name: stage.name,
            ...(stage.nextDueNs === undefined ? {} : { nextDueNs: () => stage.nextDueNs!() }),
            onIdle: (nowNs, emit) => stage.onIdle?.(nowNs, emit),
            onBatch: (messages: readonly DecisionMade[], count, emit) => {
              const best = messages[0]!.members[0]
              if (best !== undefined && raced.length === 0) {
                const { handle, event } = best
                raced.push(event.eventId)
                setup.region!.reservations.reserve({ handle, capitalMinor: 1_000, leaseUntilNs: 9e15 })
              }
              stage.onBatch(messages as never[], count, emit)
            },
          },
  })
  setup.region = Region.attach(rig.region.descriptor)
  return { rig, raced }
}

describe('arbitration and whoever was faster', () => {
  it('a decision whose event somebody else has claimed says EVENT_CLAIMED, and the next is taken anew without it', () => {
    const { rig, raced } = racedRig({ policy: { max_open_positions: 3, interlock: null } })
    rig.detect({ eventId: 'best', symbol: 'BTC', priorityScore: 0.9 })
    rig.detect({ eventId: 'second', symbol: 'ETH', priorityScore: 0.5 })
    rig.trade(1, 'BTC', 600_000)
    expect(raced).toEqual(['best'])
    const reserved = rig.heardOf('reserved')
    expect(reserved.slice(0, 2).map(({ statuses }) => statuses)).toEqual([['EVENT_CLAIMED'], ['SUCCESS']])
    expect(reserved.slice(0, 2).map(({ decision }) => decision.decision.selected)).toEqual([['best'], ['second']])
    // What the other holds is an open position of the next decision, in its event's name.
    expect(reserved[1]!.decision.scenario.openPositions).toMatchObject([{ eventId: 'best', capitalMinor: 1_000 }])
    expect(rig.reservation.counters).toMatchObject({ granted: 1, lost: 1 })
  })

  it('a set of which one event was claimed is admitted whole or not at all, and decided anew', () => {
    const policy = { selection: 'portfolio', max_open_positions: 3, interlock: null }
    const { rig } = racedRig({ policy })
    rig.detect({ eventId: 'best', symbol: 'BTC', priorityScore: 0.9 })
    rig.detect({ eventId: 'second', symbol: 'ETH', priorityScore: 0.5 })
    rig.trade(1, 'BTC', 600_000)
    const reserved = rig.heardOf('reserved')
    expect(reserved[0]!.statuses).toEqual(['EVENT_CLAIMED', 'NOT_ATTEMPTED'])
    expect(reserved[1]!.statuses).toEqual(['SUCCESS'])
    expect(reserved[1]!.decision.decision.selected).toEqual(['second'])
  })
})

/** A rig whose arbitration is told what `hears` says of each batch; and nothing of the rest. */
function filteredRig(options: RigOptions, hears: (message: PipelineMessage) => readonly PipelineMessage[]): Rig {
  return rigOf({
    ...options,
    wrap: (name, stage) =>
      name !== 'arbitration'
        ? stage
        : {
            name: stage.name,
            onBatch: (messages: readonly PipelineMessage[], count, emit) => {
              const heard = messages.slice(0, count).flatMap(hears)
              stage.onBatch(heard as never[], heard.length, emit)
            },
          },
  })
}

describe('arbitration where a thread has ended', () => {
  it('an event whose begin was never told, and whose end is, does not hide another one', () => {
    const rig = filteredRig({}, (message) =>
      message.kind === 'event' && message.event.eventId === 'untold' && message.state === 'TRIGGERED' ? [] : [message],
    )
    rig.detect({ eventId: 'untold' })
    rig.trade(1, 'BTC', 600_000)
    rig.move('untold', 'INVALIDATED')
    rig.trade(2, 'BTC', 600_000)
    rig.detect({ eventId: 'a', symbol: 'ETH' })
    rig.trade(3, 'ETH', 300_000)
    expect(decisionsOf(rig).map(({ decision }) => decision.selected)).toEqual([['a']])
  })

  it('while a decision is not answered, leases that ended let no second one out; a reservation that begins anew does', () => {
    const told: PipelineMessage[] = []
    const rig = filteredRig({ policy: { max_open_positions: 3, interlock: null } }, (message) =>
      message.kind === 'reserved' ? [] : message.kind === 'state' ? [message, ...told.splice(0)] : [message],
    )
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    told.push({ kind: 'recovered', count: 1 })
    rig.detect({ eventId: 'b', symbol: 'ETH' })
    rig.trade(2, 'ETH', 300_000)
    expect(decisionsOf(rig)).toHaveLength(1)
    told.push({ kind: 'recovered', count: 0 })
    rig.trade(3, 'ETH', 300_000)
    expect(decisionsOf(rig)).toHaveLength(2)
    // What was granted meanwhile is held, and no candidate again.
    expect(candidatesOf(rig, 1)).toEqual(['b'])
  })
})

describe('arbitration', () => {
  it('decides once on all that one record brought, best first', () => {
    const rig = rigOf()
    rig.detect({ eventId: 'low', symbol: 'ETH', priorityScore: 0.2 })
    rig.detect({ eventId: 'high', symbol: 'BTC', priorityScore: 0.9 })
    rig.trade(1, 'BTC', 600_000)
    const [first] = decisionsOf(rig)
    expect(candidatesOf(rig, 0)).toEqual(['high', 'low'])
    expect(first!.decision.selected).toEqual(['high'])
    expect(first!.decision.selectionReason).toBe('highest_score')
    expect(first!.stamp.stateVersion).toBe(3)
    expect(rig.arbitration.counters).toMatchObject({ multiEvent: 1, selected: 1 })
  })

  it('takes each decision an own sequence, from the journal’s first on, none skipped by repeats', () => {
    const rig = rigOf()
    rig.tradingState = 'HALTED'
    rig.detect({ eventId: 'a' })
    for (let atMs = 1; atMs < 2_000; atMs += 50) rig.trade(atMs, 'BTC', 600_000)
    rig.detect({ eventId: 'b', priorityScore: 0.9 })
    rig.trade(2_001, 'BTC', 600_000)
    expect(decisionsOf(rig).map(({ stamp }) => stamp.sequence)).toEqual([1, 2])
    expect(rig.arbitration.counters.repeats).toBeGreaterThan(10)
    expect(decisionsOf(rig)[1]!.arbitrationId).toBe('arb_20260617_000002_000002')
  })

  it('without a change it looks again every decision interval, and not in between', () => {
    const rig = rigOf({ policy: { decision_interval_ms: 100 } })
    rig.tradingState = 'HALTED'
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    const looks = () => rig.arbitration.counters.decisions + rig.arbitration.counters.repeats
    const before = looks()
    for (let index = 0; index < 1_000; index += 1) rig.trade(100, 'BTC', 600_000)
    expect(looks()).toBe(before)
    for (let index = 0; index < 1_000; index += 1) rig.trade(101, 'BTC', 600_000)
    expect(looks()).toBe(before + 1)
    rig.trade(200, 'BTC', 600_000)
    expect(looks()).toBe(before + 1)
    rig.trade(201, 'BTC', 600_000)
    expect(looks()).toBe(before + 2)
  })

  it('a repeat is another decision when a reason changes', () => {
    const rig = rigOf()
    rig.tradingState = 'HALTED'
    rig.detect({ eventId: 'a' })
    rig.trade(1, 'BTC', 600_000)
    rig.tradingState = 'ACTIVE'
    rig.stateAgeMs = 5_000
    rig.arbitration.markChanged()
    rig.trade(2, 'BTC', 600_000)
    expect(decisionsOf(rig).map(({ decision }) => decision.rejected[0]!.reason)).toEqual(['halted', 'stale_state'])
  })

  it('an event is no candidate from its very instant of expiry on', () => {
    const rig = rigOf()
    rig.tradingState = 'HALTED'
    rig.detect({ eventId: 'a', lifeMs: 100 })
    rig.detect({ eventId: 'b', lifeMs: 1_000 })
    rig.trade(1, 'BTC', 600_000)
    rig.tradingState = 'ACTIVE'
    rig.arbitration.markChanged()
    rig.trade(101, 'BTC', 600_000)
    for (const index of decisionsOf(rig).keys()) {
      if (index > 0) expect(candidatesOf(rig, index)).toEqual(['b'])
    }
    expect(rig.heardOf('position')[0]!.position.grant.member.event.eventId).toBe('b')
  })

  it('an event that was entered is never selected again, even when its position is closed and it still lives', () => {
    const rig = rigOf()
    rig.detect({ eventId: 'a', targetTicks: 601_000 })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(100, 'BTC', 600_000)
    rig.trade(200, 'BTC', 601_000)
    expect(rig.heardOf('settled')).toHaveLength(1)
    rig.detect({ eventId: 'b' })
    rig.trade(1_000, 'BTC', 600_000)
    const last = decisionsOf(rig).findLast(({ decision }) => decision.selected.length > 0)!
    expect(last.decision.selected).toEqual(['b'])
    expect(last.decision.candidates.map(({ eventId }) => eventId)).toEqual(['b'])
  })

  it('positions are what the ledger holds, reserved ones of others included', () => {
    const rig = rigOf({ policy: { interlock: null } })
    rig.tradingState = 'HALTED'
    rig.detect({ eventId: 'a', symbol: 'ETH' })
    rig.trade(1, 'BTC', 600_000)
    const { handle } = rig.heardOf('event')[0]!
    const reserved = rig.region.reservations.reserve({ handle, capitalMinor: 400_000, leaseUntilNs: 9e15 })
    expect(reserved.ok).toBe(true)
    rig.tradingState = 'ACTIVE'
    rig.detect({ eventId: 'b', symbol: 'BTC' })
    rig.trade(2, 'BTC', 600_000)
    const { decision, scenario } = decisionsOf(rig).at(-1)!
    expect(scenario.openPositions).toEqual([
      { eventId: 'a', eventType: 'LIQUIDATION_CASCADE', symbol: 'ETH', capitalMinor: 400_000 },
    ])
    expect(decision.rejected.find(({ eventId }) => eventId === 'b')!.reason).toBe('max_open_positions')
    expect(decision.capitalUnallocatedMinor).toBe(600_000)
  })

  it('remembers the last executed type for the round robin', () => {
    const strategies = [{ ...followsEvent, onEvent: () => null }]
    const rig = rigOf({ policy: { fair_queue: 'round_robin' }, strategies })
    rig.detect({ eventId: 'cascade-1', priorityScore: 0.9 })
    rig.detect({ eventId: 'cascade-2', priorityScore: 0.8 })
    rig.detect({ eventId: 'hunt', eventType: 'FAILED_HUNT', priorityScore: 0.1 })
    rig.trade(1, 'BTC', 600_000)
    const served = decisionsOf(rig).map(({ decision, scenario }) => [scenario.lastExecutedType, ...decision.selected])
    expect(served).toEqual([
      [null, 'cascade-1'],
      ['LIQUIDATION_CASCADE', 'hunt'],
      ['FAILED_HUNT', 'cascade-2'],
    ])
  })

  it('deficits of the deficit queue go on from decision to decision', () => {
    const strategies = [{ ...followsEvent, onEvent: () => null }]
    const policy = { fair_queue: 'deficit', fair_queue_quantum: 0.1 }
    const rig = rigOf({ policy, strategies })
    rig.detect({ eventId: 'cascade-1', priorityScore: 0.9 })
    rig.detect({ eventId: 'cascade-2', priorityScore: 0.8 })
    rig.detect({ eventId: 'hunt', eventType: 'FAILED_HUNT', priorityScore: 0.1 })
    rig.trade(1, 'BTC', 600_000)
    const told = decisionsOf(rig).map(({ decision }) => [decision.selected[0], decision.deficitsMinor])
    expect(told).toEqual([
      ['cascade-1', { LIQUIDATION_CASCADE: -900_000, FAILED_HUNT: 100_000 }],
      ['hunt', { LIQUIDATION_CASCADE: -800_000, FAILED_HUNT: -800_000 }],
      ['cascade-2', { LIQUIDATION_CASCADE: -1_700_000 }],
    ])
  })

  it('an event whose symbol has not traded yet cannot be bought: risk_limit, until it has', () => {
    const rig = rigOf()
    rig.context(1, 'SOL', 1_500_000)
    rig.detect({ eventId: 'a', symbol: 'SOL', targetTicks: 1_600_000, stopTicks: 1_400_000 })
    rig.context(2, 'SOL', 1_500_000)
    expect(decisionsOf(rig)[0]!.decision.rejected).toMatchObject([{ eventId: 'a', reason: 'risk_limit' }])
    rig.trade(200, 'SOL', 1_500_000)
    expect(decisionsOf(rig).some(({ decision }) => decision.selected.includes('a'))).toBe(true)
  })

  it('the regime of an entry is its best candidate’s', () => {
    const rig = rigOf()
    rig.tradingState = 'HALTED'
    rig.detect({ eventId: 'low', priorityScore: 0.1, regime: 'sideways' })
    rig.detect({ eventId: 'high', priorityScore: 0.9, regime: 'trend' })
    rig.trade(1, 'BTC', 600_000)
    expect(decisionsOf(rig)[0]!.scenario.regime).toBe('trend')
  })

  it('capital that is lost, and more, refuses everything and breaks nothing', () => {
    const rig = rigOf({
      config: { capital: 100, fill: { taker_fee_bps: 100, slippage_bps: 1000 } },
      policy: { leverage: 1000, risk_per_trade: 1 },
    })
    rig.detect({ eventId: 'a', stopTicks: 599_000 })
    rig.trade(1, 'BTC', 600_000)
    rig.trade(100, 'BTC', 300_000)
    rig.trade(200, 'BTC', 100_000)
    expect(rig.region.reservations.capitalMinor()).toBeLessThan(0)
    rig.detect({ eventId: 'b' })
    rig.trade(300, 'BTC', 300_000)
    const { decision, scenario } = decisionsOf(rig).at(-1)!
    expect(scenario.capitalMinor).toBe(0)
    expect(decision.rejected.find(({ eventId }) => eventId === 'b')!.reason).toBe('insufficient_capital')
    expect(decision.capitalUnallocatedMinor).toBe(0)
  })
})
