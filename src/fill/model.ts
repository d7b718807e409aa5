/**
 * The fill model's options: one model for real (paper) and hypothetical trades (ERRATA E21). Pure; any thread.
 *
 * What it assumes, and where it flatters: our orders do not move the market and are filled whole, whatever their size; a
 * market order meets the last traded price moved by `slippageBps` against us, not a book; a resting limit order (the target)
 * is filled as soon as one trade prints at its price, though a real one waits in a queue behind others and may be passed
 * over (this flatters targets); latency is a constant.
 */
import { requireInteger, requireNumber } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import { nsPerMs, toScaledInteger } from '../domain/units.ts'

export interface FillModelOptions {
  /** Fee of a market order, basis points of its notional with at most 2 decimals; 0 … 100, default 4.5 (Hyperliquid, tier 0). */
  readonly takerFeeBps: number
  /** Fee of a resting limit order, likewise; 0 … 100, default 1.5. */
  readonly makerFeeBps: number
  /** How far from the last price a market order is filled, against us, likewise; 0 … 1,000, default 1. */
  readonly slippageBps: number
  /** From sending an order to its arrival at the venue, nanoseconds of event time; 0 … 60 s, default 50 ms. */
  readonly latencyNs: number
}

export const defaultFillModelOptions: FillModelOptions = {
  takerFeeBps: 4.5,
  makerFeeBps: 1.5,
  slippageBps: 1,
  latencyNs: 50 * nsPerMs,
}

/** The options checked, and the rates as whole parts per million. */
export interface FillModel extends FillModelOptions {
  readonly takerFeePpm: number
  readonly makerFeePpm: number
  readonly slippagePpm: number
}

/** @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming the option that is outside its range. */
export function createFillModel(options: Partial<FillModelOptions> = {}): FillModel {
  const { takerFeeBps, makerFeeBps, slippageBps, latencyNs } = { ...defaultFillModelOptions, ...options }
  return Object.freeze({
    takerFeeBps,
    makerFeeBps,
    slippageBps,
    latencyNs: requireInteger('latencyNs', latencyNs, 0, 60_000 * nsPerMs),
    takerFeePpm: partsPerMillion('takerFeeBps', takerFeeBps, 100),
    makerFeePpm: partsPerMillion('makerFeeBps', makerFeeBps, 100),
    slippagePpm: partsPerMillion('slippageBps', slippageBps, 1000),
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
