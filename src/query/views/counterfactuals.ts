/** `counterfactuals`: what became, or would have become, of each event of a decision (CONTRACTS "Counterfactual entry"). Pure data. */
import { column, type LineShape, money, type SeriesShape, same, times, type View } from '../view.ts'

const outcome: LineShape = {
  entry_price: 'DOUBLE',
  exit_price: 'DOUBLE',
  pnl: money,
  hold_time_ms: 'BIGINT',
  exit_reason: 'VARCHAR',
}

const event = {
  event_id: 'VARCHAR',
  event_type: 'VARCHAR',
  symbol: 'VARCHAR',
  tier: 'INTEGER',
  detected_at_ns: 'BIGINT',
  score: 'DOUBLE',
  age_bonus: 'DOUBLE',
  components: { priority_score: 'DOUBLE', freshness: 'DOUBLE', regime: 'DOUBLE', ev: 'DOUBLE' },
  raw: { priority_score: 'DOUBLE', freshness: 'DOUBLE', regime_alignment: 'DOUBLE', expected_value: 'DOUBLE' },
}

const lines: SeriesShape = {
  series: 'counterfactuals',
  shape: {
    arbitration_id: 'VARCHAR',
    timestamp: 'BIGINT',
    selection_reason: 'VARCHAR',
    regime: 'VARCHAR',
    weights_version: 'BIGINT',
    weights: { priority_score: 'DOUBLE', freshness: 'DOUBLE', regime_alignment: 'DOUBLE', expected_value: 'DOUBLE' },
    selected: [{ ...event, outcome }],
    rejected: [
      {
        ...event,
        reason: 'VARCHAR',
        admissible: 'BOOLEAN',
        hypothetical_outcome: outcome,
        opportunity_cost: money,
        filtered: 'VARCHAR',
      },
    ],
  },
  required: ['arbitration_id', 'timestamp', 'selected', 'rejected'],
  optional: {},
}

const head = 'place, entry.timestamp AS timestamp, entry.arbitration_id, entry.selection_reason, entry.regime'
const weights = 'entry.weights_version, entry.weights'
const ofEvent = Object.keys(event)
  .map((key) => `e.${key}`)
  .join(', ')

export const counterfactualsView: View = {
  name: 'counterfactuals',
  lines,
  about: 'an event of a decision, with what it came or would have come to',
  columns: [
    ...times(['timestamp_ns', 'time'], 'timestamp', 'when the decision was taken'),
    column('arbitration_id', 'VARCHAR', 'arbitration_id', 'its last line counts'),
    ...same('VARCHAR', '', ['selection_reason', 'regime']),
    ...same('BIGINT', '', ['weights_version']),
    column('weight_priority_score', 'DOUBLE', 'weights.priority_score'),
    column('weight_freshness', 'DOUBLE', 'weights.freshness'),
    column('weight_regime_alignment', 'DOUBLE', 'weights.regime_alignment'),
    column('weight_expected_value', 'DOUBLE', 'weights.expected_value'),
    column(
      'is_resolved',
      'BOOLEAN',
      'coalesce(bool_and(outcome IS NOT NULL) FILTER (is_selected) OVER entry, false) AND coalesce(bool_or(filtered IS NULL) FILTER (NOT is_selected) OVER entry, false)',
      'its selected events have outcomes and a rejected one is unfiltered: what the report counts',
    ),
    ...same('VARCHAR', '', ['event_id', 'event_type', 'symbol']),
    ...same('INTEGER', '', ['tier']),
    ...times(['detected_at_ns', 'detected_at'], 'detected_at_ns', 'when it was detected'),
    ...same('DOUBLE', '', ['score', 'age_bonus']),
    column('priority_score', 'DOUBLE', 'raw.priority_score', 'raw components, 0 to 1'),
    column('freshness', 'DOUBLE', 'raw.freshness'),
    column('regime_alignment', 'DOUBLE', 'raw.regime_alignment'),
    column('expected_value', 'DOUBLE', 'raw.expected_value'),
    column('weighted_priority_score', 'DOUBLE', 'components.priority_score', 'weight × component'),
    column('weighted_freshness', 'DOUBLE', 'components.freshness'),
    column('weighted_regime_alignment', 'DOUBLE', 'components.regime'),
    column('weighted_expected_value', 'DOUBLE', 'components.ev'),
    column('is_selected', 'BOOLEAN', 'is_selected'),
    column('is_displaced', 'BOOLEAN', 'is_displaced', 'the worst-ranked selected: costs count against it'),
    column('admissible', 'BOOLEAN', 'admissible'),
    column('reason', 'VARCHAR', 'reason', 'why it was rejected'),
    column('entry_price', 'DOUBLE', 'outcome.entry_price', 'outcome: null while unfinished'),
    column('exit_price', 'DOUBLE', 'outcome.exit_price'),
    column('pnl', money, 'outcome.pnl'),
    column('hold_time_ms', 'BIGINT', 'outcome.hold_time_ms'),
    column('exit_reason', 'VARCHAR', 'outcome.exit_reason'),
    column('opportunity_cost', money, 'opportunity_cost', 'its pnl less that of the displaced'),
    column('filtered', 'VARCHAR', 'filtered', 'why the report leaves it out'),
  ],
  rows: `FROM (
      SELECT ${head}, ${weights}, true AS is_selected, ordinal, ordinal = selected_count AS is_displaced, ${ofEvent},
        e.outcome AS outcome, true AS admissible, NULL::VARCHAR AS reason, NULL::${money} AS opportunity_cost, NULL::VARCHAR AS filtered
      FROM (SELECT place, entry, len(entry.selected) AS selected_count, unnest(entry.selected) AS e,
        unnest(range(1, len(entry.selected) + 1)) AS ordinal FROM parsed)
      UNION ALL
      SELECT ${head}, ${weights}, false, 1000000 + ordinal, false, ${ofEvent},
        e.hypothetical_outcome, e.admissible, e.reason, e.opportunity_cost, e.filtered
      FROM (SELECT place, entry, unnest(entry.rejected) AS e, unnest(range(1, len(entry.rejected) + 1)) AS ordinal FROM parsed)
    ) WINDOW entry AS (PARTITION BY place) ORDER BY place, ordinal`,
  isReplacing: true,
}
