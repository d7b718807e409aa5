/** The journal's writers go from the binary record straight to bytes; what they write is what the platform's own JSON writes. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recordScenario } from '../../../src/decide/from-scenario.ts'
import { arbitrationIdOf } from '../../../src/domain/decision.ts'
import {
  decisionCandidate,
  decisionCandidateSize,
  decisionHeader,
  decisionParts,
  readDecisionRecord,
} from '../../../src/domain/decision-record.ts'
import { policyJsonText, policyTextAroundWeights } from '../../../src/domain/policy-json.ts'
import { reservationStatuses } from '../../../src/domain/reservation.ts'
import type { Scenario } from '../../../src/domain/scenario.ts'
import { Timeline } from '../../../src/domain/units.ts'
import { writeDecisionLine } from '../../../src/journal/decision-line.ts'
import { writeInputLine } from '../../../src/journal/input-line.ts'
import { LineBytes } from '../../../src/journal/line-bytes.ts'
import { LineNames } from '../../../src/journal/line-names.ts'
import { PolicyBytes } from '../../../src/journal/policy-bytes.ts'
import { decisionText, inputText } from '../../support/journal-text.ts'
import { type Case, cases } from './what-if-check.ts'

const epochMs = 1_737_442_838_123
/** Into a rest of a second and into the other direction of the epoch too. */
const stamps = fc.record({
  atNs: fc.integer({ min: -2_000_000_000, max: 86_400_000_000_000 }),
  sequence: fc.oneof(fc.integer({ min: 1, max: 1_500_000 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  weightsVersion: fc.integer({ min: 1, max: 99 }),
  stateVersion: fc.nat(),
  regime: fc.integer({ min: -1, max: 1 }),
  /** What became of the reservations, by rank; how the sides are dealt out. */
  luck: fc.nat(),
})
type Stamp = typeof stamps extends fc.Arbitrary<infer Value> ? Value : never

/** What a lot may cost. */
const lots = [0, 1, 123_456, Number.POSITIVE_INFINITY]

/** Both lines as bytes, and as they must be. */
function linesOf({ scenario, policy }: Case, stamp: Stamp, spoil = (_record: Float64Array): void => undefined) {
  const { record, names, eventIds } = recordScenario(scenario, policy)
  record[decisionHeader.atNs] = stamp.atNs
  record[decisionHeader.sequence] = stamp.sequence
  record[decisionHeader.weightsVersion] = stamp.weightsVersion
  record[decisionHeader.stateVersion] = stamp.stateVersion
  record[decisionHeader.regime] = stamp.regime
  const { candidates, end } = decisionParts(record, 0)
  for (let at = candidates; at < end; at += decisionCandidateSize) {
    record[at + decisionCandidate.reservation] = (stamp.luck + at) % reservationStatuses.length
    record[at + decisionCandidate.side] = ((stamp.luck + at) % 3) - 1
    record[at + decisionCandidate.lotCapitalMinor] = lots[(stamp.luck + at) % lots.length]!
  }
  const timeline = new Timeline(epochMs)
  const read = readDecisionRecord(record, 0, { ...names, timeline, idOf: (handle) => eventIds.get(handle)! })
  const policyText = policyJsonText(policy)
  const arbitrationId = arbitrationIdOf(read.stamp.timestampNs, stamp.sequence)

  spoil(record)
  const lineNames = new LineNames({ ...names, epochNs: timeline.epochNs })
  for (const [handle, eventId] of eventIds) lineNames.nameEvent(handle, eventId)
  const line = new LineBytes()
  const written = (write: () => void): string => {
    line.clear()
    write()
    return line.toString()
  }
  return {
    decision: written(() => writeDecisionLine(line, record, 0, lineNames)),
    decisionExpected: decisionText(read.decision, read.stamp),
    input: written(() => writeInputLine(line, record, 0, lineNames, new PolicyBytes(policyTextAroundWeights(policy)))),
    inputExpected: inputText(arbitrationId, read.scenario, policyText),
  }
}

describe('journal lines', () => {
  test('journal lines: byte for byte those of the objects that the record is read as', () => {
    fc.assert(
      fc.property(cases(7), stamps, (one, stamp) => {
        const lines = linesOf(one, stamp)
        expect(lines.decision).toBe(lines.decisionExpected)
        expect(lines.input).toBe(lines.inputExpected)
      }),
      { numRuns: 3_000 },
    )
  })

  test('canary: a number that is off by one digit of twelve is seen', () => {
    const one = fc.sample(cases(7), { seed: 11, numRuns: 50 }).find(({ scenario }) => scenario.candidates.length > 1)!
    const stamp = { atNs: 0, sequence: 1, weightsVersion: 1, stateVersion: 0, regime: 0, luck: 0 }
    const lines = linesOf(one, stamp, (record) => {
      const at = decisionParts(record, 0).candidates
      record[at + decisionCandidate.score]! += 1e-11
      record[at + decisionCandidate.priorityScore] = 0.123456789012345
    })
    expect(lines.decision).not.toBe(lines.decisionExpected)
    expect(lines.input).not.toBe(lines.inputExpected)
  })

  test('journal lines: a decision on nobody, and one on two thousand', () => {
    const stamp = { atNs: 5, sequence: 3, weightsVersion: 1, stateVersion: 0, regime: -1, luck: 1 }
    const [first] = fc.sample(cases(3), { seed: 3, numRuns: 1 })
    const nobody = { ...first!.scenario, candidates: [] } satisfies Scenario
    const none = linesOf({ scenario: nobody, policy: first!.policy }, stamp)
    expect(none.decision).toBe(none.decisionExpected)
    expect(none.decision).toContain('"candidates":[],"admissible_count":0,"selected":[]')
    const one = fc.sample(cases(3), { seed: 5, numRuns: 50 }).find(({ scenario }) => scenario.candidates.length > 0)!
    const template = one.scenario.candidates[0]!
    const many = Array.from({ length: 2_000 }, (_, at) => ({ ...template, eventId: `event ${at} “é”` }))
    const crowd = linesOf({ scenario: { ...one.scenario, candidates: many }, policy: one.policy }, stamp)
    expect(crowd.decision).toBe(crowd.decisionExpected)
    expect(crowd.input).toBe(crowd.inputExpected)
  })
})
