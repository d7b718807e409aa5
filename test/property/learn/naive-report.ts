/** The report once more, as plainly as CONTRACTS says it: whole objects, filters and maps. What the fast one is held against. */
import type { CandidateLine, EntryLine, RejectedLine } from '../../support/counterfactuals.ts'

const z = 1.959963984540054

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** ERRATA E10 after the time of detection. */
function isBefore(one: CandidateLine, other: CandidateLine): boolean {
  const keys = (line: CandidateLine) => [-Math.round(line.score * 1e12), -line.raw.priority_score, line.tier]
  if (one.detected_at_ns !== other.detected_at_ns) return one.detected_at_ns < other.detected_at_ns
  const [left, right] = [keys(one), keys(other)]
  for (let key = 0; key < 3; key++) if (left[key] !== right[key]) return left[key]! < right[key]!
  return Buffer.compare(Buffer.from(one.event_id), Buffer.from(other.event_id)) < 0
}

function wilson(count: number, trials: number): [number, number] {
  const share = count / trials
  const half = z * Math.sqrt((share * (1 - share) + (z * z) / (4 * trials)) / trials)
  const middle = share + (z * z) / (2 * trials)
  const whole = 1 + (z * z) / trials
  return [Math.max(0, (middle - half) / whole), Math.min(1, (middle + half) / whole)]
}

const costOf = ({ opportunity_cost: cost }: RejectedLine): number => cost!
const missedOf = (rejected: readonly RejectedLine[]): number => sumOf(rejected.map((line) => Math.max(0, costOf(line))))

export function replaced(lines: readonly EntryLine[]): EntryLine[] {
  const byId = new Map<string, EntryLine>()
  for (const line of lines) byId.set(line.arbitration_id, line)
  return [...byId.values()]
}

export function naiveReport(lines: readonly EntryLine[], pick: (line: EntryLine) => boolean = () => true) {
  const entries = replaced(lines).filter(pick)
  const counting = (entry: EntryLine) => entry.rejected.filter((line) => line.filtered === null)
  const resolved = entries.filter(
    (entry) =>
      entry.selected.length > 0 && entry.selected.every((one) => one.outcome !== null) && counting(entry).length > 0,
  )
  const all = resolved.flatMap(counting)
  const mean = (total: number) => (resolved.length === 0 ? null : total / resolved.length)
  const inverted = (some: readonly EntryLine[], type?: string) =>
    some.filter((entry) =>
      counting(entry).some((line) => costOf(line) > 0 && (type ?? line.event_type) === line.event_type),
    )
  const count = inverted(resolved).length
  const greatest = Math.max(...all.map(costOf))
  const maxEntry = resolved.find((entry) => counting(entry).some((line) => costOf(line) === greatest))
  const regrets = resolved.map((entry) => Math.max(0, ...counting(entry).map(costOf)))
  const pnlOf = (line: RejectedLine) => line.hypothetical_outcome!.pnl
  const displacedOf = (entry: EntryLine) => entry.selected.at(-1)!
  const group = (some: readonly EntryLine[]) => ({
    missed_pnl: missedOf(some.flatMap(counting)),
    inversion_rate: inverted(some).length / some.length,
    resolved: some.length,
  })
  const grouped = (keyOf: (entry: EntryLine) => string) => {
    const keys = [...new Set(resolved.map(keyOf))]
    return keys.map((key) => [key, group(resolved.filter((entry) => keyOf(entry) === key))] as const)
  }
  const dayOf = ({ timestamp }: EntryLine) => new Date(Number(timestamp / 1_000_000n)).toISOString().slice(0, 10)
  const withReason = resolved.flatMap((entry) =>
    entry.rejected.filter((line) => line.filtered === null || line.filtered === 'inadmissible'),
  )
  const components = ['priority_score', 'freshness', 'regime_alignment', 'expected_value'] as const
  const filters = ['unfinished', 'inadmissible', 'invalidated', 'low_priority']
  return {
    arbitrations: entries.length,
    resolved: resolved.length,
    missed_pnl: missedOf(all),
    signed_opportunity_cost: sumOf(all.map(costOf)),
    average_per_arbitration: mean(missedOf(all)),
    max_single:
      maxEntry === undefined
        ? null
        : {
            event_id: counting(maxEntry).find((line) => costOf(line) === greatest)!.event_id,
            arbitration_id: maxEntry.arbitration_id,
            cost: greatest,
          },
    inversions: {
      count,
      rate: mean(count),
      ci95: resolved.length === 0 ? null : wilson(count, resolved.length),
      chance: mean(sumOf(resolved.map((entry) => 1 - 1 / (1 + counting(entry).length)))),
    },
    regret: { total: sumOf(regrets), mean: mean(sumOf(regrets)) },
    baselines: {
      selected: sumOf(resolved.map((entry) => displacedOf(entry).outcome!.pnl)),
      random: sumOf(
        resolved.map((entry) => {
          const pnls = [displacedOf(entry).outcome!.pnl, ...counting(entry).map(pnlOf)]
          return sumOf(pnls) / pnls.length
        }),
      ),
      first_come: sumOf(
        resolved.map((entry) => {
          const options = [
            { line: displacedOf(entry) as CandidateLine, pnl: displacedOf(entry).outcome!.pnl },
            ...counting(entry).map((line) => ({ line: line as CandidateLine, pnl: pnlOf(line) })),
          ]
          return options.reduce((first, next) => (isBefore(next.line, first.line) ? next : first)).pnl
        }),
      ),
    },
    by_component: Object.fromEntries(
      components.map((name) => {
        const more = resolved.flatMap((entry) =>
          counting(entry).filter((line) => line.raw[name] > displacedOf(entry).raw[name]),
        )
        const wins = more.filter((line) => costOf(line) > 0).length
        const rate = more.length === 0 ? null : wins / more.length
        return [name, { count: more.length, wins, win_rate: rate, opportunity_cost: missedOf(more) }]
      }),
    ),
    by_reason: Object.fromEntries(
      [...new Set(withReason.map((line) => line.reason))].map((reason) => {
        const of = withReason.filter((line) => line.reason === reason)
        return [reason, { count: of.length, opportunity_cost: missedOf(of) }]
      }),
    ),
    by_regime: Object.fromEntries(grouped((entry) => String(entry.regime))),
    by_type: Object.fromEntries(
      [...new Set(all.map((line) => line.event_type))].map((type) => {
        const of = resolved.filter((entry) => counting(entry).some((line) => line.event_type === type))
        const costs = missedOf(all.filter((line) => line.event_type === type))
        return [type, { missed_pnl: costs, inversion_rate: inverted(of, type).length / of.length, resolved: of.length }]
      }),
    ),
    filtered: Object.fromEntries(
      filters
        .map((filter) => {
          const taken = entries.flatMap((entry) => entry.rejected).filter((line) => line.filtered === filter)
          return [filter, taken.length] as const
        })
        .filter(([, taken]) => taken > 0),
    ),
    trend: grouped(dayOf)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([day, { missed_pnl, inversion_rate, resolved: of }]) => ({
        day,
        resolved: of,
        inversion_rate,
        missed_pnl,
      })),
  }
}
