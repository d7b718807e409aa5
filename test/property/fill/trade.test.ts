/**
 * The trade against a naive simulation that sees the whole path at once and searches it, sharing no code with `src/fill`;
 * times lie on a coarse grid, so that arrivals, records and full hours often meet at one instant.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Side } from '../../../src/domain/event.ts'
import type { Instrument } from '../../../src/domain/instrument.ts'
import { type EntryOrder, type EntryRefusal, entryRefusalReasons, type TradePlan } from '../../../src/domain/order.ts'
import { exitReasons, type TradeOutcome } from '../../../src/domain/outcome.ts'
import { Timeline } from '../../../src/domain/units.ts'
import { createFillModel, type FillModel } from '../../../src/fill/model.ts'
import { SimulatedTrade } from '../../../src/fill/trade.ts'

const gridNs = 30_000_000_000

type PathRecord =
  | { kind: 'trade'; atNs: number; ticks: number }
  | { kind: 'context'; atNs: number; oracle: number; rate: number }
  | { kind: 'end'; atNs: number; reason: 'event_completed' | 'invalidated' }

interface Case {
  instrument: Instrument
  model: FillModel
  plan: TradePlan
  order: EntryOrder
  timeline: Timeline
  /** The first record is a trade before the submission. */
  submitAfter: number
  records: PathRecord[]
}

const caseArbitrary: fc.Arbitrary<Case> = fc
  .record({
    side: fc.constantFrom<Side>('long', 'short'),
    priceDecimals: fc.integer({ min: 0, max: 8 }),
    sizeDecimals: fc.integer({ min: 0, max: 8 }),
    start: fc.integer({ min: 50, max: 2_000_000 }),
    stopDistance: fc.integer({ min: 1, max: 40 }),
    targetDistance: fc.integer({ min: 1, max: 40 }),
    lots: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 5_000_000_000 })),
    takerFeeBps: fc.constantFrom(0, 4.5, 7.25),
    makerFeeBps: fc.constantFrom(0, 1.5),
    slippageBps: fc.constantFrom(0, 1, 33.33),
    latencyNs: fc.constantFrom(0, gridNs, 2 * gridNs),
    // From the first price: mostly so far away that it never counts.
    limitDistance: fc.constantFrom(-10, 0, 10, 25, 1000, 1_000_000),
    marginSteps: fc.constantFrom(-10, 0, 10, 1_000_000_000),
    timeStop: fc.integer({ min: 1, max: 600 }),
    epochOffset: fc.integer({ min: 0, max: 2879 }),
    submitAfter: fc.integer({ min: 0, max: 5 }),
    steps: fc.array(
      fc.record({
        gap: fc.constantFrom(0, 0, 1, 1, 2, 20, 60),
        kind: fc.constantFrom('trade', 'trade', 'trade', 'trade', 'context', 'context', 'end'),
        move: fc.integer({ min: -25, max: 25 }),
        rate: fc.integer({ min: -40_000_000, max: 40_000_000 }),
        reason: fc.constantFrom<'event_completed' | 'invalidated'>('event_completed', 'invalidated'),
      }),
      { minLength: 6, maxLength: 60 },
    ),
  })
  .map((raw) => {
    let at = 120
    let ticks = raw.start
    let ended = false
    const records: PathRecord[] = [{ kind: 'trade', atNs: at * gridNs, ticks }]
    for (const step of raw.steps) {
      at += step.gap
      if (step.kind === 'trade') {
        ticks = Math.max(1, ticks + step.move)
        records.push({ kind: 'trade', atNs: at * gridNs, ticks })
      } else if (step.kind === 'context') {
        records.push({
          kind: 'context',
          atNs: at * gridNs,
          oracle: Math.max(1, ticks + step.move),
          rate: step.rate / 1e12,
        })
      } else if (!ended && records.length > raw.submitAfter) {
        ended = true
        records.push({ kind: 'end', atNs: at * gridNs, reason: step.reason })
      }
    }
    const direction = raw.side === 'long' ? 1 : -1
    return {
      instrument: { symbol: 'X', priceDecimals: raw.priceDecimals, sizeDecimals: raw.sizeDecimals },
      model: createFillModel(raw),
      plan: {
        side: raw.side,
        sizeFraction: 1,
        targetTicks: Math.max(1, raw.start + direction * raw.targetDistance),
        stopTicks: Math.max(1, raw.start - direction * raw.stopDistance),
        timeStopNs: raw.timeStop * gridNs,
      },
      order: {
        quantityLots: raw.lots,
        limitTicks: Math.max(1, raw.start + direction * raw.limitDistance),
        notionalMaxMinor: marginOf(raw, Math.max(1, raw.start + raw.marginSteps)),
      },
      timeline: new Timeline(1_749_945_600_000 + raw.epochOffset * 30_000),
      submitAfter: Math.min(raw.submitAfter, records.length - 1),
      records,
    }
  })

/** What the margin must carry for `lots` at `ticks` to be just affordable, rounded down: at least one, and at most 2^53. */
function marginOf(raw: { priceDecimals: number; sizeDecimals: number; lots: number }, ticks: number): number {
  const exact = (BigInt(raw.lots) * BigInt(ticks) * 100n) / 10n ** BigInt(raw.priceDecimals + raw.sizeDecimals)
  return Math.max(1, Math.min(Number.MAX_SAFE_INTEGER, Number(exact)))
}

/** Shows the records to the trade in order, as a stage does. `hindsight` is the canary's fault: it looks one record ahead. */
function drive(input: Case, hindsight: boolean): { trade: SimulatedTrade; outcomes: number } {
  const { records, submitAfter } = input
  const submittedAtNs = records[submitAfter]!.atNs
  const trade = new SimulatedTrade(
    input.instrument,
    input.model,
    input.plan,
    input.order,
    submittedAtNs,
    input.timeline,
  )
  let lastTicks = Number.NaN
  let oracleTicks = Number.NaN
  let fundingRate = Number.NaN
  let outcomes = 0
  const note = (before: TradeOutcome | null): void => {
    if (trade.outcome !== before) outcomes += 1
  }
  records.forEach((record, index) => {
    const before = trade.outcome
    if (hindsight && record.kind === 'trade') lastTicks = record.ticks
    while (index > submitAfter && trade.nextDueNs <= record.atNs) trade.onDue({ lastTicks, oracleTicks, fundingRate })
    note(before)
    const then = trade.outcome
    if (record.kind === 'trade') {
      lastTicks = record.ticks
      if (index > submitAfter) trade.onTrade(record.ticks, record.atNs)
    } else if (record.kind === 'context') {
      oracleTicks = record.oracle
      fundingRate = record.rate
    } else if (index > submitAfter) trade.onEventEnded(record.reason, record.atNs)
    note(then)
  })
  const before = trade.outcome
  trade.finish(records.at(-1)!.atNs, lastTicks)
  note(before)
  return { trade, outcomes }
}

function roundHalfAway(numerator: bigint, denominator: bigint): bigint {
  const sign = numerator < 0n ? -1n : 1n
  const magnitude = sign * numerator
  const whole = magnitude / denominator
  return sign * (2n * (magnitude - whole * denominator) >= denominator ? whole + 1n : whole)
}

function naiveMarket(input: Case, buying: boolean, last: number): number {
  const ppm = BigInt(Math.round(input.model.slippageBps * 100))
  const scaled = BigInt(last) * (buying ? 1_000_000n + ppm : 1_000_000n - ppm)
  const floor = scaled / 1_000_000n
  if (buying) return Number(scaled % 1_000_000n === 0n ? floor : floor + 1n)
  return Math.max(1, Number(floor))
}

/** The outcome or the refusal by searching the whole path. */
function naive(input: Case): TradeOutcome | EntryRefusal {
  const { records, submitAfter, plan, model } = input
  const isLong = plan.side === 'long'
  const dataEndNs = records.at(-1)!.atNs
  const entryAtNs = records[submitAfter]!.atNs + model.latencyNs
  // A record at a due time comes after what is due; only records after the submission's own are shown to the trade.
  const shownAt = (index: number): number => (index > submitAfter ? records[index]!.atNs : Number.NEGATIVE_INFINITY)
  const lastTradeBefore = (atNs: number): number =>
    records.reduce(
      (last, record, index) => (record.kind === 'trade' && shownAt(index) < atNs ? record.ticks : last),
      Number.NaN,
    )
  const lastEver = lastTradeBefore(Number.POSITIVE_INFINITY)
  // Nothing runs the due list after the last record but `finish`, which is at that record's own time.
  const arrived = (atNs: number): boolean => records.some((_, index) => shownAt(index) >= atNs)
  if (!arrived(entryAtNs)) return { reason: 'end_of_data', atNs: dataEndNs, priceTicks: Number.NaN }

  const unit = 10n ** BigInt(input.instrument.priceDecimals + input.instrument.sizeDecimals)
  const lots = BigInt(input.order.quantityLots)
  const entryTicks = naiveMarket(input, isLong, lastTradeBefore(entryAtNs))
  const refused = (reason: EntryRefusal['reason']): EntryRefusal => ({
    reason,
    atNs: entryAtNs,
    priceTicks: entryTicks,
  })
  if (isLong && entryTicks > input.order.limitTicks) return refused('beyond_limit')
  if (!isLong && entryTicks < input.order.limitTicks) return refused('beyond_limit')
  if (BigInt(entryTicks) * lots * 100n > BigInt(input.order.notionalMaxMinor) * unit) return refused('beyond_margin')
  const beyondStop = (ticks: number): boolean => (isLong ? ticks <= plan.stopTicks : ticks >= plan.stopTicks)
  const beyondTarget = (ticks: number): boolean => (isLong ? ticks >= plan.targetTicks : ticks <= plan.targetTicks)

  type Cause = { atNs: number; order: number; reason: TradeOutcome['exitReason'] }
  const causes: Cause[] = []
  if (beyondStop(lastTradeBefore(entryAtNs))) causes.push({ atNs: entryAtNs, order: -2, reason: 'stop_hit' })
  if (arrived(entryAtNs + plan.timeStopNs)) {
    causes.push({ atNs: entryAtNs + plan.timeStopNs, order: -1, reason: 'time_stop' })
  }
  records.forEach((record, order) => {
    const atNs = shownAt(order)
    if (record.kind === 'end' && order > submitAfter) {
      causes.push(
        atNs < entryAtNs
          ? { atNs: entryAtNs, order: -3, reason: record.reason }
          : { atNs, order, reason: record.reason },
      )
    }
    if (record.kind !== 'trade' || atNs < entryAtNs) return
    if (beyondStop(record.ticks)) causes.push({ atNs, order, reason: 'stop_hit' })
    else if (beyondTarget(record.ticks)) causes.push({ atNs, order, reason: 'target_hit' })
  })
  causes.sort((left, right) => left.atNs - right.atNs || left.order - right.order)
  const cause = causes[0]

  let exitAtNs = dataEndNs
  let exitTicks = naiveMarket(input, !isLong, lastEver)
  let exitReason: TradeOutcome['exitReason'] = 'end_of_data'
  let exitFeeBps = model.takerFeeBps
  if (cause?.reason === 'target_hit') {
    exitAtNs = cause.atNs
    exitTicks = plan.targetTicks
    exitReason = 'target_hit'
    exitFeeBps = model.makerFeeBps
  } else if (cause !== undefined) {
    // The exit meets the records after its cause, and needs one of them to bring time to its arrival.
    const arrivalNs = cause.atNs + model.latencyNs
    const laterRecord = records.some((_, index) => shownAt(index) >= arrivalNs && index > cause.order)
    if (laterRecord) {
      exitAtNs = arrivalNs
      exitReason = cause.reason
      const seen = records.filter(
        (record, index) => record.kind === 'trade' && (shownAt(index) < arrivalNs || index <= cause.order),
      )
      exitTicks = naiveMarket(input, !isLong, (seen.at(-1) as { ticks: number }).ticks)
    }
  }

  const fee = (ticks: number, bps: number): bigint =>
    roundHalfAway(BigInt(ticks) * lots * 100n * BigInt(Math.round(bps * 100)), unit * 1_000_000n)
  const fees = fee(entryTicks, model.takerFeeBps) + fee(exitTicks, exitFeeBps)
  let paid = 0n
  const firstHourMs = Math.floor(Number(input.timeline.toUnixNs(entryAtNs) / 1_000_000n) / 3_600_000) * 3_600_000
  for (let hourMs = firstHourMs; ; hourMs += 3_600_000) {
    const atNs = input.timeline.fromUnixMs(hourMs)
    if (atNs > exitAtNs) break
    if (atNs <= entryAtNs) continue
    const context = records.filter((record, index) => record.kind === 'context' && shownAt(index) < atNs).at(-1)
    if (context?.kind === 'context') paid += BigInt(context.oracle) * BigInt(Math.round(context.rate * 1e12))
  }
  const funding = roundHalfAway((isLong ? -1n : 1n) * paid * lots * 100n, unit * 1_000_000_000_000n)
  const gross = roundHalfAway(BigInt(isLong ? exitTicks - entryTicks : entryTicks - exitTicks) * lots * 100n, unit)
  return {
    entryTicks,
    exitTicks,
    entryAtNs,
    exitAtNs,
    quantityLots: input.order.quantityLots,
    feesMinor: Number(fees),
    fundingMinor: Number(funding),
    pnlMinor: Number(gross - fees + funding),
    exitReason,
  }
}

const seed = 20_260_621

describe('simulated trade against a naive simulation', () => {
  test('trade: on random paths its outcome is the one that a search of the whole path finds', () => {
    const seen = new Map<string, number>()
    let funded = 0
    fc.assert(
      fc.property(caseArbitrary, (input) => {
        const { trade } = drive(input, false)
        expect(trade.outcome ?? trade.refusal).toEqual(naive(input))
        expect(trade.outcome === null).toBe(trade.refusal !== null)
        const reason = trade.outcome?.exitReason ?? `refused: ${trade.refusal!.reason}`
        seen.set(reason, (seen.get(reason) ?? 0) + 1)
        if (trade.outcome !== null && trade.outcome.fundingMinor !== 0) funded += 1
      }),
      { seed, numRuns: 6000 },
    )
    // The paths reach every way out, and funding.
    const refusals = entryRefusalReasons.map((reason) => `refused: ${reason}`)
    expect([...seen.keys()].sort()).toEqual([...exitReasons, ...refusals].sort())
    expect(Math.min(...seen.values(), funded)).toBeGreaterThan(20)
  })

  test('trade: P&L is the price difference less fees plus funding, and there is at most one outcome, after its entry', () => {
    fc.assert(
      fc.property(caseArbitrary, (input) => {
        const { trade, outcomes } = drive(input, false)
        expect(trade.state).toBe('closed')
        expect(outcomes).toBe(trade.outcome === null ? 0 : 1)
        if (trade.outcome === null) return
        const { entryTicks, exitTicks, entryAtNs, exitAtNs, feesMinor, fundingMinor, pnlMinor } = trade.outcome
        const direction = input.plan.side === 'long' ? 1n : -1n
        const unit = 10n ** BigInt(input.instrument.priceDecimals + input.instrument.sizeDecimals)
        const exact = direction * BigInt(exitTicks - entryTicks) * BigInt(input.order.quantityLots) * 100n
        const booked = BigInt(pnlMinor + feesMinor - fundingMinor) * unit
        expect(2n * (booked > exact ? booked - exact : exact - booked) <= unit).toBe(true)
        for (const value of [feesMinor, fundingMinor, pnlMinor]) expect(Number.isSafeInteger(value)).toBe(true)
        expect(feesMinor).toBeGreaterThanOrEqual(0)
        expect(exitAtNs).toBeGreaterThanOrEqual(entryAtNs)
        expect(entryAtNs).toBe(trade.submittedAtNs + input.model.latencyNs)
      }),
      { seed, numRuns: 2000 },
    )
  })

  test('canary: a driver that fills at the next record instead of the last is caught', () => {
    const result = fc.check(
      fc.property(caseArbitrary, (input) => {
        const { outcome, refusal } = drive(input, true).trade
        expect(outcome ?? refusal).toEqual(naive(input))
      }),
      { seed, numRuns: 1000 },
    )
    expect(result.failed).toBe(true)
  })
})
