/**
 * One line of `inputs-NNNNNN.ndjson`: everything that a decision depended on, as a scenario: `arbitrate` on it gives the same
 * decision (CONTRACTS "Files"). What buys a lot, which sizing found from prices that are not here, is said as `lot_capital`: the
 * greatest amount where nothing does. Pure.
 */
import { tradingStates } from '../domain/decision.ts'
import {
  decisionCandidate as candidateAt,
  decisionCandidateSize,
  decisionHeaderSize,
  decisionParts,
  decisionPositionSize,
  decisionHeader as headerAt,
  decisionPosition as positionAt,
} from '../domain/decision-record.ts'
import { lifecycleNames } from '../domain/event.ts'
import { regimes } from '../domain/regime.ts'
import { type LineBytes, token } from './line-bytes.ts'
import type { LineNames } from './line-names.ts'
import type { PolicyBytes } from './policy-bytes.ts'

const tokens = {
  arbitrationId: token('{"arbitration_id":"'),
  nowNs: token('","scenario":{"now_ns":'),
  capital: token(',"capital":'),
  regime: token(',"regime":'),
  tradingState: token(',"trading_state":'),
  stateAgeMs: token(',"state_age_ms":'),
  openPositions: token(',"open_positions":['),
  lastExecutedType: token('],"history":{"last_executed_type":'),
  deficits: token(',"deficits":{'),
  policy: token('}},"policy":'),
  candidates: token(',"candidates":['),
  end: token(']}}'),

  long: token(',"side":"long","lifecycle_state":'),
  short: token(',"side":"short","lifecycle_state":'),
  noSide: token(',"side":null,"lifecycle_state":'),
  priorityScore: token(',"priority_score":'),
  detectedAtNs: token(',"detected_at_ns":'),
  waitingSinceNs: token(',"waiting_since_ns":'),
  expiresAtNs: token(',"expires_at_ns":'),
  null: token('null'),
  regimeAlignment: token(',"regime_alignment":'),
  expectedValue: token(',"expected_value":'),
  capitalRequired: token(',"capital_required":'),
  lotCapital: token(',"lot_capital":'),
  endObject: token('}'),
}
const tradingStateTokens = tradingStates.map((state) => token(`"${state}"`))
const regimeTokens = regimes.map((regime) => token(`"${regime}"`))
const lifecycleTokens = lifecycleNames.map((state) => token(`"${state}"`))

/**
 * Writes the line behind what `line` holds, without its end. Numbers are written in full: a rounded input would be another input.
 *
 * @param values - Has the decision's record at `start`.
 * @param policy - Written with the weights of the record.
 */
export function writeInputLine(
  line: LineBytes,
  values: Float64Array,
  start: number,
  names: LineNames,
  policy: PolicyBytes,
): void {
  const atNs = values[start + headerAt.atNs]!
  const parts = decisionParts(values, start)
  line.token(tokens.arbitrationId)
  names.writeArbitrationId(line, atNs, values[start + headerAt.sequence]!)
  line.token(tokens.nowNs)
  names.writeTime(line, atNs)
  line.token(tokens.capital)
  line.money(values[start + headerAt.capitalMinor]!)
  line.token(tokens.regime)
  line.token(regimeTokens[values[start + headerAt.regime]!] ?? tokens.null)
  line.token(tokens.tradingState)
  line.token(tradingStateTokens[values[start + headerAt.tradingState]!]!)
  line.token(tokens.stateAgeMs)
  line.exact(values[start + headerAt.stateAgeMs]!)
  line.token(tokens.openPositions)
  for (let at = parts.positions; at < parts.candidates; at += decisionPositionSize) {
    if (at > parts.positions) line.comma()
    writePosition(line, values, at, names)
  }
  line.token(tokens.lastExecutedType)
  const lastType = values[start + headerAt.lastExecutedType]!
  line.token(lastType < 0 ? tokens.null : names.type(lastType))
  line.token(tokens.deficits)
  // Those before the decision; a type without one has 0.
  names.writeMoneyByType(line, values, start + decisionHeaderSize, values[start + headerAt.typeCount]!, 0)
  line.token(tokens.policy)
  policy.write(line, values, start)
  line.token(tokens.candidates)
  for (let at = parts.candidates; at < parts.end; at += decisionCandidateSize) {
    if (at > parts.candidates) line.comma()
    writeCandidate(line, values, at, names)
  }
  line.token(tokens.end)
}

function writePosition(line: LineBytes, values: Float64Array, at: number, names: LineNames): void {
  const typeIndex = values[at + positionAt.typeIndex]!
  const symbolIndex = values[at + positionAt.symbolIndex]!
  line.token(names.eventHead(values[at + positionAt.handle]!, typeIndex, symbolIndex))
  line.token(tokens.capital)
  line.money(values[at + positionAt.capitalMinor]!)
  line.token(tokens.endObject)
}

function writeCandidate(line: LineBytes, values: Float64Array, at: number, names: LineNames): void {
  const typeIndex = values[at + candidateAt.typeIndex]!
  const symbolIndex = values[at + candidateAt.symbolIndex]!
  const side = values[at + candidateAt.side]!
  const expiresAtNs = values[at + candidateAt.expiresAtNs]!
  line.token(names.eventHead(values[at + candidateAt.handle]!, typeIndex, symbolIndex))
  line.token(side === 0 ? tokens.noSide : side > 0 ? tokens.long : tokens.short)
  line.token(lifecycleTokens[values[at + candidateAt.lifecycle]!]!)
  line.token(tokens.priorityScore)
  line.exact(values[at + candidateAt.priorityScore]!)
  line.token(tokens.detectedAtNs)
  names.writeTime(line, values[at + candidateAt.detectedAtNs]!)
  line.token(tokens.waitingSinceNs)
  names.writeTime(line, values[at + candidateAt.waitingSinceNs]!)
  line.token(tokens.expiresAtNs)
  if (expiresAtNs === Number.POSITIVE_INFINITY) line.token(tokens.null)
  else names.writeTime(line, expiresAtNs)
  line.token(tokens.regimeAlignment)
  line.exact(values[at + candidateAt.regimeAlignment]!)
  line.token(tokens.expectedValue)
  line.exact(values[at + candidateAt.expectedValue]!)
  line.token(tokens.capitalRequired)
  line.money(values[at + candidateAt.capitalRequiredMinor]!)
  const lotCapitalMinor = values[at + candidateAt.lotCapitalMinor]!
  if (lotCapitalMinor > 0) {
    line.token(tokens.lotCapital)
    line.money(Math.min(lotCapitalMinor, Number.MAX_SAFE_INTEGER))
  }
  line.token(tokens.endObject)
}
