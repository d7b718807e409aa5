/** The report as `report --json` prints it (CONTRACTS), and what it prints after that. Pure; any thread. */
import type { NumberedWeightSet } from '../domain/weight-set.ts'
import { weightSetJson } from '../domain/weight-set-codec.ts'
import { findingsOf } from './findings.ts'
import {
  type ComponentFigures,
  type ComponentName,
  componentNames,
  type GroupFigures,
  type ReportFigures,
} from './report-figures.ts'
import { shown, shownOrNull } from './shown-number.ts'

interface GroupJson {
  readonly missed_pnl: number
  readonly inversion_rate: number | null
  readonly resolved: number
}

export interface ReportJson {
  readonly arbitrations: number
  readonly resolved: number
  readonly missed_pnl: number
  readonly signed_opportunity_cost: number
  readonly average_per_arbitration: number | null
  readonly max_single: { readonly event_id: string; readonly arbitration_id: string; readonly cost: number } | null
  readonly inversions: {
    readonly count: number
    readonly rate: number | null
    readonly ci95: readonly [number, number] | null
    readonly chance: number | null
  }
  readonly regret: { readonly total: number; readonly mean: number | null }
  readonly baselines: { readonly selected: number; readonly random: number; readonly first_come: number }
  readonly by_component: Readonly<Record<ComponentName, ComponentJson>>
  readonly by_reason: Readonly<Record<string, { readonly count: number; readonly opportunity_cost: number }>>
  readonly by_regime: Readonly<Record<string, GroupJson>>
  readonly by_type: Readonly<Record<string, GroupJson>>
  readonly filtered: Readonly<Record<string, number>>
  readonly trend: readonly {
    readonly day: string
    readonly resolved: number
    readonly inversion_rate: number | null
    readonly missed_pnl: number
  }[]
}

/** What stands behind the keys of the contract. */
export interface FullReportJson extends ReportJson {
  readonly unresolved: { readonly none_selected: number; readonly no_rival: number; readonly outcome_unknown: number }
  readonly traded_later: { readonly count: number; readonly missed_pnl: number }
  readonly kept_out: Readonly<Record<string, { readonly count: number; readonly pnl: number }>>
  readonly calibration: { readonly count: number; readonly bias: number | null; readonly spread: number | null }
  readonly findings: readonly string[]
  /** Null: the journal has no weight set of its own, so the policy's weights decide. */
  readonly in_force: Readonly<Record<string, unknown>> | null
}

interface ComponentJson {
  readonly count: number
  readonly wins: number
  readonly win_rate: number | null
  readonly opportunity_cost: number
}

/** The keys of the contract in its order; numbers to 15 significant digits. */
export function reportJson(figures: ReportFigures): ReportJson {
  const { maxSingle, inversions, baselines } = figures
  return {
    arbitrations: figures.arbitrations,
    resolved: figures.resolved,
    missed_pnl: shown(figures.missedPnl),
    signed_opportunity_cost: shown(figures.signedOpportunityCost),
    average_per_arbitration: shownOrNull(figures.averagePerArbitration),
    max_single:
      maxSingle === null
        ? null
        : { event_id: maxSingle.eventId, arbitration_id: maxSingle.arbitrationId, cost: shown(maxSingle.cost) },
    inversions: {
      count: inversions.count,
      rate: shownOrNull(inversions.rate),
      ci95: inversions.ci95 === null ? null : [shown(inversions.ci95[0]), shown(inversions.ci95[1])],
      chance: shownOrNull(inversions.chance),
    },
    regret: { total: shown(figures.regret.total), mean: shownOrNull(figures.regret.mean) },
    baselines: {
      selected: shown(baselines.selected),
      random: shown(baselines.random),
      first_come: shown(baselines.firstCome),
    },
    by_component: Object.fromEntries(
      componentNames.map((name) => [name, componentJson(figures.byComponent[name])]),
    ) as Record<ComponentName, ComponentJson>,
    by_reason: named(figures.byReason, ({ count, opportunityCost }) => ({
      count,
      opportunity_cost: shown(opportunityCost),
    })),
    by_regime: named(figures.byRegime, groupJson),
    by_type: named(figures.byType, groupJson),
    filtered: Object.fromEntries(figures.filtered),
    trend: figures.trend.map(({ day, resolved, inversions: { rate }, missedPnl }) => ({
      day,
      resolved,
      inversion_rate: shownOrNull(rate),
      missed_pnl: shown(missedPnl),
    })),
  }
}

/**
 * @param moneyText - How the findings write money.
 * @param inForce - The journal's newest weight set.
 */
export function fullReportJson(
  figures: ReportFigures,
  moneyText: (units: number) => string,
  inForce: NumberedWeightSet | null,
): FullReportJson {
  const { unresolved, tradedLater, calibration } = figures
  return {
    ...reportJson(figures),
    unresolved: {
      none_selected: unresolved.noneSelected,
      no_rival: unresolved.noRival,
      outcome_unknown: unresolved.outcomeUnknown,
    },
    traded_later: { count: tradedLater.count, missed_pnl: shown(tradedLater.missedPnl) },
    kept_out: named(figures.keptOut, ({ count, pnl }) => ({ count, pnl: shown(pnl) })),
    calibration: {
      count: calibration.count,
      bias: shownOrNull(calibration.bias),
      spread: shownOrNull(calibration.spread),
    },
    findings: findingsOf(figures, moneyText).map(({ sentence }) => sentence),
    in_force: inForce === null ? null : weightSetJson(inForce),
  }
}

function componentJson({ count, wins, winRate, opportunityCost }: ComponentFigures): ComponentJson {
  return { count, wins, win_rate: shownOrNull(winRate), opportunity_cost: shown(opportunityCost) }
}

function groupJson({ missedPnl, inversionRate, resolved }: GroupFigures): GroupJson {
  return { missed_pnl: shown(missedPnl), inversion_rate: shownOrNull(inversionRate), resolved }
}

/** A name may be anything: none of them becomes the prototype. */
function named<Figures, Json>(
  figures: ReadonlyMap<string, Figures>,
  jsonOf: (figures: Figures) => Json,
): Record<string, Json> {
  return Object.fromEntries([...figures].map(([name, one]) => [name, jsonOf(one)]))
}
