/**
 * Detects failed hunts: a sweep of an extreme behind which stops lie, on a burst of volume, that is quickly taken back. Whoever
 * hunted the stops found nobody who follows; the trade is against the sweep.
 *
 * What can be known. The extreme that is swept must have stood before: it is that of the 30 minutes that ended a minute ago
 * (`priorHigh30m`, `priorLow30m`), frozen when it is first crossed. Where stops really lay nobody sees; the burst of volume beyond the
 * extreme is their trace. What goes too far or stays too long is no hunt but a breakout, and is left alone.
 *
 * A market order that eats through the book prints its way down and the next one begins at the top again: so the price has to stay
 * inside for a moment before it counts as taken back.
 *
 * Units. σ is the symbol's long-run volatility of one minute (`volatility60sLong`), frozen at the crossing and never below
 * `sigmaMin`: one setting for BTC and DOGE.
 *
 * | state | when |
 * |---|---|
 * | (sweeping) | the price crossed the level; how far it goes and with how much volume is followed for `reclaimS` |
 * | TRIGGERED | the sweep went `sweepSigmas` … `breakoutSigmas` σ beyond, 15 s of it had `burstVolumeRatio` × the usual volume, and the price has been back inside by `reclaimSigmas` σ for `reclaimHoldS` |
 * | ACTIVE | the price went `continueSigmas` σ further inside |
 * | COMPLETING | half of the way to the target is done |
 * | COMPLETED | target reached, or `completeS` passed |
 * | INVALIDATED | stop reached: beyond the sweep's own extreme by `stopSigmas` σ |
 *
 * Re-arming: a level has one sweep; another needs the price to have been inside the level of its time again, and `coolDownS` since
 * the last event's end.
 *
 * Priority: 0.4 + 0.25 × exceedance of the sweep's depth + 0.2 × exceedance of its volume + 0.15 × how quick the reclaim was (1 at
 * once, 0 at `reclaimS`): 0.4 is a bare trigger.
 */
import { hotFieldIndex as at, type HotRow } from '../../domain/hot-state.ts'
import type { Instrument } from '../../domain/instrument.ts'
import { nsPerSecond } from '../../domain/units.ts'
import type { Detector, DetectorContext, DetectorWatch, LiveEvent } from './detector.ts'
import { type OptionTable, type OptionValues, resolveOptions } from './detector-options.ts'
import { endsByPlan, isHalfWay, progressSigmasOf } from './event-plan.ts'
import { exceedance } from './exceedance.ts'
import { ticksBeyond } from './ticks-beyond.ts'

export const huntOptions = {
  sigmaMin: { default: 0.0001, min: 1e-6, max: 1, unit: 'fraction', about: 'σ counts as at least this' },
  sweepSigmas: { default: 0.5, min: 0, max: 50, unit: 'σ of 60 s', about: 'least way beyond the level' },
  breakoutSigmas: { default: 5, min: 0.1, max: 100, unit: 'σ of 60 s', about: 'beyond it is a breakout' },
  burstVolumeRatio: { default: 2, min: 0, max: 1000, unit: '× usual', about: 'least volume of 15 s of the sweep' },
  reclaimSigmas: { default: 0.5, min: 0, max: 50, unit: 'σ of 60 s', about: 'back inside the level' },
  reclaimS: { default: 45, min: 1, max: 3600, unit: 's', about: 'from crossing to reclaim at most' },
  reclaimHoldS: { default: 1, min: 0, max: 3600, unit: 's', about: 'how long it has to stay back inside' },
  continueSigmas: { default: 1, min: 0, max: 50, unit: 'σ of 60 s', about: 'further move that makes it ACTIVE' },
  stopSigmas: { default: 0.5, min: 0, max: 50, unit: 'σ of 60 s', about: "stop beyond the sweep's extreme" },
  targetRatio: {
    default: 2,
    min: 0.1,
    max: 20,
    unit: '× risk',
    about: 'target at so many times the distance to the stop',
  },
  completeS: { default: 890, min: 1, max: 86400, unit: 's', about: 'after the trigger: COMPLETED' },
  lifeS: { default: 900, min: 1, max: 86400, unit: 's', about: 'after the trigger: expired' },
  winRate: { default: 0.35, min: 0, max: 1, unit: 'probability', about: 'prior that the target comes before the stop' },
  coolDownS: { default: 120, min: 0, max: 86400, unit: 's', about: 'between one event and the next' },
  capitalRequiredMinor: {
    default: 0,
    min: 0,
    max: 9e15,
    unit: 'minor units',
    about: 'least capital worth acting with',
  },
} as const satisfies OptionTable

type HuntOptions = OptionValues<typeof huntOptions>

/** @throws {SignalboxError} `ERR_INPUT` for an unknown option or a value outside its range. */
export function failedHunt(given: Partial<HuntOptions> = {}): Detector {
  const options = resolveOptions('detectors.hunt', huntOptions, given)
  return {
    eventType: 'FAILED_HUNT',
    kind: 'hunt',
    watch: (_instrument: Instrument) => new HuntWatch(options),
  }
}

class HuntWatch implements DetectorWatch {
  readonly #options: HuntOptions
  /** +1: a high is being swept, −1: a low, 0: the price is inside. */
  #direction = 0
  /** The sweep is over without a reclaim: nothing more of it counts until the price is inside again. */
  #isSpent = false
  #levelTicks = 0
  #extremeTicks = 0
  #crossedAtNs = 0
  /** Since when the price has been back inside far enough; NaN: it is not. */
  #insideSinceNs = Number.NaN
  #volumeRatio = 0
  #sigma = 0

  constructor(options: HuntOptions) {
    this.#options = options
  }

  step(row: HotRow, context: DetectorContext): void {
    const live = context.live
    if (live !== null) {
      this.#follow(row, context, live)
      return
    }
    if (this.#direction === 0) this.#seek(row, context)
    else this.#sweep(row, context)
  }

  #seek(row: HotRow, context: DetectorContext): void {
    const last = row[at.lastTicks]!
    const high = row[at.priorHigh30m]!
    const low = row[at.priorLow30m]!
    if (!(last > high) && !(last < low)) return
    const direction = last > high ? 1 : -1
    this.#direction = direction
    this.#isSpent = false
    this.#levelTicks = direction > 0 ? high : low
    this.#extremeTicks = last
    this.#crossedAtNs = context.nowNs
    this.#insideSinceNs = Number.NaN
    this.#volumeRatio = 0
    this.#sigma = Math.max(row[at.volatility60sLong]!, this.#options.sigmaMin)
    this.#sweep(row, context)
  }

  #sweep(row: HotRow, context: DetectorContext): void {
    const options = this.#options
    const direction = this.#direction
    const last = row[at.lastTicks]!
    if (direction * (last - this.#extremeTicks) > 0) this.#extremeTicks = last
    const volumeRatio = Math.min(1000, row[at.volumeLots15s]! / (row[at.volumeLots1sLong]! * 15))
    if (volumeRatio > this.#volumeRatio) this.#volumeRatio = volumeRatio
    const unit = this.#levelTicks * this.#sigma
    const depthSigmas = (direction * (this.#extremeTicks - this.#levelTicks)) / unit
    const insideSigmas = (direction * (this.#levelTicks - last)) / unit
    const sweptNs = context.nowNs - this.#crossedAtNs
    if (sweptNs > options.reclaimS * nsPerSecond || depthSigmas > options.breakoutSigmas) this.#isSpent = true
    if (this.#isSpent) {
      if (insideSigmas > 0 || isInside(row, last)) this.#direction = 0
      return
    }
    if (!(insideSigmas >= options.reclaimSigmas)) {
      this.#insideSinceNs = Number.NaN
      return
    }
    if (Number.isNaN(this.#insideSinceNs)) this.#insideSinceNs = context.nowNs
    if (context.nowNs - this.#insideSinceNs < options.reclaimHoldS * nsPerSecond) return
    this.#isSpent = true
    if (!(depthSigmas >= options.sweepSigmas && this.#volumeRatio >= options.burstVolumeRatio)) return
    if (context.nowNs < context.lastEndedAtNs + options.coolDownS * nsPerSecond) return
    const stopTicks = ticksBeyond(this.#extremeTicks, direction, this.#sigma * options.stopSigmas)
    const riskFraction = Math.abs(stopTicks - last) / last
    context.fire({
      side: direction > 0 ? 'short' : 'long',
      priorityScore:
        0.4 +
        0.25 * exceedance(depthSigmas, options.sweepSigmas) +
        0.2 * exceedance(this.#volumeRatio, options.burstVolumeRatio) +
        0.15 * (1 - sweptNs / (options.reclaimS * nsPerSecond)),
      targetTicks: ticksBeyond(last, -direction, riskFraction * options.targetRatio),
      stopTicks,
      winRate: options.winRate,
      lifeNs: Math.round(options.lifeS * nsPerSecond),
      capitalRequiredMinor: Math.round(options.capitalRequiredMinor),
      evidence: {
        sweep_sigmas: direction * depthSigmas,
        volume_ratio_15s: this.#volumeRatio,
        reclaim_s: sweptNs / nsPerSecond,
        reclaim_sigmas: -direction * insideSigmas,
        level_ticks: this.#levelTicks,
        extreme_ticks: this.#extremeTicks,
        sigma_bp: this.#sigma * 10_000,
      },
    })
  }

  #follow(row: HotRow, context: DetectorContext, live: LiveEvent): void {
    const options = this.#options
    const last = row[at.lastTicks]!
    const progressSigmas = progressSigmasOf(live, last, this.#sigma)
    if (endsByPlan(context, live, last, progressSigmas, options.completeS)) return
    if (live.state === 'TRIGGERED' && progressSigmas >= options.continueSigmas) {
      context.advance('ACTIVE', { progress_sigmas: progressSigmas })
    }
    if (live.state !== 'COMPLETING' && isHalfWay(live, last)) {
      context.advance('COMPLETING', { progress_sigmas: progressSigmas })
    }
  }
}

function isInside(row: HotRow, last: number): boolean {
  return last <= row[at.priorHigh30m]! && last >= row[at.priorLow30m]!
}
