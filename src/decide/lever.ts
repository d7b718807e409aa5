/**
 * A lever: one value of a scenario that can be moved in whole steps while everything else stays, and what is known of the
 * outcome along it. Pure; any thread; cold. `what-if.ts` looks along levers for the nearest step at which an event wins.
 *
 * What is known, for every selection but `portfolio` (test/property/decide proves it against a second arbiter):
 *
 * LEVER-1: raising a component or the waiting time never makes the event lose, and lowering it never makes it win. The score and
 * E10 rise with each of them, whose turn it is in a fair queue depends on none, and the sole member's pot depends on no score.
 *
 * LEVER-2: so does a later detection where each nanosecond raises the score by more than a quantum. Where it does not, equal scores
 * are decided by who was detected first, against the younger one.
 *
 * LEVER-3: needing less capital never makes it lose, nor needing more win, unless the allocation is `need`, which refuses a need of 0.
 *
 * In a portfolio the outcome has no order: a member that gains score takes a larger share, another then falls below what it needs,
 * and the worst-ranked, perhaps the one that gained, is dropped. Nor has it along decision time, where everybody's score
 * moves, and along capital, which admits others too. There a bounded sample is looked at (`step-search.ts`).
 */
import type { Policy } from '../domain/policy.ts'
import { toMillionths } from '../domain/policy-codec.ts'
import type { Scenario, ScenarioCandidate } from '../domain/scenario.ts'
import { nsPerSecond } from '../domain/units.ts'
import { maxWaitNsOf } from './choice.ts'
import { quantaPerUnit } from './quantum.ts'

export const leverNames = [
  'priority_score',
  'freshness',
  'regime_alignment',
  'expected_value',
  'waiting_time',
  'capital_required',
  'decision_time',
  'capital',
] as const
export type LeverName = (typeof leverNames)[number]

/** Steps of a component in 1: one step is 10⁻⁹. */
const stepsPerUnit = 1e9

/** One direction of a lever: how many steps there are, and whether winning once means winning from there on. */
export interface LeverSide {
  readonly last: bigint
  readonly isMonotone: boolean
  /** Steps at which the outcome is likely to change; used where it is not monotone. */
  readonly notable: readonly bigint[]
}

export interface Lever {
  readonly name: LeverName
  /** Away from the scenario's value: to more of it (a later time), and to less (an earlier one). null: it never wins there. */
  readonly more: LeverSide | null
  readonly less: LeverSide | null
  /** The scenario moved by so many steps; negative to less of it. */
  at(step: bigint): Scenario
  /** The moved value: a component in [0, 1], Unix nanoseconds, or minor units. */
  valueAt(step: bigint): number | bigint
}

/** The candidates of a scenario with their scores as they were decided. */
export interface LeverGround {
  readonly scenario: Scenario
  readonly policy: Policy
  /** Which candidate is to win. */
  readonly index: number
  /** By candidate. */
  readonly scores: readonly number[]
}

/** The lever of that name on the ground's candidate. */
export function leverOf(name: LeverName, ground: LeverGround): Lever {
  switch (name) {
    case 'priority_score':
      return componentLever(ground, name, 'priorityScore')
    case 'regime_alignment':
      return componentLever(ground, name, 'regimeAlignment')
    case 'expected_value':
      return componentLever(ground, name, 'expectedValue')
    case 'freshness':
      return freshnessLever(ground)
    case 'waiting_time':
      return waitingLever(ground)
    case 'capital_required':
      return needLever(ground)
    case 'decision_time':
      return decisionTimeLever(ground)
    case 'capital':
      return capitalLever(ground)
  }
}

type Component = 'priorityScore' | 'regimeAlignment' | 'expectedValue'

function componentLever(ground: LeverGround, name: LeverName, key: Component): Lever {
  const { scenario, policy, index, scores } = ground
  const own = scenario.candidates[index]!
  const value = own[key]
  // The least multiple of a step above the value, and the greatest below it.
  let above = Math.floor(value * stepsPerUnit)
  while (above / stepsPerUnit <= value) above++
  let below = Math.ceil(value * stepsPerUnit)
  while (below / stepsPerUnit >= value) below--
  const isPortfolio = policy.selection === 'portfolio'
  const weight = policy.weights[key]
  const notable =
    isPortfolio && weight > 0 ? scores.map((score) => ((score - scores[index]!) / weight) * stepsPerUnit) : []
  const valueAt = (step: bigint): number => {
    if (step === 0n) return value
    return (step > 0n ? above + Number(step) - 1 : below + Number(step) + 1) / stepsPerUnit
  }
  return {
    name,
    more: side(BigInt(Math.max(0, stepsPerUnit - above + 1)), !isPortfolio, stepsNear(notable)),
    less: isPortfolio ? side(BigInt(Math.max(0, below + 1)), false, stepsNear(notable.map((step) => -step))) : null,
    valueAt,
    at: (step) => withCandidate(scenario, index, { [key]: valueAt(step) }),
  }
}

/** Freshness is moved by the time of detection, a nanosecond a step; later is fresher, and now is the freshest. */
function freshnessLever({ scenario, policy, index, scores }: LeverGround): Lever {
  const { nowNs, candidates } = scenario
  const detectedAtNs = earlier(candidates[index]!.detectedAtNs, nowNs)
  const { weights, freshnessHorizonS } = policy
  const perNs = weights.freshness / (freshnessHorizonS * nsPerSecond)
  const scoreMax =
    weights.priorityScore +
    weights.freshness +
    weights.regimeAlignment +
    weights.expectedValue +
    (policy.ageBoost?.cap ?? 0)
  // More than a quantum a step, and more than what the score's own rounding could swallow.
  const isStrict = perNs * quantaPerUnit > 1.01 && perNs > scoreMax * 2 ** -50
  const times = candidates.map((candidate) => Number(candidate.detectedAtNs - detectedAtNs))
  const crossings = perNs > 0 ? scores.map((score) => (score - scores[index]!) / perNs) : []
  const oldest = candidates.reduce((least, candidate) => earlier(least, candidate.detectedAtNs), detectedAtNs)
  return {
    name: 'freshness',
    more: side(
      nowNs - detectedAtNs,
      isStrict && policy.selection !== 'portfolio',
      stepsNear([...times, ...crossings, Number(nowNs - detectedAtNs) - freshnessHorizonS * nsPerSecond]),
    ),
    // Older helps only where equal scores are decided by age, so nothing beyond the oldest is of interest.
    less: side(detectedAtNs - oldest + 1n, false, stepsNear([...times, ...crossings].map((step) => -step))),
    valueAt: (step) => detectedAtNs + step,
    at: (step) => withCandidate(scenario, index, { detectedAtNs: detectedAtNs + step }),
  }
}

/** More waiting is an earlier beginning of it. */
function waitingLever({ scenario, policy, index, scores }: LeverGround): Lever {
  const { nowNs, candidates } = scenario
  const sinceNs = earlier(candidates[index]!.waitingSinceNs, nowNs)
  const waitNs = nowNs - sinceNs
  const { ageBoost } = policy
  const boundNs = maxWaitNsOf(policy)
  const cappedNs = ageBoost === null ? 0 : ageBoost.cap * ageBoost.horizonS * nsPerSecond
  const waitsNs = candidates.map((candidate) => nowNs - earlier(candidate.waitingSinceNs, nowNs))
  // From there on the bonus is at its cap, the bound is passed and nobody has waited longer.
  const settledNs = [cappedNs, Number.isFinite(boundNs) ? boundNs : 0].map((ns) => BigInt(Math.ceil(ns)))
  const moreLast = [...settledNs, ...waitsNs].reduce((a, b) => (a > b ? a : b)) + 2n - waitNs
  const crossings =
    ageBoost === null ? [] : scores.map((score) => (score - scores[index]!) * ageBoost.horizonS * nsPerSecond)
  const marks = [...waitsNs.map(Number), boundNs, cappedNs].map((wait) => wait - Number(waitNs))
  const isPortfolio = policy.selection === 'portfolio'
  return {
    name: 'waiting_time',
    more: side(moreLast, !isPortfolio, stepsNear([...marks, ...crossings])),
    less: isPortfolio ? side(waitNs, false, stepsNear([...marks, ...crossings].map((step) => -step))) : null,
    valueAt: (step) => sinceNs - step,
    at: (step) => withCandidate(scenario, index, { waitingSinceNs: sinceNs - step }),
  }
}

/** The event's own need of capital, a minor unit a step. */
function needLever({ scenario, policy, index }: LeverGround): Lever {
  const needMinor = scenario.candidates[index]!.capitalRequiredMinor
  const availableMinor = availableOf(scenario)
  const isMonotone = policy.selection !== 'portfolio' && policy.allocation !== 'need'
  const marks = [...budgetsOf(scenario, policy), availableMinor].map((minor) => minor - needMinor)
  return {
    name: 'capital_required',
    more: isMonotone ? null : side(BigInt(Math.max(0, availableMinor - needMinor)), false, stepsNear(marks)),
    less: side(BigInt(needMinor), isMonotone, stepsNear(marks.map((step) => -step))),
    valueAt: (step) => needMinor + Number(step),
    at: (step) => withCandidate(scenario, index, { capitalRequiredMinor: needMinor + Number(step) }),
  }
}

/**
 * The same candidates and positions decided at another time: later while the event has not expired, earlier while all of them had been
 * detected.
 */
function decisionTimeLever({ scenario, policy, index, scores }: LeverGround): Lever {
  const { nowNs, candidates } = scenario
  const own = candidates[index]!
  const freshNs = policy.freshnessHorizonS * nsPerSecond
  const bonusNs = (policy.ageBoost?.horizonS ?? 0) * nsPerSecond
  const cappedNs = (policy.ageBoost?.cap ?? 0) * bonusNs
  const boundNs = maxWaitNsOf(policy)
  const marks: number[] = []
  for (const [at, candidate] of candidates.entries()) {
    const detected = Number(candidate.detectedAtNs - nowNs)
    const waiting = Number(candidate.waitingSinceNs - nowNs)
    marks.push(detected + freshNs, waiting + cappedNs, waiting + boundNs)
    if (candidate.expiresAtNs !== null) marks.push(Number(candidate.expiresAtNs - nowNs))
    const apart = slopeAt(candidate, nowNs, policy) - slopeAt(own, nowNs, policy)
    if (apart !== 0) marks.push((scores[index]! - scores[at]!) / apart)
  }
  const settledNs = Math.max(freshNs, cappedNs, Number.isFinite(boundNs) ? boundNs : 0) + nsPerSecond
  const untilNs = own.expiresAtNs === null ? nowNs + BigInt(Math.ceil(settledNs)) : own.expiresAtNs - 1n
  const newest = candidates.reduce(
    (latest, candidate) => (candidate.detectedAtNs > latest ? candidate.detectedAtNs : latest),
    0n,
  )
  return {
    name: 'decision_time',
    more: side(untilNs - nowNs, false, stepsNear(marks)),
    less: side(nowNs - newest, false, stepsNear(marks.map((step) => -step))),
    valueAt: (step) => nowNs + step,
    at: (step) => ({ ...scenario, nowNs: nowNs + step }),
  }
}

/** How fast a score changes at `nowNs`, a nanosecond. */
function slopeAt(candidate: ScenarioCandidate, nowNs: bigint, policy: Policy): number {
  const freshNs = policy.freshnessHorizonS * nsPerSecond
  const ageNs = Number(nowNs - candidate.detectedAtNs)
  const waitNs = Number(nowNs - candidate.waitingSinceNs)
  const falls = ageNs >= 0 && ageNs < freshNs ? policy.weights.freshness / freshNs : 0
  const { ageBoost } = policy
  const bonusNs = (ageBoost?.horizonS ?? 1) * nsPerSecond
  const rises = ageBoost !== null && waitNs >= 0 && waitNs < ageBoost.cap * bonusNs ? 1 / bonusNs : 0
  return rises - falls
}

/** The account's capital, a minor unit a step, upward only. */
function capitalLever({ scenario, policy, index }: LeverGround): Lever {
  const { capitalMinor, candidates, openPositions } = scenario
  const heldMinor = openPositions.reduce((sum, position) => sum + position.capitalMinor, 0)
  const needMinor = candidates[index]!.capitalRequiredMinor
  const needsMinor = candidates.reduce((sum, candidate) => sum + candidate.capitalRequiredMinor, 0)
  // What a pot must be given in full, as capital of the account.
  const shares = Object.values(policy.capitalSlots ?? {})
    .map(toMillionths)
    .filter((millionths) => millionths > 0)
  const whole = (minor: number): number[] => [minor, ...shares.map((share) => (minor * 1_000_000) / share)]
  const marks = [needMinor, needMinor + heldMinor, heldMinor + 1, needsMinor + heldMinor].flatMap(whole)
  const owedMinor = Math.max(0, ...[...scenario.deficitsMinor.values()].map(Math.abs))
  const room = Number.MAX_SAFE_INTEGER - owedMinor - capitalMinor
  const last = Math.min(room, Math.max(10 * capitalMinor, 2 * Math.max(...marks)) - capitalMinor)
  return {
    name: 'capital',
    more: side(BigInt(Math.max(0, Math.ceil(last))), false, stepsNear(marks.map((minor) => minor - capitalMinor))),
    less: null,
    valueAt: (step) => capitalMinor + Number(step),
    at: (step) => ({ ...scenario, capitalMinor: capitalMinor + Number(step) }),
  }
}

function side(last: bigint, isMonotone: boolean, notable: readonly bigint[]): LeverSide | null {
  return last < 1n ? null : { last, isMonotone, notable: isMonotone ? [] : notable }
}

/** Whole steps at and around each mark: whether equality wins is the rule's affair. */
function stepsNear(marks: readonly number[]): bigint[] {
  return marks.filter(Number.isFinite).flatMap((mark) => {
    const step = BigInt(Math.floor(mark))
    return [step - 1n, step, step + 1n, step + 2n]
  })
}

function withCandidate(scenario: Scenario, index: number, change: Partial<ScenarioCandidate>): Scenario {
  return { ...scenario, candidates: scenario.candidates.with(index, { ...scenario.candidates[index]!, ...change }) }
}

function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function availableOf(scenario: Scenario): number {
  const heldMinor = scenario.openPositions.reduce((sum, position) => sum + position.capitalMinor, 0)
  return Math.max(0, scenario.capitalMinor - heldMinor)
}

function budgetsOf(scenario: Scenario, policy: Policy): number[] {
  return Object.values(policy.capitalSlots ?? {}).map((share) =>
    Math.floor((scenario.capitalMinor * toMillionths(share)) / 1_000_000),
  )
}
