/**
 * A day that has the same trades and the same minute returns, but no happenings: each symbol's minute returns are permuted; trades
 * keep time, size and side; prices run linearly from the new minute's open to its close; contexts keep time, funding and open
 * interest, and their prices are rescaled.
 */
import { Random } from '../../../../src/base/random.ts'
import { type MarketRecord, recordKinds } from '../../../../src/domain/market.ts'

const minuteNs = 60e9

/** @param records - In order of time. */
export function shuffledMinutes(records: readonly MarketRecord[], symbolCount: number, seed: number): MarketRecord[] {
  const random = new Random(seed)
  const paths = Array.from({ length: symbolCount }, (_, symbolIndex) => shuffledPath(records, symbolIndex, random))
  return records.map((record) => {
    const { before, after } = paths[record.symbolIndex]!
    const minute = minuteOf(records, record)
    const way = record.atNs / minuteNs - Math.floor(record.atNs / minuteNs)
    const price = (path: Float64Array): number => path[minute]! + (path[minute + 1]! - path[minute]!) * way
    if (record.kind === recordKinds.trade) return { ...record, priceTicks: Math.round(price(after)) }
    const scale = price(after) / price(before)
    return {
      ...record,
      markTicks: Math.round(record.markTicks * scale),
      oracleTicks: Math.round(record.oracleTicks * scale),
    }
  })
}

/** Counted from the first record's (a recording may begin a second before midnight). */
function minuteOf(records: readonly MarketRecord[], record: MarketRecord): number {
  return Math.floor(record.atNs / minuteNs) - Math.floor(records[0]!.atNs / minuteNs)
}

/** Prices at the minutes' borders, as they were and as they become. */
function shuffledPath(
  records: readonly MarketRecord[],
  symbolIndex: number,
  random: Random,
): { before: Float64Array; after: Float64Array } {
  const minutes = minuteOf(records, records.at(-1)!) + 1
  const before = new Float64Array(minutes + 1).fill(Number.NaN)
  for (const record of records) {
    if (record.kind !== recordKinds.trade || record.symbolIndex !== symbolIndex) continue
    if (Number.isNaN(before[0]!)) before[0] = record.priceTicks
    before[minuteOf(records, record) + 1] = record.priceTicks
  }
  for (let border = 1; border <= minutes; border += 1) {
    if (Number.isNaN(before[border]!)) before[border] = before[border - 1]!
  }
  const factors = Array.from({ length: minutes }, (_, minute) => before[minute + 1]! / before[minute]!)
  for (let last = minutes - 1; last > 0; last -= 1) {
    const other = random.integer(0, last)
    const kept = factors[last]!
    factors[last] = factors[other]!
    factors[other] = kept
  }
  const after = new Float64Array(minutes + 1)
  after[0] = before[0]!
  for (let minute = 0; minute < minutes; minute += 1) after[minute + 1] = after[minute]! * factors[minute]!
  return { before, after }
}
