/**
 * One decision in binary: what leaves the hot thread instead of text. A run of doubles that tells everything that the journal's
 * `decisions-…` and `inputs-…` lines tell; what it needs beside are names (types, symbols) and the events' ids by handle, which its
 * reader was told before. Pure; any thread. Written by `decide/decision-writer.ts`; {@link readDecisionRecord} makes objects of it, the
 * journal's `decision-line.ts` and `input-line.ts` text.
 *
 * Layout, in doubles: {@link decisionHeader}; the deficits by type before the decision, then, where the deficit queue chose, those
 * after it (NaN: not printed); the open positions ({@link decisionPosition}); the candidates in rank order
 * ({@link decisionCandidate}). The length follows from the counts. Small integers are doubles too: they are few, and nothing has to be
 * packed or unpacked.
 */
import {
  type Allocation,
  type Decision,
  type DecisionStamp,
  type RankedCandidate,
  type RejectedEvent,
  rejectionReasons,
  selectionReasons,
  tradingStates,
} from './decision.ts'
import { lifecycleNames, type Side } from './event.ts'
import { regimes } from './regime.ts'
import { reservationStatuses } from './reservation.ts'
import type { Scenario, ScenarioCandidate, ScenarioPosition } from './scenario.ts'
import type { Timeline } from './units.ts'

function indexOf<Field extends string>(fields: readonly Field[]): Readonly<Record<Field, number>> {
  return Object.freeze(Object.fromEntries(fields.map((field, index) => [field, index])) as Record<Field, number>)
}

const headerFields = [
  'sequence',
  /** Nanoseconds on the run's timeline. */
  'atNs',
  'weightsVersion',
  'stateVersion',
  'stateAgeMs',
  'capitalMinor',
  'allocatedMinor',
  'unallocatedMinor',
  'weightPriority',
  'weightFreshness',
  'weightRegime',
  'weightExpected',
  /** Into the lists of domain/decision.ts and domain/regime.ts; −1: none. */
  'selectionReason',
  'tradingState',
  'regime',
  /** Into the run's types; −1: none. */
  'lastExecutedType',
  'admissibleCount',
  'typeCount',
  /** 1: the deficit queue chose, and its memory after the decision follows. */
  'deficitsChanged',
  'positionCount',
  'candidateCount',
] as const

const positionFields = ['handle', 'capitalMinor', 'typeIndex', 'symbolIndex'] as const

const candidateFields = [
  'handle',
  'typeIndex',
  'symbolIndex',
  'lifecycle',
  /** +1 long, −1 short, 0 unknown. */
  'side',
  'priorityScore',
  'freshness',
  'regimeAlignment',
  'expectedValue',
  'detectedAtNs',
  'waitingSinceNs',
  /** Infinity: never. */
  'expiresAtNs',
  'capitalRequiredMinor',
  /** Infinity: no allocation buys a lot. */
  'lotCapitalMinor',
  'baseScore',
  'ageBonus',
  'score',
  'tier',
  /** Winner's score less its own; NaN where nobody compares. */
  'scoreDiff',
  /** Into the rejection reasons; −1: selected. */
  'rejection',
  'admissible',
  /** Rank of the candidate that blocks, from 0; −1: none. */
  'blockedByRank',
  /** Index of the open position that blocks; −1: none. */
  'blockedByPosition',
  'allocationMinor',
  /** Into the reservation statuses, of the selected; NOT_ATTEMPTED until the ledger has spoken. */
  'reservation',
] as const

export const decisionHeader = indexOf(headerFields)
export const decisionPosition = indexOf(positionFields)
export const decisionCandidate = indexOf(candidateFields)
/** How many doubles each part has. */
export const decisionHeaderSize = headerFields.length
export const decisionPositionSize = positionFields.length
export const decisionCandidateSize = candidateFields.length

/** Doubles of a record of so many types, positions and candidates, at most. */
export function decisionRecordSize(typeCount: number, positionCount: number, candidateCount: number): number {
  return (
    decisionHeaderSize + 2 * typeCount + positionCount * decisionPositionSize + candidateCount * decisionCandidateSize
  )
}

/** Where the positions and the candidates of the record at `start` begin, and where it ends. */
export function decisionParts(
  values: Float64Array,
  start: number,
): { readonly positions: number; readonly candidates: number; readonly end: number } {
  const typeCount = values[start + decisionHeader.typeCount]!
  const lists = values[start + decisionHeader.deficitsChanged] === 1 ? 2 : 1
  const positions = start + decisionHeaderSize + lists * typeCount
  const candidates = positions + values[start + decisionHeader.positionCount]! * decisionPositionSize
  return {
    positions,
    candidates,
    end: candidates + values[start + decisionHeader.candidateCount]! * decisionCandidateSize,
  }
}

/** What the numbers of a record mean. */
export interface DecisionRecordNames {
  readonly types: readonly string[]
  readonly symbols: readonly string[]
  readonly timeline: Timeline
  /** The id of an event; '' where nobody knows it any more. */
  readonly idOf: (handle: number) => string
}

/** A record as values of its own. */
export interface ReadDecision {
  readonly decision: Decision
  readonly stamp: DecisionStamp
  readonly scenario: Scenario
}

/** Reads the record that begins at `values[start]`. Allocates; cold. */
export function readDecisionRecord(values: Float64Array, start: number, names: DecisionRecordNames): ReadDecision {
  const header = (field: keyof typeof decisionHeader): number => values[start + decisionHeader[field]]!
  const parts = decisionParts(values, start)
  const timestampNs = names.timeline.toUnixNs(header('atNs'))
  const openPositions: ScenarioPosition[] = []
  for (let at = parts.positions; at < parts.candidates; at += decisionPositionSize) {
    openPositions.push({
      eventId: names.idOf(values[at + decisionPosition.handle]!),
      eventType: names.types[values[at + decisionPosition.typeIndex]!]!,
      symbol: names.symbols[values[at + decisionPosition.symbolIndex]!]!,
      capitalMinor: values[at + decisionPosition.capitalMinor]!,
    })
  }
  const competing: ScenarioCandidate[] = []
  const ranked: RankedCandidate[] = []
  const rejected: RejectedEvent[] = []
  const allocations: Allocation[] = []
  const reservations: (typeof reservationStatuses)[number][] = []
  const idAtRank = (rank: number): string =>
    names.idOf(values[parts.candidates + rank * decisionCandidateSize + decisionCandidate.handle]!)
  for (let at = parts.candidates; at < parts.end; at += decisionCandidateSize) {
    const field = (name: keyof typeof decisionCandidate): number => values[at + decisionCandidate[name]]!
    const candidate = readCandidate(field, names)
    competing.push(candidate)
    ranked.push(readRanked(field, candidate, header, ranked.length + 1))
    const { eventId } = candidate
    const rejection = field('rejection')
    if (rejection < 0) {
      allocations.push({ eventId, capitalMinor: field('allocationMinor') })
      reservations.push(reservationStatuses[field('reservation')]!)
      continue
    }
    const scoreDiff = field('scoreDiff')
    const blockedByRank = field('blockedByRank')
    const blockedByPosition = field('blockedByPosition')
    rejected.push({
      eventId,
      reason: rejectionReasons[rejection]!,
      admissible: field('admissible') === 1,
      scoreDiff: Number.isNaN(scoreDiff) ? null : scoreDiff,
      blockedBy:
        blockedByRank >= 0
          ? idAtRank(blockedByRank)
          : blockedByPosition >= 0
            ? openPositions[blockedByPosition]!.eventId
            : null,
    })
  }
  const deficits = deficitsOf(values, start, names.types)
  return {
    decision: {
      candidates: ranked,
      admissibleCount: header('admissibleCount'),
      selected: allocations.map((allocation) => allocation.eventId),
      selectionReason: selectionReasons[header('selectionReason')]!,
      rejected,
      allocations,
      capitalAllocatedMinor: header('allocatedMinor'),
      capitalUnallocatedMinor: header('unallocatedMinor'),
      ...(deficits.after === null ? {} : { deficitsMinor: deficits.after }),
    },
    stamp: {
      timestampNs,
      sequence: header('sequence'),
      weightsVersion: header('weightsVersion'),
      stateVersion: header('stateVersion'),
      reservations,
    },
    scenario: {
      nowNs: timestampNs,
      capitalMinor: header('capitalMinor'),
      regime: regimes[header('regime')] ?? null,
      tradingState: tradingStates[header('tradingState')]!,
      stateAgeMs: header('stateAgeMs'),
      openPositions,
      candidates: competing,
      lastExecutedType: names.types[header('lastExecutedType')] ?? null,
      deficitsMinor: deficits.before,
    },
  }
}

function readCandidate(
  field: (name: keyof typeof decisionCandidate) => number,
  names: DecisionRecordNames,
): ScenarioCandidate {
  const { timeline } = names
  const detectedAt = field('detectedAtNs')
  const waitingSince = field('waitingSinceNs')
  const expiresAtNs = field('expiresAtNs')
  const detectedAtNs = timeline.toUnixNs(detectedAt)
  return {
    eventId: names.idOf(field('handle')),
    eventType: names.types[field('typeIndex')]!,
    symbol: names.symbols[field('symbolIndex')]!,
    side: sideOf(field('side')),
    lifecycleState: lifecycleNames[field('lifecycle')]!,
    priorityScore: field('priorityScore'),
    regimeAlignment: field('regimeAlignment'),
    expectedValue: field('expectedValue'),
    detectedAtNs,
    waitingSinceNs: waitingSince === detectedAt ? detectedAtNs : timeline.toUnixNs(waitingSince),
    expiresAtNs: expiresAtNs === Number.POSITIVE_INFINITY ? null : timeline.toUnixNs(expiresAtNs),
    capitalRequiredMinor: field('capitalRequiredMinor'),
    lotCapitalMinor: field('lotCapitalMinor'),
  }
}

function readRanked(
  field: (name: keyof typeof decisionCandidate) => number,
  candidate: ScenarioCandidate,
  header: (name: keyof typeof decisionHeader) => number,
  rank: number,
): RankedCandidate {
  const raw = {
    priorityScore: candidate.priorityScore,
    freshness: field('freshness'),
    regimeAlignment: candidate.regimeAlignment,
    expectedValue: candidate.expectedValue,
  }
  return {
    eventId: candidate.eventId,
    eventType: candidate.eventType,
    symbol: candidate.symbol,
    raw,
    // The same products as in the decision: one multiplication of the same two doubles.
    weighted: {
      priorityScore: header('weightPriority') * raw.priorityScore,
      freshness: header('weightFreshness') * raw.freshness,
      regimeAlignment: header('weightRegime') * raw.regimeAlignment,
      expectedValue: header('weightExpected') * raw.expectedValue,
    },
    baseScore: field('baseScore'),
    ageBonus: field('ageBonus'),
    score: field('score'),
    tier: field('tier'),
    rank,
  }
}

function sideOf(value: number): Side | null {
  if (value === 0) return null
  return value > 0 ? 'long' : 'short'
}

function deficitsOf(
  values: Float64Array,
  start: number,
  types: readonly string[],
): { readonly before: ReadonlyMap<string, number>; readonly after: Record<string, number> | null } {
  const typeCount = values[start + decisionHeader.typeCount]!
  const at = start + decisionHeaderSize
  const before = new Map<string, number>()
  for (let type = 0; type < typeCount; type += 1) {
    if (values[at + type] !== 0) before.set(types[type]!, values[at + type]!)
  }
  if (values[start + decisionHeader.deficitsChanged] !== 1) return { before, after: null }
  const after: Record<string, number> = {}
  for (let type = 0; type < typeCount; type += 1) {
    const minor = values[at + typeCount + type]!
    if (!Number.isNaN(minor)) after[types[type]!] = minor
  }
  return { before, after }
}
