/** The binary record of a decision says what the decision and its scenario say. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeDecisionRecord } from '../../../src/decide/decision-writer.ts'
import { viewScenario } from '../../../src/decide/from-scenario.ts'
import { materialize } from '../../../src/decide/materialize.ts'
import {
  decisionCandidate,
  decisionParts,
  decisionRecordSize,
  readDecisionRecord,
} from '../../../src/domain/decision-record.ts'
import { parseLossless } from '../../../src/domain/lossless-json.ts'
import { mergePolicySources } from '../../../src/domain/policy-codec.ts'
import { openScenario, parseScenario } from '../../../src/domain/scenario-codec.ts'
import { Timeline } from '../../../src/domain/units.ts'
import { scenarios, textOf } from './scenarios.ts'

/** Writes the scenario's decision in the middle of an array and reads it back; beside it what it must be. */
function roundTrip(json: unknown, spoil: (record: Float64Array, start: number) => void = () => undefined) {
  const raw = openScenario(parseLossless(textOf(json), 's'), '')
  const policy = mergePolicySources([{ override: raw.policy, path: 'policy' }])
  const scenario = parseScenario(raw, policy)
  const { view, candidates, positions, account, names } = viewScenario(scenario, policy)
  const ids = new Map<number, string>()
  for (let at = 0; at < candidates.count; at += 1) {
    candidates.handle[at] = at + 1
    candidates.side[at] = [1, -1, 0][at % 3]!
    ids.set(at + 1, candidates.ids[at]!)
  }
  for (let at = 0; at < positions.count; at += 1) {
    positions.handle[at] = 1_000 + at
    ids.set(1_000 + at, positions.eventIds[at]!)
  }
  const size = decisionRecordSize(names.types.length, positions.count, candidates.count)
  const record = new Float64Array(size + 7).fill(-7)
  const stamp = { sequence: 42, weightsVersion: 3, stateVersion: 99, weights: policy.weights, regime: 1 }
  const length = writeDecisionRecord(record, 3, view, candidates, positions, account, stamp)
  spoil(record, 3)
  expect(length).toBeLessThanOrEqual(size)
  expect(decisionParts(record, 3).end).toBe(3 + length)
  expect([...record.subarray(0, 3), ...record.subarray(3 + length)].every((value) => value === -7)).toBe(true)
  // The arrays' epoch is the scenario's now.
  const timeline = new Timeline(1_700_000_000_000)
  const read = readDecisionRecord(record, 3, { ...names, timeline, idOf: (handle) => ids.get(handle)! })
  return { read, expected: materialize(view, candidates, positions, names), scenario, timeline }
}

describe('decision record', () => {
  test('reading gives the decision that was written, and the scenario that it was taken on', () => {
    fc.assert(
      fc.property(scenarios(7), (json) => {
        const { read, expected, scenario, timeline } = roundTrip(json)
        expect(read.decision).toEqual(expected)
        expect(read.stamp).toMatchObject({ sequence: 42, weightsVersion: 3, stateVersion: 99 })
        expect(read.stamp.reservations).toEqual(expected.selected.map(() => 'NOT_ATTEMPTED'))
        expect(read.scenario).toMatchObject({
          nowNs: timeline.epochNs,
          capitalMinor: scenario.capitalMinor,
          regime: 'contraction',
          tradingState: scenario.tradingState,
          stateAgeMs: scenario.stateAgeMs,
          openPositions: scenario.openPositions,
          lastExecutedType: scenario.lastExecutedType,
        })
        const byId = new Map(scenario.candidates.map((candidate) => [candidate.eventId, candidate]))
        for (const candidate of read.scenario.candidates) {
          const original = byId.get(candidate.eventId)!
          expect({ ...candidate, side: null, detectedAtNs: 0n, waitingSinceNs: 0n, expiresAtNs: null }).toEqual({
            ...original,
            side: null,
            detectedAtNs: 0n,
            waitingSinceNs: 0n,
            expiresAtNs: null,
          })
          expect(candidate.expiresAtNs === null).toBe(original.expiresAtNs === null)
        }
        const positive = new Map([...scenario.deficitsMinor].filter(([, minor]) => minor !== 0))
        expect(new Map(read.scenario.deficitsMinor)).toEqual(positive)
      }),
      { numRuns: 2_000 },
    )
  })

  test('a value that was changed on the way is noticed by the comparison', () => {
    const [json] = fc.sample(scenarios(5), { seed: 7, numRuns: 20 }).filter((one) => one.candidates.length > 1)
    const { read, expected } = roundTrip(json, (record, start) => {
      record[decisionParts(record, start).candidates + decisionCandidate.baseScore]! += 1e-9
    })
    expect(read.decision).not.toEqual(expected)
  })
})
