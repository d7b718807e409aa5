import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freshSeed } from '../../../src/base/random.ts'
import { type HotField, hotFieldIndex, hotFields } from '../../../src/domain/hot-state.ts'
import { createMarketRecord, type MarketRecord, recordKinds } from '../../../src/domain/market.ts'
import { SymbolState } from '../../../src/stages/state/symbol-state.ts'
import { naiveRows } from './naive-state.ts'

const seed = Number(process.env.SIGNALBOX_SEED ?? freshSeed())

const gapNs = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 99_999_999 }) },
  { weight: 8, arbitrary: fc.integer({ min: 100_000_000, max: 3_000_000_000 }) },
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 60 }).map((seconds) => seconds * 1e9) },
  { weight: 4, arbitrary: fc.integer({ min: 61_000, max: 180_000 }).map((ms) => ms * 1e6) },
  { weight: 1, arbitrary: fc.integer({ min: 180_001, max: 9_000_000 }).map((ms) => ms * 1e6) },
)

/** What a step of a tape may be. */
type StepKind = 'trade' | 'context' | 'liquidation' | 'book'

interface Step {
  gapNs: number
  kind: StepKind
  move: number
  lots: number
  aggressor: number
  fundingUnits: number
  tells: number
}

const step: fc.Arbitrary<Step> = fc.record({
  gapNs,
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant<StepKind>('trade') },
    { weight: 3, arbitrary: fc.constant<StepKind>('context') },
    { weight: 1, arbitrary: fc.constant<StepKind>('liquidation') },
    { weight: 1, arbitrary: fc.constant<StepKind>('book') },
  ),
  move: fc.integer({ min: -40, max: 40 }),
  lots: fc.integer({ min: 1, max: 1_000_000 }),
  aggressor: fc.constantFrom(1, -1),
  fundingUnits: fc.integer({ min: -400, max: 125 }),
  tells: fc.integer({ min: 0, max: 15 }),
})

/** A quiet symbol for hours and days: mostly contexts, sometimes a long silence. */
const quietStep: fc.Arbitrary<Step> = fc
  .tuple(
    step,
    fc.oneof(
      { weight: 40, arbitrary: fc.integer({ min: 20_000, max: 180_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 3_600_000, max: 50_000_000 }) },
    ),
    fc.integer({ min: 0, max: 4 }),
  )
  .map(([one, gapMs, kind]) => ({
    ...one,
    gapNs: gapMs * 1e6,
    kind: kind === 0 ? 'trade' : 'context',
    tells: kind === 1 ? one.tells : 0,
  }))

/** A tape from steps; contexts tell some of their four numbers (`tells` is a bit set, 0 means all). */
function tapeOf(startNs: number, steps: readonly Step[]): MarketRecord[] {
  let atNs = startNs
  let priceTicks = 656_400
  return steps.map((one) => {
    atNs += one.gapNs
    priceTicks = Math.max(1, priceTicks + one.move)
    const record = createMarketRecord()
    record.atNs = atNs
    const quantityLots = one.lots
    const { aggressor } = one
    if (one.kind === 'trade') return { ...record, kind: recordKinds.trade, priceTicks, quantityLots, aggressor }
    if (one.kind === 'liquidation') {
      const notionalMinor = one.lots * 7
      return { ...record, kind: recordKinds.liquidation, priceTicks, quantityLots, aggressor, notionalMinor }
    }
    const tells = (bit: number, value: number): number =>
      one.tells === 0 || (one.tells & bit) !== 0 ? value : Number.NaN
    if (one.kind === 'book') {
      return {
        ...record,
        kind: recordKinds.book,
        bidTicks: tells(1, priceTicks - 1),
        bidLots: tells(1, one.lots),
        askTicks: tells(2, priceTicks + 1),
        askLots: tells(2, one.fundingUnits + 401),
        bidDepthLots: tells(4, one.lots * 3),
        askDepthLots: tells(4, one.lots + one.fundingUnits + 401),
      }
    }
    return {
      ...record,
      kind: recordKinds.context,
      markTicks: tells(1, priceTicks + one.move),
      oracleTicks: tells(2, priceTicks),
      openInterestLots: tells(4, 3_000_000_000 + one.lots * one.aggressor),
      fundingRate: tells(8, one.fundingUnits * 1e-7),
    }
  })
}

/** How far a field may be from the naive one: sums in another order, squares rounded to 2^−46. */
function isClose(field: HotField, actual: number, expected: number): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(actual)
  if (actual === expected) return true
  if (field.startsWith('return')) return Math.abs(actual - expected) < 1e-13
  if (field === 'volatility1sLong' || field === 'volatility60sLong' || field === 'volumeLots1sLong') {
    return Math.abs(actual - expected) <= 1e-9 * Math.abs(expected)
  }
  if (field.startsWith('volatility')) return Math.abs(actual ** 2 - expected ** 2) <= 300 * 2 ** -47
  if (field === 'fundingZ' || field === 'efficiency5m') return Math.abs(actual - expected) <= 1e-9
  return false
}

describe('property: symbol state', () => {
  it(`every field after every record is what a recomputation from all records gives (seed ${seed})`, () => {
    const known = new Set<HotField>()
    fc.assert(
      fc.property(
        fc.integer({ min: -200_000_000_000, max: 86_400_000_000_000 }),
        fc.oneof(
          fc.array(step, { minLength: 100, maxLength: 160, size: 'max' }),
          fc.array(quietStep, { minLength: 100, maxLength: 160, size: 'max' }),
        ),
        (startNs, steps) => {
          const tape = tapeOf(startNs, steps)
          const row = new Float64Array(hotFields.length)
          const state = new SymbolState(row)
          const expected = naiveRows(tape)
          for (const [index, record] of tape.entries()) {
            state.apply(record)
            for (const field of hotFields) {
              const actual = row[hotFieldIndex[field]]!
              if (!Number.isNaN(actual)) known.add(field)
              if (!isClose(field, actual, expected[index]![field])) {
                throw new Error(`${field} after record ${index} is ${actual}, expected ${expected[index]![field]}`)
              }
            }
          }
        },
      ),
      { seed, numRuns: 30 },
    )
    // The tapes reach every field, so that none of them passed by being NaN on both sides.
    expect([...known].sort()).toEqual([...hotFields].sort())
  })

  it('a fault that is planted in the tape is noticed by the comparison', () => {
    const tape = tapeOf(0, [
      { gapNs: 0, kind: 'trade', move: 0, lots: 5, aggressor: 1, fundingUnits: 0, tells: 0 },
      { gapNs: 1e9, kind: 'trade', move: 3, lots: 7, aggressor: -1, fundingUnits: 0, tells: 0 },
    ])
    const row = new Float64Array(hotFields.length)
    const state = new SymbolState(row)
    for (const record of tape) state.apply({ ...record, quantityLots: record.quantityLots + 1 })
    const expected = naiveRows(tape).at(-1)!
    const wrong = hotFields.filter((field) => !isClose(field, row[hotFieldIndex[field]]!, expected[field]))
    expect(wrong).toContain('volumeLots5s')
  })
})
