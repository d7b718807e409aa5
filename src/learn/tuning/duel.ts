/**
 * Champion and challenger: the challenger decides the champion's arbitrations in shadow, on the same candidates, and what each would have
 * earned is compared arbitration by arbitration (the specification's option 3, ERRATA E29). Also whether a set that was adopted still earns its
 * place beside the one before it. Pure; any thread.
 */
import type { TuningRules } from '../../domain/tuning-rules.ts'
import { AdvantageTest } from './advantage-test.ts'
import { AdvantageWatch } from './advantage-watch.ts'
import type { ArbitrationSet } from './arbitration-set.ts'
import { choiceUnder } from './rescoring.ts'
import { RunningScale } from './running-scale.ts'
import type { WholeWeights } from './weight-lattice.ts'

export interface DuelSide {
  /** Units. */
  readonly totalPnl: number
  /** Share of arbitrations whose choice earned something; null: none was. */
  readonly winRate: number | null
  /** What the best candidate of each arbitration would have earned more, units, ≥ 0. */
  readonly opportunityCost: number
}

/**
 * `promote`: the challenger is better. `give_up`: it is not as good as it was taken for, or nothing was found out in `challengeMax`
 * arbitrations. The first that happened counts, whatever came after it.
 */
export type DuelVerdict = 'undecided' | 'promote' | 'give_up'

export interface Duel {
  readonly verdict: DuelVerdict
  /** Arbitrations, up to the verdict. */
  readonly arbitrations: number
  /** Of them: those in which the two chose differently. */
  readonly changed: number
  readonly champion: DuelSide
  readonly challenger: DuelSide
  /** P of the hypothesis that the challenger is no better; holds however often one looks. */
  readonly p: number
  /** Evidence that the challenger is not as good as it was taken for. */
  readonly against: number
}

/**
 * @param from - The first arbitration of the duel: those before it say how much the two differ, and decide nothing.
 * @param champion - In percents, as the challenger.
 * @param isAdopted - The challenger is the set in force already: it cannot be promoted, and has no end of time.
 */
export function duelOf(
  set: ArbitrationSet,
  from: number,
  champion: WholeWeights,
  challenger: WholeWeights,
  rules: TuningRules,
  isAdopted = false,
): Duel {
  const before = Float64Array.from({ length: from }, (_, at) => differenceAt(set, at, champion, challenger))
  const test = new AdvantageTest(new RunningScale(before))
  const watch = new AdvantageWatch(new RunningScale(before), rules.signal)
  const sides = [new Side(), new Side()] as const
  let verdict: DuelVerdict = 'undecided'
  let changed = 0
  let at = from
  while (at < set.count && verdict === 'undecided') {
    const own = set.first[at]! + choiceUnder(set, at, champion)
    const other = set.first[at]! + choiceUnder(set, at, challenger)
    if (own !== other) changed += 1
    const best = bestPnl(set, at)
    sides[0].take(set.pnl[own]!, best)
    sides[1].take(set.pnl[other]!, best)
    test.observe(set.pnl[other]! - set.pnl[own]!)
    watch.observe(set.pnl[other]! - set.pnl[own]!)
    at += 1
    const count = at - from
    if (watch.logValue >= Math.log(rules.giveUpAt)) verdict = 'give_up'
    else if (isAdopted) continue
    else if (test.p <= rules.falsePromotion && count >= rules.minEffective) verdict = 'promote'
    else if (count >= rules.challengeMax) verdict = 'give_up'
  }
  return {
    verdict,
    arbitrations: at - from,
    changed,
    champion: sides[0].figures(),
    challenger: sides[1].figures(),
    p: test.p,
    against: Math.exp(watch.logValue),
  }
}

class Side {
  #count = 0
  #total = 0
  #wins = 0
  #missed = 0

  take(pnl: number, best: number): void {
    this.#count += 1
    this.#total += pnl
    this.#missed += best - pnl
    if (pnl > 0) this.#wins += 1
  }

  figures(): DuelSide {
    return {
      totalPnl: this.#total,
      winRate: this.#count === 0 ? null : this.#wins / this.#count,
      opportunityCost: this.#missed,
    }
  }
}

function differenceAt(set: ArbitrationSet, at: number, champion: WholeWeights, challenger: WholeWeights): number {
  const first = set.first[at]!
  return set.pnl[first + choiceUnder(set, at, challenger)]! - set.pnl[first + choiceUnder(set, at, champion)]!
}

function bestPnl(set: ArbitrationSet, at: number): number {
  let best = Number.NEGATIVE_INFINITY
  for (let candidate = set.first[at]!; candidate < set.first[at + 1]!; candidate += 1) {
    best = Math.max(best, set.pnl[candidate]!)
  }
  return best
}
