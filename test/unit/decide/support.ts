/** A terse way to fill the arbiter's arrays in tests. */
import type { AccountState } from '../../../src/decide/account.ts'
import { Arbiter } from '../../../src/decide/arbiter.ts'
import type { CandidateInput } from '../../../src/decide/candidate-set.ts'
import { CandidateSet } from '../../../src/decide/candidate-set.ts'
import { materialize } from '../../../src/decide/materialize.ts'
import { PositionSet } from '../../../src/decide/position-set.ts'
import type { Decision } from '../../../src/domain/decision.ts'
import { lifecycle } from '../../../src/domain/event.ts'
import type { Policy } from '../../../src/domain/policy.ts'
import { eventTypesOf } from '../../../src/domain/policy.ts'
import { parsePolicy } from '../../../src/domain/policy-codec.ts'

export const symbols = Array.from({ length: 512 }, (_, index) => `S${index}`)

/** A candidate that is admissible, fresh and has a score of 0.3 + 0.4 × its priority score. */
export function candidate(eventId: string, input: Partial<CandidateInput> = {}): CandidateInput {
  return {
    eventId,
    typeIndex: 0,
    symbolIndex: 0,
    lifecycleState: lifecycle.ACTIVE,
    priorityScore: 0.5,
    regimeAlignment: 0,
    expectedValue: 0,
    detectedAtNs: 0,
    waitingSinceNs: 0,
    expiresAtNs: Number.POSITIVE_INFINITY,
    capitalRequiredMinor: 0,
    lotCapitalMinor: 0,
    ...input,
  }
}

export const account: AccountState = {
  nowNs: 0,
  capitalMinor: 1_000_000,
  tradingState: 'ACTIVE',
  stateAgeMs: 0,
  lastExecutedTypeIndex: -1,
  deficitsMinor: null,
}

export function policyOf(json: Record<string, unknown>): Policy {
  return parsePolicy(json, 'policy')
}

export function fill(set: CandidateSet, inputs: readonly CandidateInput[]): CandidateSet {
  set.clear()
  for (const input of inputs) set.add(input)
  return set
}

export function decide(policy: Policy, inputs: readonly CandidateInput[], state: Partial<AccountState> = {}): Decision {
  const candidates = fill(new CandidateSet(Math.max(1, inputs.length)), inputs)
  const positions = new PositionSet(0)
  const types = eventTypesOf(policy)
  const view = new Arbiter(policy, types, candidates.capacity).decide(candidates, positions, { ...account, ...state })
  return materialize(view, candidates, positions, { types, symbols })
}

/** Event ids and reasons of the rejected, by rank. */
export function reasonsOf(decision: Decision): Record<string, string> {
  return Object.fromEntries(decision.rejected.map((event) => [event.eventId, event.reason]))
}
