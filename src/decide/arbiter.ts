/**
 * The arbiter: one decision on the whole set of candidates (ERRATA E9). Arguments in, result out: no clock, no randomness, no
 * memory between calls but its buffers. An object belongs to one thread; the arbitration stage, `arbitrate`, `explain`, the
 * weight search's validation and every test drive this same class.
 */
import { requireInteger } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import type { Policy, Weights } from '../domain/policy.ts'
import { type Regime, regimes } from '../domain/regime.ts'
import type { AccountState } from './account.ts'
import { Admission } from './admission.ts'
import { Allocation } from './allocation.ts'
import type { CandidateSet } from './candidate-set.ts'
import { CapitalPots } from './capital-pots.ts'
import { chooseByHierarchy, chooseByScore, chooseOverdue, longestOverdue, maxWaitNsOf } from './choice.ts'
import { DecisionView, selectionCode } from './decision-view.ts'
import { FairQueue } from './fairness.ts'
import { Interlock } from './interlock.ts'
import { Portfolio } from './portfolio.ts'
import type { PositionSet } from './position-set.ts'
import { Ranking } from './ranking.ts'
import type { Scorer } from './scorer.ts'
import { Scoring } from './scoring.ts'
import { tiersOf, typeOrderOf } from './type-order.ts'

const noneAdmissible = selectionCode('none_admissible')

export interface ArbiterOptions {
  /** Makes the base score in place of the weighted sum; see {@link Scorer}. */
  readonly scorer?: Scorer
}

export class Arbiter {
  readonly #policy: Policy
  readonly #capacity: number
  readonly #maxWaitNs: number
  readonly #scoring: Scoring
  readonly #ranking: Ranking
  readonly #admission: Admission
  readonly #fairQueue: FairQueue
  readonly #portfolio: Portfolio | null
  readonly #allocation: Allocation
  readonly #view: DecisionView
  #weights: Weights
  /** By the index of a regime; null: no regime has weights of its own. */
  #byRegime: readonly (Weights | undefined)[] | null = null

  /**
   * @param policy - Checked (`parsePolicy`).
   * @param types - What type indices mean: every type that candidates or positions may have (`eventTypesOf(policy)`).
   * @param capacity - The most candidates of one decision; 1 … 2^20.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a capacity out of range, a type without a tier, or a scorer that is no function.
   */
  constructor(policy: Policy, types: readonly string[], capacity: number, options: ArbiterOptions = {}) {
    this.#policy = policy
    this.#capacity = requireInteger('capacity', capacity, 1, 1_048_576)
    this.#maxWaitNs = maxWaitNsOf(policy)
    const tierByType = tiersOf(policy, types)
    const typeOrder = typeOrderOf(types, tierByType)
    const interlock = new Interlock(policy, types)
    const pots = new CapitalPots(policy, types, typeOrder)
    this.#scoring = new Scoring(policy, tierByType, scorerOf(options))
    this.#weights = policy.weights
    this.#ranking = new Ranking(capacity)
    this.#admission = new Admission(policy, interlock, pots)
    this.#fairQueue = new FairQueue(policy, typeOrder)
    this.#portfolio = policy.selection === 'portfolio' ? new Portfolio(policy, interlock, capacity) : null
    this.#allocation = new Allocation(policy, pots, capacity)
    this.#view = new DecisionView(capacity, types.length)
    this.#view.weights = policy.weights
  }

  /**
   * Other weights from the next decision on. Each finite and ≥ 0.
   *
   * @param byRegime - In place of them at decisions in that regime: where the best candidate under `weights`, admissible or not, is in it.
   *   A decision has one set of weights: `view.weights` says which.
   */
  useWeights(weights: Weights, byRegime: Readonly<Partial<Record<Regime, Weights>>> = {}): void {
    this.#weights = weights
    this.#view.weights = weights
    this.#view.weightsRegime = -1
    this.#byRegime = Object.keys(byRegime).length === 0 ? null : regimes.map((regime) => byRegime[regime])
  }

  /**
   * Decides once on all candidates. Nothing is written but the view; the same arguments give the same decision, whatever the
   * order of the candidates. Allocates nothing unless several members share a pot, or a portfolio is chosen symbol by symbol.
   *
   * @returns The arbiter's one view, valid until the next call.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for more candidates than the capacity, or for a scorer that threw or gave
   *   what is no base score; nothing is decided then, and the next call is as good as any.
   * @see specification part 2; design/CONTRACTS.md, "The decision, exactly"; ERRATA E9–E19
   */
  decide(candidates: CandidateSet, positions: PositionSet, account: AccountState): DecisionView {
    if (candidates.count > this.#capacity) {
      throw new SignalboxError(
        'ERR_INVALID_ARGUMENT',
        `candidates must be at most ${this.#capacity}, got ${candidates.count}`,
        { field: 'candidates', value: candidates.count },
      )
    }
    const view = this.#view
    view.reset(candidates.count)
    view.availableMinor = availableMinor(positions, account.capitalMinor)
    this.#scoring.score(view, candidates, account, this.#weights)
    this.#ranking.rank(view, candidates)
    if (this.#byRegime !== null) this.#rankByRegime(this.#byRegime, view, candidates, account)
    this.#admission.admit(view, candidates, positions, account)
    if (view.admissibleCount === 0) {
      view.selectionReason = noneAdmissible
      view.unallocatedMinor = view.availableMinor
      return view
    }
    const overdue = longestOverdue(view, candidates, this.#maxWaitNs)
    this.#choose(view, candidates, positions, account, overdue)
    this.#allocation.allocate(view, candidates, overdue)
    this.#fairQueue.pay(view, candidates)
    return view
  }

  /** Scores and ranks anew where the regime of the best has weights of its own. */
  #rankByRegime(
    byRegime: readonly (Weights | undefined)[],
    view: DecisionView,
    candidates: CandidateSet,
    account: AccountState,
  ): void {
    const regime = candidates.count === 0 ? -1 : candidates.regime[view.order[0]!]!
    const own = byRegime[regime]
    view.weights = own ?? this.#weights
    view.weightsRegime = own === undefined ? -1 : regime
    if (own === undefined) return
    this.#scoring.score(view, candidates, account, own)
    this.#ranking.rank(view, candidates)
  }

  #choose(
    view: DecisionView,
    candidates: CandidateSet,
    positions: PositionSet,
    account: AccountState,
    overdue: number,
  ): void {
    if (this.#portfolio !== null) this.#portfolio.choose(view, candidates, positions, overdue)
    else if (overdue >= 0) chooseOverdue(view, overdue)
    else if (this.#policy.selection === 'hierarchy') chooseByHierarchy(view, candidates)
    else if (this.#fairQueue.kind !== 'off') this.#fairQueue.choose(view, candidates, account)
    else chooseByScore(view)
  }
}

/** Capital less what the open positions hold, never below 0. A sum beyond 2^53 is above every capital, so its rounding is harmless. */
function availableMinor(positions: PositionSet, capitalMinor: number): number {
  let heldMinor = 0
  for (let at = 0; at < positions.count; at++) heldMinor += positions.capitalMinor[at]!
  return Math.max(0, capitalMinor - heldMinor)
}

function scorerOf({ scorer }: ArbiterOptions): Scorer | null {
  if (scorer === undefined || typeof scorer === 'function') return scorer ?? null
  throw new SignalboxError('ERR_INVALID_ARGUMENT', `scorer must be a function, got ${typeof scorer}`, {
    field: 'scorer',
    value: scorer,
  })
}
