import { describe, expect, it } from 'vitest'
import { Arbiter } from '../../../../src/decide/arbiter.ts'
import { type CandidateInput, CandidateSet } from '../../../../src/decide/candidate-set.ts'
import { type DecisionView, rejectionCode } from '../../../../src/decide/decision-view.ts'
import { PositionSet } from '../../../../src/decide/position-set.ts'
import type { RejectionReason } from '../../../../src/domain/decision.ts'
import { eventTypesOf } from '../../../../src/domain/policy.ts'
import { ArbitrationHealth } from '../../../../src/stages/arbitration/arbitration-health.ts'
import { account, candidate, fill, policyOf } from '../../decide/support.ts'

const second = 1_000_000_000
const [cascade, hunt, snapback, distribution] = [0, 1, 2, 3]

/** A health, the arbiter before it, and what a stage would do with both. Ids stand for handles. */
class Bench {
  readonly health: ArbitrationHealth
  readonly #arbiter: Arbiter
  readonly #candidates = new CandidateSet(16)
  readonly #positions = new PositionSet(8)
  readonly #handles = new Map<string, number>()

  constructor(policyJson: Record<string, unknown> = {}) {
    const policy = policyOf(policyJson)
    const types = eventTypesOf(policy)
    this.health = new ArbitrationHealth(policy, types)
    this.#arbiter = new Arbiter(policy, types, 16)
  }

  /** @param bend - Spoils the decision before the health hears of it. */
  decide(
    nowS: number,
    inputs: readonly CandidateInput[],
    open: readonly { id: string; type: number; symbol?: number; capitalMinor?: number }[] = [],
    bend: (view: DecisionView, indexOf: (id: string) => number) => void = () => undefined,
  ): void {
    const handled = inputs.map((input) => ({ ...input, handle: this.handleOf(input.eventId) }))
    const candidates = fill(this.#candidates, handled)
    this.#positions.clear()
    for (const { id, type, symbol, capitalMinor } of open) {
      this.#positions.add(id, type, symbol ?? 9, capitalMinor ?? 1_000, this.handleOf(id))
    }
    const nowNs = nowS * second
    const view = this.#arbiter.decide(candidates, this.#positions, { ...account, nowNs })
    bend(view, (id) => candidates.ids.indexOf(id))
    this.health.decided(view, candidates, this.#positions, nowNs)
  }

  handleOf(id: string): number {
    const handle = this.#handles.get(id) ?? this.#handles.size + 1
    this.#handles.set(id, handle)
    return handle
  }
}

const since = (seconds: number): Partial<CandidateInput> => ({
  detectedAtNs: seconds * second,
  waitingSinceNs: seconds * second,
})

describe('arbitration health: starvation', () => {
  it('an event that waited exactly the bound has not starved, a nanosecond more has, and is counted once', () => {
    const bench = new Bench({ max_wait_s: 10 })
    const [first, late] = [candidate('first', since(0)), candidate('late', since(1))]
    bench.decide(11, [first, late])
    expect(bench.health.starvationEvents).toBe(0)
    const later = { ...late, waitingSinceNs: second - 1 }
    bench.decide(11, [first, later])
    bench.decide(12, [first, later])
    expect(bench.health.starvationEvents).toBe(1)
  })

  it('who is served, who is not admissible and who waits under no bound does not starve', () => {
    const bench = new Bench({ max_wait_s: 10, min_priority_score: 0.3 })
    bench.decide(100, [candidate('served', since(0)), candidate('weak', { ...since(0), priorityScore: 0.1 })])
    expect(bench.health.starvationEvents).toBe(0)
    const unbound = new Bench({ max_wait_s: null })
    unbound.decide(100_000, [candidate('a', since(0)), candidate('b', since(0))])
    expect(unbound.health.starvationEvents).toBe(0)
  })
})

describe('arbitration health: priority inversions', () => {
  const best = candidate('best', { priorityScore: 0.9 })
  const middle = candidate('middle', { typeIndex: hunt!, priorityScore: 0.5, symbolIndex: 1 })
  const last = candidate('last', { typeIndex: snapback!, priorityScore: 0.1, symbolIndex: 2 })

  /** The last takes the best one's place, for the given reason. */
  const swapped = (reason: RejectionReason | null, blockedBy = '') => {
    return (view: DecisionView, indexOf: (id: string) => number): void => {
      const from = view.members[0]!
      view.members[0] = indexOf('last')
      view.rejection[indexOf('last')] = 0
      view.rejection[from] = reason === null ? 0 : rejectionCode(reason)
      if (blockedBy !== '') view.blockedByCandidate[from] = indexOf(blockedBy)
    }
  }

  it.each([
    ['the score', { selection: 'score' }],
    ['the tiers', { selection: 'hierarchy', tiers: { FUNDING_SNAPBACK: 1, LIQUIDATION_CASCADE: 2 } }],
    ['a portfolio', { selection: 'portfolio', max_open_positions: 2 }],
    ['a turn in the queue', { fair_queue: 'round_robin' }],
  ])('a decision by %s is none', (_, policy) => {
    const bench = new Bench(policy)
    bench.decide(1, [best, middle, last])
    expect(bench.health.priorityInversions).toBe(0)
  })

  it('the starvation bound passes over ranks with a reason', () => {
    const bench = new Bench({ max_wait_s: 10 })
    bench.decide(100, [
      { ...best, ...since(99) },
      { ...last, ...since(0) },
    ])
    expect(bench.health.priorityInversions).toBe(0)
  })

  const lies: [string, Record<string, unknown>, RejectionReason | null, string][] = [
    ['no reason at all', {}, null, ''],
    ['a lower score that is higher', {}, 'lower_score', ''],
    ['a lower tier where tiers are not asked', {}, 'lower_tier', ''],
    ['a lower tier that is higher', { selection: 'hierarchy' }, 'lower_tier', ''],
    ['a queue that is off', {}, 'fair_queue', ''],
    ['the bound, by one who did not wait', {}, 'starvation_bound', 'last'],
    ['an interlock with nobody', { selection: 'portfolio' }, 'interlocked', ''],
    ['an interlock that is off', { selection: 'portfolio', interlock: null }, 'interlocked', 'last'],
    ['a full symbol that is another', { selection: 'portfolio' }, 'slot_taken', 'last'],
    ['a full account that has room', { selection: 'portfolio', max_open_positions: 3 }, 'max_open_positions', ''],
    ['a rule that it passed', {}, 'halted', ''],
  ]

  it.each(lies)('canary: a planted inversion with %s is counted', (_, policy, reason, blockedBy) => {
    const bench = new Bench(policy)
    bench.decide(1, [best, last], [], swapped(reason, blockedBy))
    expect(bench.health.priorityInversions).toBe(1)
  })

  it('canary: ranks that were bent together with the choice do not hide it', () => {
    const bench = new Bench()
    bench.decide(1, [best, last], [], (view, indexOf) => {
      swapped('lower_score')(view, indexOf)
      view.order.set([indexOf('last'), indexOf('best')])
      view.rankOf.set([view.rankOf[1]!, view.rankOf[0]!])
    })
    expect(bench.health.priorityInversions).toBe(1)
  })
})

describe('arbitration health: waiting for a lower tier’s position', () => {
  const waiting = candidate('waiting', { typeIndex: cascade! })
  const lower = { id: 'lower', type: distribution! }

  it('from the decision that turned it down to the one that did not', () => {
    const bench = new Bench()
    bench.decide(1, [waiting], [lower])
    bench.decide(4, [waiting], [lower])
    bench.decide(9, [waiting])
    expect(bench.health.holderWaits).toEqual({ events: 1, totalNs: 8 * second, maxNs: 8 * second })
  })

  it('a position of the same or a higher tier is none', () => {
    const bench = new Bench()
    bench.decide(1, [{ ...waiting, typeIndex: snapback! }], [{ id: 'higher', type: hunt! }])
    bench.decide(2, [{ ...waiting, typeIndex: snapback! }], [{ id: 'same', type: snapback! }])
    bench.decide(9, [{ ...waiting, typeIndex: snapback! }])
    expect(bench.health.holderWaits.events).toBe(0)
  })

  it('until its end, until nobody is left, or until another attachment took it', () => {
    const bench = new Bench()
    const others = ['ended', 'taken', 'left'].map((id) => candidate(id, { typeIndex: cascade! }))
    bench.decide(0, others, [lower])
    bench.health.ended(bench.handleOf('ended'), 2 * second)
    bench.decide(3, [others[2]!], [lower])
    bench.health.idle(5 * second)
    expect(bench.health.holderWaits).toEqual({ events: 3, totalNs: 10 * second, maxNs: 5 * second })
  })

  it('the whole wait of one event counts, over all its positions', () => {
    const bench = new Bench({ min_priority_score: 0.3 })
    bench.decide(0, [waiting], [lower])
    bench.decide(2, [{ ...waiting, priorityScore: 0.1 }], [lower])
    bench.decide(5, [waiting], [{ ...lower, id: 'lower-2' }])
    bench.decide(6, [waiting])
    expect(bench.health.holderWaits).toEqual({ events: 1, totalNs: 3 * second, maxNs: 3 * second })
  })

  it('a full account, a full symbol and spent capital count where a lower tier could give them back', () => {
    const free = { interlock: null, max_open_positions: 2 }
    const heldBy = (policy: Record<string, unknown>, ...open: Parameters<Bench['decide']>[2] & object): number => {
      const bench = new Bench(policy)
      bench.decide(1, [{ ...waiting, capitalRequiredMinor: 5_000 }], open)
      return bench.health.holderWaits.events
    }
    expect(heldBy(free, { id: 'a', type: cascade! }, lower)).toBe(1)
    expect(heldBy(free, { ...lower, symbol: 0 })).toBe(1)
    expect(heldBy(free, { ...lower, capitalMinor: 1_000_000 })).toBe(1)
    const hardly = { ...lower, capitalMinor: 4_000 }
    expect(
      heldBy({ ...free, max_open_positions: 3 }, { id: 'a', type: cascade!, capitalMinor: 1_000_000 }, hardly),
    ).toBe(0)
    expect(heldBy(free, { id: 'waiting', type: cascade!, symbol: 0 })).toBe(0)
  })
})

describe('arbitration health: service by type', () => {
  it('an event is served at its first selection, and its wait is told exactly but for the percentiles', () => {
    const bench = new Bench()
    bench.decide(3, [candidate('a', { ...since(0), priorityScore: 0.9 }), candidate('b', since(0))])
    bench.decide(4, [candidate('a', { ...since(0), priorityScore: 0.9 }), candidate('b', since(0))])
    bench.decide(5, [candidate('b', since(0)), candidate('c', { ...since(0), typeIndex: hunt!, priorityScore: 0 })])
    const [cascades, hunts, ...none] = bench.health.service
    expect(none).toEqual([])
    expect(cascades).toMatchObject({ type: 'LIQUIDATION_CASCADE', competed: 2, served: 2, meanWaitNs: 4 * second })
    expect(cascades!.maxWaitNs).toBe(5 * second)
    expect(cascades!.p50WaitNs / (3 * second)).toBeCloseTo(1, 1)
    expect(hunts).toMatchObject({ type: 'FAILED_HUNT', competed: 1, served: 0, meanWaitNs: 0, maxWaitNs: 0 })
  })
})

describe('arbitration health: rejections by reason', () => {
  it('an event counts once a decision that turned it down, under its reason, and the most frequent comes first', () => {
    const bench = new Bench({ min_priority_score: 0.3 })
    const [best, second] = [candidate('best', { priorityScore: 0.9 }), candidate('second', { priorityScore: 0.8 })]
    const weak = candidate('weak', { priorityScore: 0.1 })
    expect([...bench.health.rejections]).toEqual([])
    bench.decide(1, [best, second])
    bench.decide(2, [weak])
    bench.decide(3, [weak, best])
    expect([...bench.health.rejections]).toEqual([
      ['below_min_priority', 2],
      ['lower_score', 1],
    ])
  })
})
