/** Decisions as the tracker is told them, for tests: arrays of candidates in, the record out. */
import type { AccountState } from '../../../../src/decide/account.ts'
import { Arbiter } from '../../../../src/decide/arbiter.ts'
import { type CandidateInput, CandidateSet } from '../../../../src/decide/candidate-set.ts'
import { writeDecisionRecord } from '../../../../src/decide/decision-writer.ts'
import { PositionSet } from '../../../../src/decide/position-set.ts'
import {
  decisionCandidate,
  decisionCandidateSize,
  decisionParts,
  decisionRecordSize,
} from '../../../../src/domain/decision-record.ts'
import { eventTypesOf, type Policy } from '../../../../src/domain/policy.ts'
import { regimes } from '../../../../src/domain/regime.ts'
import { reservationStatuses } from '../../../../src/domain/reservation.ts'
import { account, fill } from '../../decide/support.ts'

const granted = reservationStatuses.indexOf('SUCCESS')

export interface OpenPosition {
  readonly typeIndex: number
  readonly symbolIndex: number
  readonly capitalMinor: number
}

export interface Situation {
  readonly policy: Policy
  readonly candidates: readonly CandidateInput[]
  readonly open?: readonly OpenPosition[]
  readonly account?: Partial<AccountState>
  readonly sequence?: number
}

/** The decision's record; every selected event has its reservation. */
export function recordOf({ policy, candidates: inputs, open = [], sequence = 1, ...rest }: Situation): Float64Array {
  const types = eventTypesOf(policy)
  const candidates = fill(new CandidateSet(Math.max(1, inputs.length)), inputs)
  const positions = new PositionSet(open.length)
  for (const position of open) {
    positions.add('p', position.typeIndex, position.symbolIndex, position.capitalMinor)
  }
  const state = { ...account, ...rest.account }
  const view = new Arbiter(policy, types, candidates.capacity).decide(candidates, positions, state)
  const record = new Float64Array(decisionRecordSize(types.length, positions.count, candidates.count))
  const stamp = {
    sequence,
    weightsVersion: 1,
    stateVersion: 0,
    weights: policy.weights,
    regime: regimes.indexOf('trend'),
  }
  const length = writeDecisionRecord(record, 0, view, candidates, positions, state, stamp)
  const { candidates: first, end } = decisionParts(record, 0)
  for (let at = first; at < end; at += decisionCandidateSize) {
    if (record[at + decisionCandidate.rejection]! < 0) record[at + decisionCandidate.reservation] = granted
  }
  return record.slice(0, length)
}

/** One number of the candidate at a rank. */
export function fieldOf(record: Float64Array, rank: number, name: keyof typeof decisionCandidate): number {
  return record[decisionParts(record, 0).candidates + rank * decisionCandidateSize + decisionCandidate[name]]!
}

export function countOf(record: Float64Array): number {
  const { candidates, end } = decisionParts(record, 0)
  return (end - candidates) / decisionCandidateSize
}
