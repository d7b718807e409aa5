/** One made-up run from one seed: a policy, symbols that walk at random, events that come, go on, end and expire, faults of the day. */
import { Random } from '../../src/base/random.ts'
import { recordKinds } from '../../src/domain/market.ts'
import type { PipelineMessage } from '../../src/domain/message.ts'
import type { Strategy } from '../../src/strategy/strategy.ts'
import { Auditor } from './auditor.ts'
import { followsEvent, Rig, type RigOptions, rigEpochMs } from './rig.ts'

const types = ['LIQUIDATION_CASCADE', 'FAILED_HUNT', 'FUNDING_SNAPBACK', 'INVENTORY_DISTRIBUTION'] as const
const allSymbols = ['BTC', 'ETH', 'SOL', 'DOGE'] as const
const steps = ['ACTIVE', 'COMPLETING', 'COMPLETED', 'INVALIDATED'] as const

export interface MadeUpRun {
  readonly seed: number
  readonly rig: Rig
  readonly auditor: Auditor
}

export interface MadeUpRunOptions {
  readonly records?: number
  /** Stays open. */
  readonly journal?: RigOptions['journal']
  readonly backend?: RigOptions['backend']
  readonly wrap?: RigOptions['wrap']
  readonly newWeights?: RigOptions['newWeights']
  /** Hears a message before the auditor does, and says what the auditor is to hear: the canary's fault. */
  readonly bend?: (message: PipelineMessage) => readonly PipelineMessage[]
}

/** Throws, declines or plans, by the event's time of detection: the same event always gets the same answer. */
export const madeUpStrategy: Strategy = {
  ...followsEvent,
  onEvent(event, market) {
    const mood = event.detectedAtNs % 13
    if (mood === 1) throw new Error('this strategy has a bad day')
    if (mood === 2) return null
    const plan = followsEvent.onEvent(event, market)
    if (plan === null || 'declined' in plan) return plan
    return { ...plan, sizeFraction: mood === 3 ? 0.5 : 1, timeStopNs: 1e9 * (1 + mood * 20) }
  },
}

/** Plays the whole run; whatever the auditor finds is thrown. */
export function playMadeUpRun(seed: number, options: MadeUpRunOptions = {}): MadeUpRun {
  const random = new Random(seed)
  const oneOf = <Value>(values: readonly Value[]): Value => values[random.integer(0, values.length - 1)]!
  const happens = (chance: number): boolean => random.fraction() < chance
  const symbols = allSymbols.slice(0, random.integer(1, allSymbols.length))
  let auditor: Auditor | null = null
  const rig = new Rig({
    symbols,
    backend: options.backend ?? 'auto',
    keepsHeard: false,
    epochMs: rigEpochMs,
    config: {
      capital: oneOf([0, 1, 25.5, 1000, 10_000, 1_000_000]),
      positions_max: 8,
      event_capacity: 64,
      lease_ms: oneOf([1, 5000]),
      fill: {
        latency_ms: oneOf([0, 1, 50, 2000, 10_000]),
        slippage_bps: oneOf([0, 1, 1000]),
        entry_limit_bps: oneOf([0, 0, 10, 50]),
        taker_fee_bps: oneOf([0, 4.5, 100]),
      },
    },
    policy: { ...madeUpPolicy(oneOf, happens), entry: seed % 4 === 0 ? 'completing' : 'decision' },
    ...(options.journal === undefined ? {} : { journal: options.journal }),
    strategies: [madeUpStrategy],
    ...(options.wrap === undefined ? {} : { wrap: options.wrap }),
    ...(options.newWeights === undefined ? {} : { newWeights: options.newWeights }),
    observer: (message) => {
      for (const heard of options.bend?.(message) ?? [message]) auditor!.hear(heard)
    },
  })
  const { policy, capitalMinor } = rig.config
  auditor = new Auditor({ policy, capitalMinor, instruments: rig.instruments })
  const prices = symbols.map(() => oneOf([2, 50, 5_000, 600_000]))
  // Midnight itself, shortly before the next one, or somewhere in the day.
  let atMs = oneOf([0, 86_390_000, random.integer(0, 86_400_000)])
  let eventCount = 0
  const ids: string[] = []
  const records = options.records ?? 300
  for (let index = 0; index < records; index += 1) {
    atMs += oneOf([0, 0, 0, 1, 7, 50, 100, 1000, 20_000, happens(0.05) ? 3_600_000 : 500])
    const symbolIndex = random.integer(0, symbols.length - 1)
    const symbol = symbols[symbolIndex]!
    const bursts = happens(0.05) ? oneOf([0, 0, 12]) : happens(0.3) ? 1 : 0
    for (let burst = 0; burst < bursts; burst += 1) {
      eventCount += 1
      const eventId = `event_${eventCount}`
      ids.push(eventId)
      rig.detect({
        eventId,
        symbol: oneOf(symbols),
        eventType: oneOf(types),
        side: oneOf(['long', 'short']),
        priorityScore: oneOf([0, 0.5, 1, random.fraction()]),
        lifeMs: oneOf([1, 50, 100, 1000, 120_000, 1_200_000]),
        capitalRequiredMinor: oneOf([0, 0, 0, 1, 100_000, random.integer(0, 2_000_000)]),
        regime: oneOf(['expansion', 'trend', 'sideways', 'contraction']),
      })
    }
    if (ids.length > 0 && happens(0.3)) rig.move(oneOf(ids.slice(-12)), oneOf(steps))
    if (happens(0.02)) {
      rig.tradingState = rig.tradingState === 'ACTIVE' ? 'HALTED' : 'ACTIVE'
      rig.arbitration.markChanged()
    }
    if (happens(0.02)) rig.stateAgeMs = rig.stateAgeMs === 0 ? 60_000 : 0
    if (happens(0.1)) rig.context(atMs, symbol, prices[symbolIndex]!)
    else {
      const move = happens(0.05) ? 0.03 : 0.003
      prices[symbolIndex] = Math.max(1, Math.round(prices[symbolIndex]! * (1 + (random.fraction() - 0.5) * 2 * move)))
      const aggressor = oneOf([1, -1])
      rig.process({
        kind: recordKinds.trade,
        symbol,
        atMs,
        priceTicks: prices[symbolIndex]!,
        quantityLots: 1,
        aggressor,
      })
    }
    auditor.checkAtRest(rig.region)
  }
  rig.pipeline.stop()
  auditor.checkAtEnd(rig.region)
  return { seed, rig, auditor }
}

function madeUpPolicy(
  oneOf: <Value>(values: readonly Value[]) => Value,
  happens: (chance: number) => boolean,
): Record<string, unknown> {
  return {
    selection: oneOf(['score', 'score', 'hierarchy', 'portfolio', 'portfolio']),
    max_open_positions: oneOf([1, 2, 3, 8]),
    max_positions_per_symbol: oneOf([1, 1, 2]),
    interlock: oneOf([null, { scope: 'account' }, { scope: 'symbol' }]),
    max_wait_s: oneOf([null, 0, 1, 120]),
    age_boost: oneOf([null, { cap: 0.3, horizon_s: 120 }]),
    fair_queue: oneOf(['off', 'round_robin', 'deficit']),
    capital_slots: oneOf([
      null,
      null,
      { LIQUIDATION_CASCADE: 0.7, FAILED_HUNT: 0.2, '*': 0.1 },
      { FUNDING_SNAPBACK: 0.333333, LIQUIDATION_CASCADE: 0.333333 },
      { '*': 1 },
    ]),
    capital_slots_borrow: oneOf(['none', 'idle']),
    allocation: oneOf(['proportional', 'floor', 'need']),
    leverage: oneOf([1, 3, 50]),
    risk_per_trade: oneOf([0.0001, 0.02, 1]),
    min_priority_score: happens(0.2) ? 0.4 : 0,
    decision_interval_ms: oneOf([1, 100, 5000]),
  }
}
