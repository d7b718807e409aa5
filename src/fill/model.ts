/**
 * The fill model's options: one model for real (paper) and hypothetical trades (ERRATA E21). Pure; any thread.
 *
 * What it assumes, and where it flatters: our orders do not move the market and are filled whole, whatever their size; an
 * order that takes liquidity meets the last traded price moved by `slippageBps` against us, not a book; a resting limit order
 * (the target) is filled as soon as one trade prints at its price, though a real one waits in a queue behind others and may be
 * passed over (this flatters targets); latency is a constant. An entry that arrives beyond its limit, or beyond its margin, is
 * not filled at all: a market that ran away is a trade missed (this flatters shorts that would have been sold near their stop).
 */
import { requireInteger, requireNumber } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import { nsPerMs, toScaledInteger } from '../domain/units.ts'

export interface FillModelOptions {
  /** Fee of an order that takes liquidity, basis points of its notional with at most 2 decimals; 0 … 100, default 4.5 (Hyperliquid, tier 0). */
  readonly takerFeeBps: number
  /** Fee of a resting limit order, likewise; 0 … 100, default 1.5. */
  readonly makerFeeBps: number
  /** How far from the last price an order that takes liquidity is filled, against us, likewise; 0 … 1,000, default 1. */
  readonly slippageBps: number
  /**
   * How far the market may run against an entry between its decision and its arrival, likewise; beyond it the entry is refused.
   * 0 … 1,000, default 10: about the taker fees of a round trip, so a trade is given up when the run has cost as much again.
   * Smaller misses trades, larger makes every position smaller by it. ARCHITECTURE "Fills" has the recorded days' figures.
   */
  readonly entryLimitBps: number
  /** From sending an order to its arrival at the venue, nanoseconds of event time; 0 … 60 s, default 50 ms. */
  readonly latencyNs: number
}

export const defaultFillModelOptions: FillModelOptions = {
  takerFeeBps: 4.5,
  makerFeeBps: 1.5,
  slippageBps: 1,
  entryLimitBps: 10,
  latencyNs: 50 * nsPerMs,
}

/** The options checked, and the rates as whole parts per million. */
export interface FillModel extends FillModelOptions {
  readonly takerFeePpm: number
  readonly makerFeePpm: number
  readonly slippagePpm: number
  readonly entryLimitPpm: number
}

/** @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming the option that is outside its range. */
export function createFillModel(options: Partial<FillModelOptions> = {}): FillModel {
  const { takerFeeBps, makerFeeBps, slippageBps, entryLimitBps, latencyNs } = { ...defaultFillModelOptions, ...options }
  return Object.freeze({
    takerFeeBps,
    makerFeeBps,
    slippageBps,
    entryLimitBps,
    latencyNs: requireInteger('latencyNs', latencyNs, 0, 60_000 * nsPerMs),
    takerFeePpm: partsPerMillion('takerFeeBps', takerFeeBps, 100),
    makerFeePpm: partsPerMillion('makerFeeBps', makerFeeBps, 100),
    slippagePpm: partsPerMillion('slippageBps', slippageBps, 1000),
    entryLimitPpm: partsPerMillion('entryLimitBps', entryLimitBps, 1000),
  })
}

/** One basis point is 100 parts per million, so two decimals of a basis point are whole parts. */
function partsPerMillion(field: string, bps: number, max: number): number {
  const parts = toScaledInteger(requireNumber(field, bps, 0, max), 2)
  if (Number.isNaN(parts)) {
    throw new SignalboxError('ERR_INVALID_ARGUMENT', `${field} may have at most 2 decimals, got ${bps}`, {
      field,
      value: bps,
    })
  }
  return parts
}
