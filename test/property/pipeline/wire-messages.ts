/** Arbitrary messages that may cross threads, and what of them arrives. */
import fc from 'fast-check'
import { type ErrorCode, SignalboxError } from '../../../src/base/errors.ts'
import { DecisionMade, type SelectedMember } from '../../../src/domain/decision-made.ts'
import { type DecisionRecordNames, decisionHeaderSize } from '../../../src/domain/decision-record.ts'
import type { DetectedSignal, DetectorFailedSignal, TransitionSignal } from '../../../src/domain/detection-signal.ts'
import { lifecycleNames, type MarketEvent, type Side } from '../../../src/domain/event.ts'
import { clearRecord, createMarketRecord, type MarketRecord, recordKinds } from '../../../src/domain/market.ts'
import type {
  DecisionReserved,
  EventChange,
  EventDeclined,
  Grant,
  LeasesRecovered,
  PositionSettled,
  StateUpdate,
} from '../../../src/domain/message.ts'
import { entryRefusalReasons } from '../../../src/domain/order.ts'
import { exitReasons } from '../../../src/domain/outcome.ts'
import { regimes } from '../../../src/domain/regime.ts'
import { reservationStatuses } from '../../../src/domain/reservation.ts'
import { Timeline } from '../../../src/domain/units.ts'
import type { WireMessage, WireNames } from '../../../src/pipeline/wire-codec.ts'

export const names: WireNames = { types: ['CASCADE', 'HUNT', 'ÄRGER'], symbols: ['BTC', 'ETH', 'SOL', 'π'] }
export const positionsMax = 6

/** Objects as literals make them: `fc.record` also draws some without a prototype. */
function record<Fields extends object>(
  fields: { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> },
): fc.Arbitrary<Fields> {
  return fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<Fields>
}

/** Any double, and often the awkward ones. */
export const anyNumber = fc.oneof(
  { weight: 3, arbitrary: fc.double() },
  { weight: 2, arbitrary: fc.maxSafeInteger() },
  {
    weight: 2,
    arbitrary: fc.constantFrom(-0, 0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53 - 1),
  },
)

export const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8')

/** Well-formed Unicode of `min` to `max` bytes; often as long as it may be. */
function textOf(min: number, max: number): fc.Arbitrary<string> {
  const full = fc.constantFrom('x', 'é', '€', '😀', '\u0000', '\ufeff').map((character) => {
    const whole = character.repeat(Math.floor(max / bytesOf(character)))
    return whole + 'y'.repeat(max - bytesOf(whole))
  })
  const cut = fc.string({ unit: 'binary', minLength: min, maxLength: max }).map((text) => {
    const characters = [...text]
    while (bytesOf(characters.join('')) > max) characters.pop()
    return characters.join('')
  })
  return fc.oneof({ weight: 4, arbitrary: cut }, { weight: 1, arbitrary: full })
}

export const eventIds = textOf(1, 63)
const evidences = fc
  .uniqueArray(fc.tuple(fc.oneof(textOf(0, 63), fc.constantFrom('__proto__', '12', 'move_sigmas', '')), anyNumber), {
    maxLength: 32,
    selector: ([name]) => name,
  })
  .map((entries): Readonly<Record<string, number>> => Object.fromEntries(entries))
const sides = fc.constantFrom<Side>('long', 'short')
const typeIndices = fc.nat({ max: names.types.length - 1 })
const symbolIndices = fc.nat({ max: names.symbols.length - 1 })

export const events: fc.Arbitrary<MarketEvent> = record({
  eventId: eventIds,
  typeIndex: typeIndices,
  symbolIndex: symbolIndices,
  side: sides,
  detectedAtNs: anyNumber,
  waitingSinceNs: anyNumber,
  expiresAtNs: anyNumber,
  priorityScore: anyNumber,
  regime: fc.constantFrom(...regimes),
  regimeAlignment: anyNumber,
  rewardRisk: anyNumber,
  winRate: anyNumber,
  expectedValue: anyNumber,
  capitalRequiredMinor: anyNumber,
  referenceTicks: anyNumber,
  targetTicks: anyNumber,
  stopTicks: anyNumber,
  evidence: evidences,
}).map((raw) => ({ ...raw, eventType: names.types[raw.typeIndex]!, symbol: names.symbols[raw.symbolIndex]! }))

const detected: fc.Arbitrary<DetectedSignal> = events.map(({ regimeAlignment: _, expectedValue: __, ...event }) => ({
  kind: 'detected',
  ...event,
}))

const transitions: fc.Arbitrary<TransitionSignal> = record({
  kind: fc.constant('transition'),
  eventId: eventIds,
  symbolIndex: symbolIndices,
  to: fc.constantFrom('ACTIVE', 'COMPLETING', 'COMPLETED', 'INVALIDATED'),
  atNs: anyNumber,
  evidence: evidences,
})

const failures: fc.Arbitrary<DetectorFailedSignal> = record({
  detectorKind: textOf(0, 63),
  symbolIndex: symbolIndices,
  atNs: anyNumber,
  code: fc.constantFrom<ErrorCode>('ERR_INVALID_ARGUMENT', 'ERR_INVARIANT', 'ERR_IO'),
  message: textOf(0, 1_000),
}).map(({ code, message, ...raw }) => ({
  kind: 'failed',
  ...raw,
  symbol: names.symbols[raw.symbolIndex]!,
  error: new SignalboxError(code, message),
}))

export const changes: fc.Arbitrary<EventChange> = fc.record(
  {
    kind: fc.constant('event'),
    event: events,
    handle: anyNumber,
    state: fc.constantFrom(...lifecycleNames),
    atNs: anyNumber,
    cause: fc.constantFrom('detector', 'expiry', 'declined'),
    reason: textOf(0, 4_000),
    evidence: evidences,
  },
  { requiredKeys: ['kind', 'event', 'handle', 'state', 'atNs', 'cause', 'evidence'], noNullPrototype: true },
)

const members: fc.Arbitrary<SelectedMember> = record({ event: events, handle: anyNumber, capitalMinor: anyNumber })
const recordNames: DecisionRecordNames = { ...names, timeline: new Timeline(0), idOf: () => 'known here' }

/** The record is longer than its header, as a decision's is. */
export const decisions: fc.Arbitrary<DecisionMade> = record({
  record: fc.array(anyNumber, { minLength: decisionHeaderSize, maxLength: decisionHeaderSize + 40 }),
  atNs: anyNumber,
  idlePots: anyNumber,
  members: fc.array(members, { maxLength: positionsMax }),
}).map(
  ({ record, atNs, idlePots, members }) =>
    new DecisionMade(Float64Array.from(record), record.length, atNs, idlePots, members, recordNames),
)

const grantTerms = record({ token: anyNumber, sequence: anyNumber, decidedAtNs: anyNumber })

export const reserved: fc.Arbitrary<DecisionReserved> = record({
  decision: decisions,
  statuses: fc.array(fc.constantFrom(...reservationStatuses), { maxLength: positionsMax }),
  granted: fc.array(fc.tuple(fc.nat(), grantTerms), { maxLength: positionsMax }),
  isInOrder: fc.boolean(),
}).map(({ decision, statuses, granted, isInOrder }) => {
  const { members } = decision
  const grants = members.length === 0 ? [] : granted
  return {
    kind: 'reserved',
    decision,
    statuses,
    grants: grants.map(([drawn, terms], index) => ({
      member: members[(isInOrder ? index : drawn) % members.length]!,
      ...terms,
    })),
  }
})

const recoveries: fc.Arbitrary<LeasesRecovered> = record({ kind: fc.constant('recovered'), count: anyNumber })

const declines: fc.Arbitrary<EventDeclined> = record({
  kind: fc.constant('declined'),
  handle: anyNumber,
  eventId: eventIds,
  atNs: anyNumber,
  reason: textOf(0, 4_000),
})

export const settlements: fc.Arbitrary<PositionSettled> = record({
  kind: fc.constant('settled'),
  position: record({
    grant: fc
      .tuple(members, grantTerms, fc.option(eventIds))
      .map(([member, terms, strategy]): Grant => ({ member, ...terms, ...(strategy === null ? {} : { strategy }) })),
    plan: record({
      side: sides,
      sizeFraction: anyNumber,
      targetTicks: anyNumber,
      stopTicks: anyNumber,
      timeStopNs: anyNumber,
    }),
    order: record({ quantityLots: anyNumber, limitTicks: anyNumber, notionalMaxMinor: anyNumber }),
  }),
  outcome: fc.option(
    record({
      entryTicks: anyNumber,
      exitTicks: anyNumber,
      entryAtNs: anyNumber,
      exitAtNs: anyNumber,
      quantityLots: anyNumber,
      feesMinor: anyNumber,
      fundingMinor: anyNumber,
      pnlMinor: anyNumber,
      exitReason: fc.constantFrom(...exitReasons),
    }),
  ),
  refusal: fc.option(
    record({ reason: fc.constantFrom(...entryRefusalReasons), atNs: anyNumber, priceTicks: anyNumber }),
  ),
  atNs: anyNumber,
})

const told = {
  [recordKinds.trade]: ['priceTicks', 'quantityLots', 'aggressor'],
  [recordKinds.liquidation]: ['priceTicks', 'quantityLots', 'aggressor', 'notionalMinor'],
  [recordKinds.context]: ['markTicks', 'oracleTicks', 'openInterestLots', 'fundingRate'],
  [recordKinds.book]: ['bidTicks', 'bidLots', 'askTicks', 'askLots', 'bidDepthLots', 'askDepthLots'],
} as const

/** What a feed makes: its kind's own fields, the others as `clearRecord` leaves them. */
export const marketRecords: fc.Arbitrary<MarketRecord> = fc
  .tuple(
    fc.constantFrom(...Object.values(recordKinds)),
    fc.nat({ max: 65_535 }),
    anyNumber,
    fc.array(anyNumber, { minLength: 6, maxLength: 6 }),
  )
  .map(([kind, symbolIndex, atNs, values]) => {
    const record = createMarketRecord()
    clearRecord(record, kind, symbolIndex, atNs)
    for (const [index, field] of told[kind].entries()) record[field] = values[index]!
    return record
  })

/** Not by `record`: its literal of arbitraries would have the same shape, whose fields could then be anything, and numbers in them objects. */
const updates: fc.Arbitrary<StateUpdate> = fc
  .tuple(fc.nat({ max: 65_535 }), anyNumber, anyNumber)
  .map(([symbolIndex, atNs, stateVersion]) => ({ kind: 'state', symbolIndex, atNs, stateVersion }))

/** Every kind that crosses. */
export const messages: Readonly<Record<string, fc.Arbitrary<WireMessage>>> = {
  market: marketRecords,
  state: updates,
  detected,
  transition: transitions,
  failed: failures,
  event: changes,
  decision: decisions,
  reserved,
  recovered: recoveries,
  declined: declines,
  settled: settlements,
}

const withoutEvidence = (member: SelectedMember) => ({ ...member, event: { ...member.event, evidence: {} } })

const arrivingDecision = ({ kind, record, atNs, idlePots, members }: DecisionMade) => ({
  kind,
  record: [...record.subarray(0, decisionHeaderSize)],
  length: decisionHeaderSize,
  atNs,
  idlePots,
  members: members.map(withoutEvidence),
})

const arrivingGrant = (grant: Grant) => ({ ...grant, member: withoutEvidence(grant.member) })

/** What of a message arrives, as plain values: the same of what was sent and of what was received. */
export function arriving(message: WireMessage): unknown {
  switch (message.kind) {
    case 'failed': {
      const { error, ...rest } = message
      return { ...rest, code: error.code, message: error.message }
    }
    case 'decision':
      return arrivingDecision(message)
    case 'reserved':
      return {
        ...message,
        decision: arrivingDecision(message.decision),
        grants: message.grants.map(arrivingGrant),
      }
    case 'settled':
      return { ...message, position: { ...message.position, grant: arrivingGrant(message.position.grant) } }
    default:
      return { ...message }
  }
}
