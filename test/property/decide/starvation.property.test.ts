/**
 * The starvation bound (ERRATA E12): an overdue event waits at most for the overdue ones ahead of it, plus one, decisions at which it is
 * admissible. ARCHITECTURE.md proves it ("The wait bound"); here streams try to break it. fast-check prints the seed of a failure.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Random } from '../../../src/base/random.ts'
import { Arbiter } from '../../../src/decide/arbiter.ts'
import type { CandidateInput } from '../../../src/decide/candidate-set.ts'
import { CandidateSet } from '../../../src/decide/candidate-set.ts'
import type { DecisionView } from '../../../src/decide/decision-view.ts'
import { PositionSet } from '../../../src/decide/position-set.ts'
import { eventTypesOf } from '../../../src/domain/policy.ts'
import { account, candidate, fill, policyOf } from '../../unit/decide/support.ts'

const second = 1_000_000_000

/**
 * Every second a cascade of the highest score arrives, and one decision takes its choice away. Returns how many decisions
 * an old event of the lowest score needs once it is overdue, and how many overdue ones were ahead of it then.
 */
function waitOf(
  policyJson: Record<string, unknown>,
  waitingForS: readonly number[],
): { decisions: number; ahead: number } {
  const policy = policyOf(policyJson)
  const arbiter = new Arbiter(policy, eventTypesOf(policy), 512)
  const set = new CandidateSet(512)
  const positions = new PositionSet(0)
  const poor = { typeIndex: 2, symbolIndex: 1, priorityScore: 0, regimeAlignment: 0, expectedValue: 0 }
  let waiting: CandidateInput[] = waitingForS.map((ago, at) =>
    candidate(`old${at}`, { ...poor, detectedAtNs: -ago * second, waitingSinceNs: -ago * second }),
  )
  const watched = waiting[0]!
  let decisions = 0
  let ahead = -1
  for (let nowS = 0; nowS < 400; nowS++) {
    const nowNs = nowS * second
    waiting.push(
      candidate(`cascade${nowS}`, {
        priorityScore: 1,
        regimeAlignment: 1,
        expectedValue: 1,
        detectedAtNs: nowNs,
        waitingSinceNs: nowNs,
      }),
    )
    if (nowNs - watched.waitingSinceNs > 120 * second) {
      if (ahead < 0)
        ahead = waiting.filter((one) => one !== watched && one.waitingSinceNs <= watched.waitingSinceNs).length
      decisions++
    }
    const view = arbiter.decide(fill(set, waiting), positions, { ...account, nowNs })
    const winner = set.ids[view.winner]!
    if (winner === watched.eventId) return { decisions, ahead }
    waiting = waiting.filter((one) => one.eventId !== winner)
  }
  return { decisions: Number.POSITIVE_INFINITY, ahead }
}

interface Watch {
  /** Overdue ones that had waited as long or longer when it was first overdue and admissible. */
  readonly ahead: number
  /** Decisions since then at which it was admissible, the one that served it included. */
  decisions: number
}

interface Stream {
  /** Events that needed more decisions than the bound allows. */
  readonly late: readonly string[]
  /** Overdue events that were served, and the most decisions that one of them needed. */
  readonly served: number
  readonly decisionsMax: number
}

/**
 * Five minutes with one decision a second. Cascades of the highest score never stop; events of all types come beside them with any
 * score and need. What is selected holds its capital and its place for up to five seconds.
 *
 * @param ownMaxWaitS - The arbiter's own bound where it is to be another: the canary's fault.
 */
function playStream(policyJson: Record<string, unknown>, seed: number, ownMaxWaitS?: number): Stream {
  const random = new Random(seed)
  const oneOf = <Value>(values: readonly Value[]): Value => values[random.integer(0, values.length - 1)]!
  const policy = policyOf(policyJson)
  const types = eventTypesOf(policy)
  const set = new CandidateSet(1_024)
  const positions = new PositionSet(16)
  const own = ownMaxWaitS === undefined ? policy : { ...policy, maxWaitS: ownMaxWaitS }
  const arbiter = new Arbiter(own, types, 1_024)
  const deficitsMinor = new Float64Array(types.length)
  let waiting: CandidateInput[] = []
  let held: { readonly event: CandidateInput; readonly capitalMinor: number; readonly untilS: number }[] = []
  let lastExecutedTypeIndex = -1
  const watches = new Map<string, Watch>()
  const late: string[] = []
  let served = 0
  let decisionsMax = 0
  for (let nowS = 0; nowS < 300; nowS += 1) {
    const nowNs = nowS * second
    const best = { priorityScore: 1, regimeAlignment: 1, expectedValue: 1, symbolIndex: random.integer(0, 2) }
    waiting.push(candidate(`cascade${nowS}`, { ...best, detectedAtNs: nowNs, waitingSinceNs: nowNs }))
    if (random.fraction() < 0.3) {
      waiting.push(
        candidate(`other${nowS}`, {
          typeIndex: random.integer(0, types.length - 1),
          symbolIndex: random.integer(0, 3),
          priorityScore: oneOf([0, random.fraction()]),
          capitalRequiredMinor: oneOf([0, 0, 1, 90_000]),
          detectedAtNs: nowNs,
          waitingSinceNs: nowNs,
        }),
      )
    }
    held = held.filter(({ untilS }) => untilS > nowS)
    positions.clear()
    for (const { event, capitalMinor } of held) {
      positions.add(event.eventId, event.typeIndex, event.symbolIndex, capitalMinor)
    }
    const state = { ...account, nowNs, lastExecutedTypeIndex, deficitsMinor }
    const view = arbiter.decide(fill(set, waiting), positions, state)
    watch(view, set, watches, policy.maxWaitS! * second)
    const selected = new Set<string>()
    for (let member = 0; member < view.memberCount; member += 1) {
      const at = view.members[member]!
      const event = waiting[at]!
      selected.add(event.eventId)
      held.push({ event, capitalMinor: view.allocationMinor[at]!, untilS: nowS + random.integer(0, 5) })
      const watched = watches.get(event.eventId)
      if (watched === undefined) continue
      served += 1
      decisionsMax = Math.max(decisionsMax, watched.decisions)
    }
    if (view.memberCount > 0) lastExecutedTypeIndex = waiting[view.winner]!.typeIndex
    if (view.deficitsChanged) deficitsMinor.set(view.deficitsMinor)
    for (const [eventId, { ahead, decisions }] of watches) {
      if (decisions > ahead + 1 || (decisions === ahead + 1 && !selected.has(eventId) && isAsked(view, set, eventId))) {
        late.push(eventId)
      }
    }
    for (const eventId of selected) watches.delete(eventId)
    waiting = waiting.filter((event) => !selected.has(event.eventId))
  }
  return { late, served, decisionsMax }
}

/** Whether this decision was one at which the event was admissible. */
function isAsked(view: DecisionView, set: CandidateSet, eventId: string): boolean {
  return view.admissible[set.ids.indexOf(eventId)] === 1
}

/** Begins and goes on to count the decisions at which an overdue event is admissible. */
function watch(view: DecisionView, set: CandidateSet, watches: Map<string, Watch>, boundNs: number): void {
  for (let at = 0; at < view.count; at += 1) {
    const waitNs = view.waitNs[at]!
    if (view.admissible[at] === 0 || waitNs <= boundNs) continue
    const eventId = set.ids[at]!
    const watched = watches.get(eventId) ?? { ahead: aheadOf(view, at, boundNs), decisions: 0 }
    watched.decisions += 1
    watches.set(eventId, watched)
  }
}

function aheadOf(view: DecisionView, own: number, boundNs: number): number {
  let ahead = 0
  for (let at = 0; at < view.count; at += 1) {
    if (at !== own && view.waitNs[at]! > boundNs && view.waitNs[at]! >= view.waitNs[own]!) ahead += 1
  }
  return ahead
}

const policies = fc.record({
  selection: fc.constantFrom('score', 'hierarchy', 'portfolio'),
  max_wait_s: fc.constantFrom(5, 30, 120),
  max_open_positions: fc.integer({ min: 1, max: 4 }),
  max_positions_per_symbol: fc.integer({ min: 1, max: 2 }),
  interlock: fc.constantFrom(null, { scope: 'account' }, { scope: 'symbol' }),
  fair_queue: fc.constantFrom('off', 'round_robin', 'deficit'),
  capital_slots: fc.constantFrom(null, { LIQUIDATION_CASCADE: 0.7, '*': 0.3 }, { FUNDING_SNAPBACK: 0.2, '*': 0.5 }),
  capital_slots_borrow: fc.constantFrom('none', 'idle'),
  allocation: fc.constantFrom('proportional', 'floor', 'need'),
})

test('test_starvation_prevention', () => {
  const ages = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 12 })
  const selection = fc.constantFrom('score', 'hierarchy', 'portfolio')
  fc.assert(
    fc.property(ages, selection, (waitingForS, how) => {
      const { decisions, ahead } = waitOf({ selection: how }, waitingForS)
      expect(decisions).toBeLessThanOrEqual(ahead + 1)
    }),
    { numRuns: 60 },
  )
})

test('starvation: without the bound the age bonus alone never brings it to its turn (E12)', () => {
  expect(waitOf({ max_wait_s: null }, [0]).decisions).toBe(Number.POSITIVE_INFINITY)
})

test('starvation: whatever the policy, and with places that are held, nobody waits longer than the bound, and some as long', () => {
  let served = 0
  let decisionsMax = 0
  fc.assert(
    fc.property(policies, fc.integer({ min: 0, max: 2 ** 31 }), (policy, seed) => {
      const stream = playStream(policy, seed)
      expect(stream.late).toEqual([])
      served += stream.served
      decisionsMax = Math.max(decisionsMax, stream.decisionsMax)
    }),
    { numRuns: 150 },
  )
  expect(served).toBeGreaterThan(1_000)
  expect(decisionsMax).toBeGreaterThan(3)
})

test('starvation canary: an arbiter whose bound is a second longer than the one that is asked for is late', () => {
  const late = Array.from({ length: 20 }, (_, seed) => {
    const policy = { selection: 'score', max_wait_s: 30, interlock: null, max_open_positions: 4 }
    return playStream(policy, seed, 31).late.length
  })
  expect(Math.max(...late)).toBeGreaterThan(0)
})
