/** `trades`, `refusals`, `events` and `inputs`: views of which a row is a line (CONTRACTS "Journal entry"). Pure data. */
import { column, money, same, times, type View } from '../view.ts'

const rows = 'FROM parsed ORDER BY place'

export const tradesView: View = {
  name: 'trades',
  lines: {
    series: 'trades',
    shape: {
      event_id: 'VARCHAR',
      arbitration_id: 'VARCHAR',
      symbol: 'VARCHAR',
      side: 'VARCHAR',
      quantity: 'DOUBLE',
      capital: money,
      fees: money,
      funding: money,
      outcome: {
        entry_price: 'DOUBLE',
        exit_price: 'DOUBLE',
        pnl: money,
        hold_time_ms: 'BIGINT',
        exit_reason: 'VARCHAR',
      },
    },
    required: ['event_id', 'outcome'],
    optional: { strategy: 'VARCHAR' },
  },
  about: 'a closed trade',
  columns: [
    column('event_id', 'VARCHAR', 'entry.event_id'),
    column('arbitration_id', 'VARCHAR', 'entry.arbitration_id', 'null: `strategy` claimed it by itself'),
    column('strategy', 'VARCHAR', 'strategy'),
    ...same('VARCHAR', 'entry.', ['symbol', 'side']),
    column('quantity', 'DOUBLE', 'entry.quantity'),
    column('capital', money, 'entry.capital', 'allocated or reserved'),
    column('fees', money, 'entry.fees'),
    column('funding', money, 'entry.funding', 'received +, paid −'),
    column('entry_price', 'DOUBLE', 'entry.outcome.entry_price'),
    column('exit_price', 'DOUBLE', 'entry.outcome.exit_price'),
    column('pnl', money, 'entry.outcome.pnl', 'after fees and funding'),
    column('hold_time_ms', 'BIGINT', 'entry.outcome.hold_time_ms'),
    column('exit_reason', 'VARCHAR', 'entry.outcome.exit_reason'),
  ],
  rows,
}

export const refusalsView: View = {
  name: 'refusals',
  lines: {
    series: 'refusals',
    shape: {
      event_id: 'VARCHAR',
      arbitration_id: 'VARCHAR',
      symbol: 'VARCHAR',
      side: 'VARCHAR',
      quantity: 'DOUBLE',
      capital: money,
      at_ns: 'BIGINT',
      reason: 'VARCHAR',
      limit_price: 'DOUBLE',
      price: 'DOUBLE',
    },
    required: ['event_id', 'at_ns'],
    optional: { strategy: 'VARCHAR' },
  },
  about: 'an entry that the venue never filled',
  columns: [
    ...times(['at_ns', 'time'], 'entry.at_ns', 'when it was refused'),
    ...same('VARCHAR', 'entry.', ['event_id']),
    column('arbitration_id', 'VARCHAR', 'entry.arbitration_id', 'null: `strategy` claimed it by itself'),
    column('strategy', 'VARCHAR', 'strategy'),
    ...same('VARCHAR', 'entry.', ['symbol', 'side']),
    ...same('DOUBLE', 'entry.', ['quantity']),
    column('capital', money, 'entry.capital', 'free again'),
    ...same('VARCHAR', 'entry.', ['reason']),
    ...same('DOUBLE', 'entry.', ['limit_price']),
    column('price', 'DOUBLE', 'entry.price', 'where it would have been filled'),
  ],
  rows,
}

export const eventsView: View = {
  name: 'events',
  lines: {
    series: 'events',
    shape: {
      event_id: 'VARCHAR',
      event_type: 'VARCHAR',
      symbol: 'VARCHAR',
      side: 'VARCHAR',
      state: 'VARCHAR',
      at_ns: 'BIGINT',
      priority_score: 'DOUBLE',
      evidence: 'MAP(VARCHAR, DOUBLE)',
    },
    required: ['event_id', 'state', 'at_ns'],
    optional: { reason: 'VARCHAR' },
  },
  about: 'a lifecycle change of an event',
  columns: [
    ...times(['at_ns', 'time'], 'entry.at_ns', 'when it changed'),
    ...same('VARCHAR', 'entry.', ['event_id', 'event_type', 'symbol', 'side']),
    column('state', 'VARCHAR', 'entry.state', 'what it became'),
    ...same('DOUBLE', 'entry.', ['priority_score']),
    column('evidence', 'MAP(VARCHAR, DOUBLE)', 'entry.evidence', "evidence['NAME']"),
    column('reason', 'VARCHAR', 'reason', 'why a strategy declined it'),
  ],
  rows,
}

const position = { event_id: 'VARCHAR', event_type: 'VARCHAR', symbol: 'VARCHAR', capital: money }
const candidate = {
  event_id: 'VARCHAR',
  side: 'VARCHAR',
  lifecycle_state: 'VARCHAR',
  detected_at_ns: 'BIGINT',
  waiting_since_ns: 'BIGINT',
  expires_at_ns: 'BIGINT',
  capital_required: money,
}
const structOf = (shape: Readonly<Record<string, string>>): string =>
  `STRUCT(${Object.entries(shape)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ')})`

export const inputsView: View = {
  name: 'inputs',
  lines: {
    series: 'inputs',
    shape: {
      arbitration_id: 'VARCHAR',
      scenario: {
        now_ns: 'BIGINT',
        capital: money,
        regime: 'VARCHAR',
        trading_state: 'VARCHAR',
        state_age_ms: 'DOUBLE',
        open_positions: [position],
        history: { last_executed_type: 'VARCHAR' },
        candidates: [candidate],
      },
    },
    required: ['arbitration_id', 'scenario'],
    optional: {},
  },
  about: 'what a decision was taken on',
  columns: [
    ...times(['now_ns', 'time'], 'entry.scenario.now_ns', 'when the decision was taken'),
    column('arbitration_id', 'VARCHAR', 'entry.arbitration_id'),
    column('capital', money, 'entry.scenario.capital', 'of the account'),
    column('regime', 'VARCHAR', 'entry.scenario.regime'),
    column('trading_state', 'VARCHAR', 'entry.scenario.trading_state'),
    column('state_age_ms', 'DOUBLE', 'entry.scenario.state_age_ms'),
    column('last_executed_type', 'VARCHAR', 'entry.scenario.history.last_executed_type'),
    column('open_positions', `${structOf(position)}[]`, 'entry.scenario.open_positions'),
    column('candidates', `${structOf(candidate)}[]`, 'entry.scenario.candidates', 'unnest(candidates) has a row each'),
  ],
  rows,
}
