/** `decisions` and `candidates`: what `decisions-…` says (CONTRACTS "Journal entry"). Pure data. */
import { column, money, type SeriesShape, same, times, type View } from '../view.ts'

const lines: SeriesShape = {
  series: 'decisions',
  shape: {
    timestamp: 'BIGINT',
    arbitration_id: 'VARCHAR',
    sequence: 'BIGINT',
    weights_version: 'BIGINT',
    state_version: 'BIGINT',
    candidates: [
      {
        event_id: 'VARCHAR',
        event_type: 'VARCHAR',
        symbol: 'VARCHAR',
        priority_score: 'DOUBLE',
        freshness: 'DOUBLE',
        regime_alignment: 'DOUBLE',
        expected_value: 'DOUBLE',
        components: { priority_score: 'DOUBLE', freshness: 'DOUBLE', regime: 'DOUBLE', ev: 'DOUBLE' },
        base_score: 'DOUBLE',
        age_bonus: 'DOUBLE',
        score: 'DOUBLE',
        tier: 'INTEGER',
        rank: 'INTEGER',
      },
    ],
    admissible_count: 'INTEGER',
    selected: ['VARCHAR'],
    selection_reason: 'VARCHAR',
    rejected_events: [
      {
        event_id: 'VARCHAR',
        reason: 'VARCHAR',
        admissible: 'BOOLEAN',
        score_diff: 'DOUBLE',
        blocked_by: 'VARCHAR',
      },
    ],
    allocations: [{ event_id: 'VARCHAR', capital: money, reservation_status: 'VARCHAR' }],
    capital_allocated: money,
    capital_unallocated: money,
    reservation_status: 'VARCHAR',
  },
  required: ['timestamp', 'arbitration_id', 'candidates', 'selected'],
  optional: { deficits: `MAP(VARCHAR, ${money})` },
}

export const decisionsView: View = {
  name: 'decisions',
  lines,
  about: 'a decision',
  columns: [
    ...times(['timestamp_ns', 'time'], 'entry.timestamp', 'when it was taken'),
    column('arbitration_id', 'VARCHAR', 'entry.arbitration_id'),
    column('sequence', 'BIGINT', 'entry.sequence'),
    column('weights_version', 'BIGINT', 'entry.weights_version'),
    column('state_version', 'BIGINT', 'entry.state_version', 'the hot state that it read'),
    column('candidate_count', 'INTEGER', 'len(entry.candidates)'),
    column('admissible_count', 'INTEGER', 'entry.admissible_count'),
    column('selected_count', 'INTEGER', 'len(entry.selected)'),
    column('selected', 'VARCHAR[]', 'entry.selected', 'event ids by rank'),
    column('selection_reason', 'VARCHAR', 'entry.selection_reason'),
    column('capital_allocated', money, 'entry.capital_allocated'),
    column('capital_unallocated', money, 'entry.capital_unallocated'),
    column('reservation_status', 'VARCHAR', 'entry.reservation_status', 'of the best-ranked member'),
    column('deficits', `MAP(VARCHAR, ${money})`, 'deficits', 'by type, where the deficit queue chose'),
  ],
  rows: 'FROM parsed ORDER BY place',
}

export const candidatesView: View = {
  name: 'candidates',
  lines,
  about: 'a candidate of a decision',
  columns: [
    ...times(['timestamp_ns', 'time'], 'd.timestamp', 'when the decision was taken'),
    ...same('VARCHAR', 'd.', ['arbitration_id']),
    ...same('BIGINT', 'd.', ['sequence']),
    ...same('VARCHAR', 'd.', ['selection_reason']),
    ...same('VARCHAR', 'c.', ['event_id', 'event_type', 'symbol']),
    ...same('INTEGER', 'c.', ['tier', 'rank']),
    ...same('DOUBLE', 'c.', ['score', 'base_score', 'age_bonus']),
    column('priority_score', 'DOUBLE', 'c.priority_score', 'raw components, 0 to 1'),
    ...same('DOUBLE', 'c.', ['freshness', 'regime_alignment', 'expected_value']),
    column('weighted_priority_score', 'DOUBLE', 'c.components.priority_score', 'weight × component'),
    column('weighted_freshness', 'DOUBLE', 'c.components.freshness'),
    column('weighted_regime_alignment', 'DOUBLE', 'c.components.regime'),
    column('weighted_expected_value', 'DOUBLE', 'c.components.ev'),
    column('is_selected', 'BOOLEAN', 'list_contains(d.selected, c.event_id)'),
    column('admissible', 'BOOLEAN', 'list_contains(d.selected, c.event_id) OR r.admissible'),
    column('reason', 'VARCHAR', 'r.reason', 'why it was rejected'),
    column('score_diff', 'DOUBLE', 'r.score_diff', 'the winner’s score less its own, where it was admissible'),
    column('blocked_by', 'VARCHAR', 'r.blocked_by', 'the event or position that blocks'),
    column('capital', money, 'a.capital', 'allocated'),
    column('reservation_status', 'VARCHAR', 'a.reservation_status'),
  ],
  rows: `FROM (
      SELECT place, entry.timestamp, entry.arbitration_id, entry.sequence, entry.selection_reason, entry.selected,
        unnest(entry.candidates) AS c FROM parsed
    ) d
    LEFT JOIN (SELECT place, unnest(entry.rejected_events) AS r FROM parsed) x
      ON x.place = d.place AND x.r.event_id = d.c.event_id
    LEFT JOIN (SELECT place, unnest(entry.allocations) AS a FROM parsed) y
      ON y.place = d.place AND y.a.event_id = d.c.event_id
    ORDER BY d.place, d.c.rank`,
}
