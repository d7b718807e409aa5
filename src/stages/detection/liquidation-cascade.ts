/**
 * Detects liquidation cascades: a fast one-sided move that feeds itself, because it forces positions of the losing side out.
 *
 * What can be known when it matters. Where the tape tells liquidations (`longLiquidationMinor60s` is a number), they decide: those of
 * the side that the move hurts must be a share of the volume, and few of the other side beside them; however one-sided the
 * aggression, without them it is no cascade. Where the tape does not tell them, one-sided aggression stands in for them. Open interest
 * comes about once a minute there, so at the trigger it is usually that of before the move, and its fall cannot be asked for: on
 * 2026-06-17 at 18:00 the first context after the trigger showed BTC's 5 bp higher, although the move was −1.4 % in two minutes. So open
 * interest raises the score when a context came in time, and after the trigger its fall alone confirms the event (ACTIVE).
 *
 * Units. σ is the symbol's long-run volatility of one minute (`volatility60sLong`): one setting for BTC and DOGE. It is frozen at
 * the trigger, since the cascade itself raises it, and never below `sigmaMin`: what moves less is not worth its costs. The burst
 * of 15 s is measured in σ × √(15 ÷ 60) = σ ÷ 2.
 *
 * The trade is continuation: `side` is the direction of the move for the whole life of the event. A cascade is forced flow that
 * ends by exhaustion; until then it runs with the move, and a reversal is another idea with a detector of its own.
 *
 * | state | when |
 * |---|---|
 * | TRIGGERED | the move of 60 s ≥ `moveSigmas` σ, the burst of 15 s ≥ `burstSigmas` in the same direction, both with a multiple of the usual volume; liquidations of 60 s are `liquidationShare` of the volume and `liquidationOneSidedness` on the side that the move hurts or, on a tape without them, aggression of the move's side dominates both windows |
 * | ACTIVE | the price went `continueSigmas` σ further, or open interest fell by `openInterestFall` since the trigger |
 * | COMPLETING | the burst fell to `decelerateRatio` of its peak |
 * | COMPLETED | target reached, or no new extreme for `stallS`, or `completeS` passed |
 * | INVALIDATED | the stop is reached: `stopRatio` of the move is retraced. Waiting for all of it would leave an event actionable whose trade is already lost |
 *
 * Re-arming: one happening is one event. After the trigger the detector is disarmed until the move of 60 s has fallen below
 * `rearmRatio` × `moveSigmas` σ, and at least `coolDownS` have passed since the event's end.
 *
 * Priority: 0.4 + 0.3 × exceedance of the move + 0.15 × exceedance of the 15-s volume + 0.1 × how one-sided the burst is (0 at its
 * threshold, 1 when only one side traded) + 0.05 when open interest is known to have fallen by `openInterestFall` in 5 minutes:
 * 0.4 is a bare trigger, about 0.7 twice every threshold.
 */
import { hotFieldIndex as at, type HotRow } from '../../domain/hot-state.ts'
import type { Instrument } from '../../domain/instrument.ts'
import { minorPerUnit, nsPerSecond, powersOfTen } from '../../domain/units.ts'
import type { Detector, DetectorContext, DetectorWatch, LiveEvent } from './detector.ts'
import { type OptionTable, type OptionValues, resolveOptions } from './detector-options.ts'
import { endsByPlan, progressSigmasOf } from './event-plan.ts'
import { exceedance, headroom } from './exceedance.ts'
import { ticksBeyond } from './ticks-beyond.ts'

export const cascadeOptions = {
  sigmaMin: {
    default: 0.0005,
    min: 1e-6,
    max: 1,
    unit: 'fraction',
    about: 'σ counts as at least this: costs eat less',
  },
  moveSigmas: { default: 3.5, min: 1, max: 50, unit: 'σ of 60 s', about: 'least move of 60 s' },
  burstSigmas: { default: 4, min: 0, max: 50, unit: 'σ of 15 s', about: 'least move of 15 s' },
  burstOneSidedness: { default: 0.4, min: 0, max: 1, unit: 'fraction', about: 'least |buys − sells| ÷ volume of 15 s' },
  oneSidedness: { default: 0.25, min: 0, max: 1, unit: 'fraction', about: 'least |buys − sells| ÷ volume of 60 s' },
  burstVolumeRatio: { default: 3, min: 0, max: 1000, unit: '× usual', about: 'least volume of 15 s' },
  volumeRatio: { default: 1.5, min: 0, max: 1000, unit: '× usual', about: 'least volume of 60 s' },
  liquidationShare: {
    default: 0.0005,
    min: 0,
    max: 1,
    unit: '× volume',
    about: 'least liquidations of 60 s on a tape that tells them (a lower bound of what there was)',
  },
  liquidationOneSidedness: {
    default: 0.5,
    min: 0,
    max: 1,
    unit: 'fraction',
    about: 'least |longs − shorts| ÷ all liquidations of 60 s',
  },
  openInterestFall: {
    default: 0.002,
    min: 0,
    max: 1,
    unit: 'fraction',
    about: 'a fall of open interest that confirms',
  },
  continueSigmas: { default: 1, min: 0, max: 50, unit: 'σ of 60 s', about: 'further move that makes it ACTIVE' },
  decelerateRatio: { default: 0.25, min: 0, max: 1, unit: '× peak burst', about: 'burst below which it is COMPLETING' },
  stallS: { default: 30, min: 1, max: 3600, unit: 's', about: 'without a new extreme: COMPLETED' },
  completeS: { default: 110, min: 1, max: 86400, unit: 's', about: 'after the trigger: COMPLETED' },
  lifeS: { default: 120, min: 1, max: 86400, unit: 's', about: 'after the trigger: expired' },
  targetRatio: { default: 1, min: 0.01, max: 10, unit: '× move', about: 'target beyond the trigger price' },
  stopRatio: { default: 0.5, min: 0.01, max: 10, unit: '× move', about: 'stop behind the trigger price' },
  winRate: { default: 0.4, min: 0, max: 1, unit: 'probability', about: 'prior that the target comes before the stop' },
  rearmRatio: {
    default: 0.5,
    min: 0,
    max: 1,
    unit: '× moveSigmas',
    about: 'move of 60 s below which it is armed again',
  },
  coolDownS: { default: 60, min: 0, max: 86400, unit: 's', about: 'between one event and the next' },
  capitalRequiredMinor: {
    default: 0,
    min: 0,
    max: 9e15,
    unit: 'minor units',
    about: 'least capital worth acting with',
  },
} as const satisfies OptionTable

type CascadeOptions = OptionValues<typeof cascadeOptions>

/** @throws {SignalboxError} `ERR_INPUT` for an unknown option or a value outside its range. */
export function liquidationCascade(given: Partial<CascadeOptions> = {}): Detector {
  const options = resolveOptions('detectors.cascade', cascadeOptions, given)
  return {
    eventType: 'LIQUIDATION_CASCADE',
    kind: 'cascade',
    watch: (instrument: Instrument) => new CascadeWatch(options, instrument),
  }
}

interface Liquidations {
  /** Worth of the hurt side's ÷ worth of the volume. */
  readonly share: number
  /** (Hurt side − other side) ÷ both; 0 when there were none. */
  readonly oneSidedness: number
}

class CascadeWatch implements DetectorWatch {
  readonly #options: CascadeOptions
  /** What a lot at a tick is worth, minor units. */
  readonly #minorPerLotTick: number
  #isArmed = true
  // Of the live event, since its trigger.
  #direction = 0
  #sigma = 0
  #peakBurstSigmas = 0
  #extremeTicks = 0
  #extremeAtNs = 0
  #openInterestLots = Number.NaN

  constructor(options: CascadeOptions, instrument: Instrument) {
    this.#options = options
    this.#minorPerLotTick = minorPerUnit / powersOfTen[instrument.priceDecimals + instrument.sizeDecimals]!
  }

  step(row: HotRow, context: DetectorContext): void {
    const live = context.live
    if (live === null) this.#seek(row, context)
    else this.#follow(row, context, live)
  }

  #seek(row: HotRow, context: DetectorContext): void {
    const options = this.#options
    const sigma = Math.max(row[at.volatility60sLong]!, options.sigmaMin)
    const move = Math.abs(row[at.return60s]!)
    const threshold = options.moveSigmas * sigma
    if (!(move >= threshold)) {
      if (move < threshold * options.rearmRatio) this.#isArmed = true
      return
    }
    if (!this.#isArmed) return
    if (context.nowNs < context.lastEndedAtNs + options.coolDownS * nsPerSecond) return
    const direction = Math.sign(row[at.return60s]!)
    const burstSigmas = (direction * row[at.return15s]!) / (sigma / 2)
    const burstOneSidedness = (direction * row[at.signedLots15s]!) / row[at.volumeLots15s]!
    const oneSidedness = (direction * row[at.signedLots60s]!) / row[at.volumeLots60s]!
    const usual = row[at.volumeLots1sLong]!
    const burstVolumeRatio = ratioOf(row[at.volumeLots15s]!, usual * 15)
    const volumeRatio = ratioOf(row[at.volumeLots60s]!, usual * 60)
    if (
      !(
        burstSigmas >= options.burstSigmas &&
        burstVolumeRatio >= options.burstVolumeRatio &&
        volumeRatio >= options.volumeRatio
      )
    ) {
      return
    }
    const last = row[at.lastTicks]!
    const liquidations = this.#liquidationsOf(row, direction)
    const isForced =
      liquidations === null
        ? burstOneSidedness >= options.burstOneSidedness && oneSidedness >= options.oneSidedness
        : liquidations.share >= options.liquidationShare && liquidations.oneSidedness >= options.liquidationOneSidedness
    if (!isForced) return
    const openInterestChange = row[at.openInterestChange5m]!
    const fired = context.fire({
      side: direction > 0 ? 'long' : 'short',
      priorityScore:
        0.4 +
        0.3 * exceedance(move, threshold) +
        0.15 * exceedance(burstVolumeRatio, options.burstVolumeRatio) +
        0.1 * headroom(burstOneSidedness, options.burstOneSidedness) +
        (openInterestChange <= -options.openInterestFall ? 0.05 : 0),
      targetTicks: ticksBeyond(last, direction, move * options.targetRatio),
      stopTicks: ticksBeyond(last, -direction, move * options.stopRatio),
      winRate: options.winRate,
      lifeNs: Math.round(options.lifeS * nsPerSecond),
      capitalRequiredMinor: Math.round(options.capitalRequiredMinor),
      evidence: {
        move_sigmas: (direction * move) / sigma,
        move_bp: direction * move * 10_000,
        burst_sigmas: direction * burstSigmas,
        one_sidedness_15s: burstOneSidedness,
        one_sidedness_60s: oneSidedness,
        volume_ratio_15s: burstVolumeRatio,
        volume_ratio_60s: volumeRatio,
        sigma_bp: sigma * 10_000,
        origin_ticks: Math.round(last / Math.exp(direction * move)),
        ...(Number.isNaN(openInterestChange) ? {} : { open_interest_change_5m: openInterestChange }),
        ...(liquidations === null
          ? {}
          : { liquidation_share_60s: liquidations.share, liquidation_one_sidedness_60s: liquidations.oneSidedness }),
      },
    })
    if (!fired) return
    this.#isArmed = false
    this.#direction = direction
    this.#sigma = sigma
    this.#peakBurstSigmas = burstSigmas
    this.#extremeTicks = last
    this.#extremeAtNs = context.nowNs
    this.#openInterestLots = row[at.openInterestLots]!
  }

  /** Of the side that a move in `direction` hurts, in 60 s; null on a tape that does not tell liquidations. */
  #liquidationsOf(row: HotRow, direction: number): Liquidations | null {
    const longMinor = row[at.longLiquidationMinor60s]!
    const shortMinor = row[at.shortLiquidationMinor60s]!
    if (Number.isNaN(longMinor)) return null
    const hurtMinor = direction > 0 ? shortMinor : longMinor
    const volumeMinor = row[at.volumeLots60s]! * row[at.lastTicks]! * this.#minorPerLotTick
    const all = longMinor + shortMinor
    return {
      share: hurtMinor / volumeMinor,
      oneSidedness: all === 0 ? 0 : (2 * hurtMinor - all) / all,
    }
  }

  #follow(row: HotRow, context: DetectorContext, live: LiveEvent): void {
    const options = this.#options
    const direction = this.#direction
    const last = row[at.lastTicks]!
    const progressSigmas = progressSigmasOf(live, last, this.#sigma)
    const burstSigmas = (direction * row[at.return15s]!) / (this.#sigma / 2)
    if (burstSigmas > this.#peakBurstSigmas) this.#peakBurstSigmas = burstSigmas
    if (direction * (last - this.#extremeTicks) > 0) {
      this.#extremeTicks = last
      this.#extremeAtNs = context.nowNs
    }
    if (endsByPlan(context, live, last, progressSigmas, options.completeS)) return
    const stalledNs = context.nowNs - this.#extremeAtNs
    if (stalledNs >= options.stallS * nsPerSecond) {
      context.advance('COMPLETED', {
        progress_sigmas: progressSigmas,
        stalled_s: stalledNs / nsPerSecond,
        alive_s: (context.nowNs - live.detectedAtNs) / nsPerSecond,
      })
      return
    }
    if (live.state === 'TRIGGERED') {
      // Of nothing there is no fall.
      const openInterestFall =
        this.#openInterestLots > 0 ? 1 - row[at.openInterestLots]! / this.#openInterestLots : Number.NaN
      if (progressSigmas >= options.continueSigmas || openInterestFall >= options.openInterestFall) {
        context.advance('ACTIVE', {
          progress_sigmas: progressSigmas,
          ...(Number.isNaN(openInterestFall) ? {} : { open_interest_fall: openInterestFall }),
        })
      }
    }
    if (live.state !== 'COMPLETING' && burstSigmas <= options.decelerateRatio * this.#peakBurstSigmas) {
      context.advance('COMPLETING', {
        burst_sigmas: direction * burstSigmas,
        peak_burst_sigmas: direction * this.#peakBurstSigmas,
      })
    }
  }
}

/** A multiple of what is usual, at most 1,000: beyond it, the usual is next to nothing. NaN when nothing is known. */
function ratioOf(value: number, usual: number): number {
  return Math.min(1000, value / usual)
}
