/** What a report counts of a group of resolved entries, one entry at a time. One thread. */
import type {
  ComponentFigures,
  GroupFigures,
  Inversions,
  KeptOutFigures,
  ReasonFigures,
  WeekFigures,
} from './report-figures.ts'
import { Sum, wilsonInterval } from './statistics.ts'

/** Entries of a regime, a day, a week, or all of them. */
export class EntryTally {
  resolved = 0
  inverted = 0
  readonly #missed = new Sum()
  readonly #chance = new Sum()

  /**
   * @param rejected - How many of its rejected events count.
   * @param missed - Σ max(0, opportunity cost).
   */
  add(rejected: number, missed: number): void {
    this.resolved += 1
    if (missed > 0) this.inverted += 1
    this.#missed.add(missed)
    this.#chance.add(1 - 1 / (1 + rejected))
  }

  get missedPnl(): number {
    return this.#missed.value
  }

  inversions(): Inversions {
    const { resolved, inverted: count } = this
    if (resolved === 0) return { count: 0, rate: null, ci95: null, chance: null }
    return {
      count,
      rate: count / resolved,
      ci95: wilsonInterval(count, resolved),
      chance: this.#chance.value / resolved,
    }
  }

  week(): WeekFigures {
    return { resolved: this.resolved, missedPnl: this.missedPnl, inversions: this.inversions() }
  }

  group(): GroupFigures {
    return { missedPnl: this.missedPnl, inversionRate: this.inversions().rate, resolved: this.resolved }
  }
}

/** Rejected events of a type, which may be several of an entry. */
export class TypeTally {
  #resolved = 0
  #inverted = 0
  #entry = -1
  #invertedEntry = -1
  readonly #missed = new Sum()

  add(entry: number, cost: number): void {
    if (entry !== this.#entry) this.#resolved += 1
    this.#entry = entry
    if (cost <= 0) return
    this.#missed.add(cost)
    if (entry !== this.#invertedEntry) this.#inverted += 1
    this.#invertedEntry = entry
  }

  group(): GroupFigures {
    const rate = this.#inverted / this.#resolved
    return { missedPnl: this.#missed.value, inversionRate: rate, resolved: this.#resolved }
  }
}

/** Rejected events that have something in common: more of a component, or a reason. */
export class EventTally {
  #count = 0
  #wins = 0
  readonly #cost = new Sum()
  readonly #signed = new Sum()

  add(cost: number): void {
    this.#count += 1
    this.#signed.add(cost)
    if (cost <= 0) return
    this.#wins += 1
    this.#cost.add(cost)
  }

  component(): ComponentFigures {
    const [count, wins] = [this.#count, this.#wins]
    return { count, wins, winRate: count === 0 ? null : wins / count, opportunityCost: this.#cost.value }
  }

  keptOut(): KeptOutFigures {
    return { count: this.#count, pnl: this.#signed.value }
  }

  reason(): ReasonFigures {
    return { count: this.#count, opportunityCost: this.#cost.value }
  }
}
