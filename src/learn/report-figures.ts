/**
 * What the counterfactual report says, as values (CONTRACTS "report --json"). Money in units of the quote currency, rates in [0, 1]. Null:
 * nothing to say, since nothing is resolved. Over the resolved entries, "rejected" meaning those that no filter took out.
 */

export const componentNames = ['priority_score', 'freshness', 'regime_alignment', 'expected_value'] as const
export type ComponentName = (typeof componentNames)[number]

/** Why a rejected event does not count. */
export const filterNames = ['unfinished', 'inadmissible', 'invalidated', 'low_priority'] as const
export type FilterName = (typeof filterNames)[number]

/** An interval, lower end first. */
export type Interval = readonly [number, number]

/** Entries in which some rejected event would have earned more. */
export interface Inversions {
  readonly count: number
  readonly rate: number | null
  /** Wilson's interval of the rate, 95 %. */
  readonly ci95: Interval | null
  /** The rate that a random choice would have. */
  readonly chance: number | null
}

/** Rejected events that had more of one component than the selected one. */
export interface ComponentFigures {
  readonly count: number
  readonly wins: number
  readonly winRate: number | null
  /** Of those that would have earned more. */
  readonly opportunityCost: number
}

/** Rejected events that had more of one component than the selected one, and less of another. */
export interface ExchangeFigures extends ComponentFigures {
  readonly more: ComponentName
  readonly less: ComponentName
}

/**
 * Events that a rule kept out of decisions in which nothing was selected. An event counts once over all rules, at its first such
 * rejection in place order whose outcome is known; one that some entry selected and has an outcome of does not count.
 */
export interface KeptOutFigures {
  readonly count: number
  /** What they would have earned, losses taken off. */
  readonly pnl: number
}

/** Why entries are not resolved; an entry counts once, at the first that holds. */
export interface UnresolvedFigures {
  readonly noneSelected: number
  /** The outcome of a selected event is not known. */
  readonly outcomeUnknown: number
  /** It has no rejected event that counts. */
  readonly noRival: number
}

/** What of the missed P&L is of events that some entry selected and has an outcome of. */
export interface TradedLaterFigures {
  /** Rejections; an event may have several. */
  readonly count: number
  readonly missedPnl: number
}

/** Rejected events of one reason, the inadmissible ones too. */
export interface ReasonFigures {
  readonly count: number
  readonly opportunityCost: number
}

/** The entries of one regime, or with a rejected event of one type. */
export interface GroupFigures {
  readonly missedPnl: number
  readonly inversionRate: number | null
  readonly resolved: number
}

/** One UTC day. */
export interface TrendDay {
  /** `YYYY-MM-DD`. */
  readonly day: string
  readonly resolved: number
  readonly inversions: Inversions
  readonly missedPnl: number
}

/** The seven days up to the last entry, or the seven before. */
export interface WeekFigures {
  readonly resolved: number
  readonly missedPnl: number
  readonly inversions: Inversions
}

/** What the simulation said of selected events, less what they really earned. */
export interface Calibration {
  readonly count: number
  /** Mean of the difference. */
  readonly bias: number | null
  /** Standard deviation of the difference; null below two. */
  readonly spread: number | null
}

export interface ReportFigures {
  /** Entries read, after replacement. */
  readonly arbitrations: number
  readonly resolved: number
  readonly unresolved: UnresolvedFigures
  readonly missedPnl: number
  readonly tradedLater: TradedLaterFigures
  readonly signedOpportunityCost: number
  readonly averagePerArbitration: number | null
  readonly maxSingle: {
    readonly eventId: string
    readonly arbitrationId: string
    readonly cost: number
    readonly eventType: string
    readonly symbol: string
    readonly timestampNs: bigint
    readonly isTradedLater: boolean
  } | null
  readonly inversions: Inversions
  readonly regret: { readonly total: number; readonly mean: number | null }
  readonly baselines: { readonly selected: number; readonly random: number; readonly firstCome: number }
  readonly byComponent: Readonly<Record<ComponentName, ComponentFigures>>
  /** Every two components, in both directions. */
  readonly exchanges: readonly ExchangeFigures[]
  /** By reason, over all entries read. */
  readonly keptOut: ReadonlyMap<string, KeptOutFigures>
  readonly byReason: ReadonlyMap<string, ReasonFigures>
  readonly byRegime: ReadonlyMap<string, GroupFigures>
  readonly byType: ReadonlyMap<string, GroupFigures>
  /** Over all entries read. */
  readonly filtered: ReadonlyMap<FilterName, number>
  /** Ascending. */
  readonly trend: readonly TrendDay[]
  readonly thisWeek: WeekFigures
  readonly lastWeek: WeekFigures
  readonly calibration: Calibration
  /** Of the last entry in place order; null: there is none. */
  readonly weights: Readonly<Record<ComponentName, number>> | null
  readonly firstNs: bigint | null
  readonly lastNs: bigint | null
}
