/**
 * Detects inventory distribution: heavy one-sided aggression that no longer moves the price. Somebody large stands on the other side
 * and hands out (or takes in) inventory; when the aggressors are done, the price gives way. The trade is against the flow.
 *
 * What can be known. Who absorbs is not on the tape; that somebody does shows in flow without its usual effect. So the flow of 5
 * minutes must have been heavy and one-sided, the last minute's still is, the price did go with it, and now stands still near its
 * extreme. A pause of a moment is nothing: all of it has to hold for `stallS`.
 *
 * Units. σ is the symbol's long-run volatility of one minute (`volatility60sLong`), frozen at the trigger and never below `sigmaMin`.
 *
 * | state | when |
 * |---|---|
 * | (stalling) | of 5 min and of 60 s: |buys − sells| ÷ volume and volume ÷ usual reach their thresholds, on one side; the price went `moveSigmas` σ with the flow in 5 min, at most `stillSigmas` σ with it in 60 s, and is at most `nearSigmas` σ off its 5-minute extreme |
 * | TRIGGERED | that has held for `stallS` |
 * | ACTIVE | the price went `continueSigmas` σ against the flow |
 * | COMPLETING | the flow of 60 s has turned to the other side, or half of the way to the target is done |
 * | COMPLETED | target reached, or `completeS` passed |
 * | INVALIDATED | the stop is reached, `stopSigmas` σ beyond the 5-minute extreme at the trigger: the flow moves the price again |
 *
 * Re-arming: one flow is one event. Another needs the one-sidedness of 5 minutes to have fallen below `rearmRatio` × its threshold, or
 * to have changed sides, and `coolDownS` since the event's end.
 *
 * Priority: 0.4 + 0.3 × exceedance of the volume of 5 minutes + 0.2 × how one-sided it is (0 at the threshold, 1 when only one side
 * traded) + 0.1 when the price has already turned within the last 60 s: 0.4 is a bare trigger.
 */
import { hotFieldIndex as at, type HotRow } from '../../domain/hot-state.ts'
import type { Instrument } from '../../domain/instrument.ts'
import { nsPerSecond } from '../../domain/units.ts'
import type { Detector, DetectorContext, DetectorWatch, LiveEvent } from './detector.ts'
import { type OptionTable, type OptionValues, resolveOptions } from './detector-options.ts'
import { directionOf, endsByPlan, isHalfWay, progressSigmasOf } from './event-plan.ts'
import { exceedance, headroom } from './exceedance.ts'
import { ticksBeyond } from './ticks-beyond.ts'

export const distributionOptions = {
  sigmaMin: { default: 0.0001, min: 1e-6, max: 1, unit: 'fraction', about: 'σ counts as at least this' },
  oneSidedness: {
    default: 0.3,
    min: 0,
    max: 1,
    unit: 'fraction',
    about: 'least |buys − sells| ÷ volume of 5 min and of 60 s',
  },
  volumeRatio: { default: 1.5, min: 0, max: 1000, unit: '× usual', about: 'least volume of 5 min' },
  recentVolumeRatio: { default: 1, min: 0, max: 1000, unit: '× usual', about: 'least volume of 60 s' },
  moveSigmas: { default: 0.5, min: 0, max: 50, unit: 'σ of 60 s', about: 'least move of 5 min with the flow' },
  stillSigmas: { default: 0.25, min: -50, max: 50, unit: 'σ of 60 s', about: 'move of 60 s with the flow at most' },
  nearSigmas: { default: 1, min: 0, max: 50, unit: 'σ of 60 s', about: 'off the 5-minute extreme at most' },
  stallS: { default: 15, min: 0, max: 3600, unit: 's', about: 'how long all of it has to hold' },
  continueSigmas: {
    default: 0.5,
    min: 0,
    max: 50,
    unit: 'σ of 60 s',
    about: 'move against the flow that makes it ACTIVE',
  },
  stopSigmas: { default: 0.75, min: 0, max: 50, unit: 'σ of 60 s', about: 'stop beyond the 5-minute extreme' },
  targetRatio: {
    default: 1.5,
    min: 0.1,
    max: 20,
    unit: '× risk',
    about: 'target at so many times the distance to the stop',
  },
  completeS: { default: 890, min: 1, max: 86400, unit: 's', about: 'after the trigger: COMPLETED' },
  lifeS: { default: 900, min: 1, max: 86400, unit: 's', about: 'after the trigger: expired' },
  winRate: { default: 0.4, min: 0, max: 1, unit: 'probability', about: 'prior that the target comes before the stop' },
  rearmRatio: {
    default: 0.5,
    min: 0,
    max: 1,
    unit: '× oneSidedness',
    about: 'one-sidedness of 5 min below which it is armed again',
  },
  coolDownS: { default: 600, min: 0, max: 86400, unit: 's', about: 'between one event and the next' },
  capitalRequiredMinor: {
    default: 0,
    min: 0,
    max: 9e15,
    unit: 'minor units',
    about: 'least capital worth acting with',
  },
} as const satisfies OptionTable

type DistributionOptions = OptionValues<typeof distributionOptions>

/** @throws {SignalboxError} `ERR_INPUT` for an unknown option or a value outside its range. */
export function inventoryDistribution(given: Partial<DistributionOptions> = {}): Detector {
  const options = resolveOptions('detectors.distribution', distributionOptions, given)
  return {
    eventType: 'INVENTORY_DISTRIBUTION',
    kind: 'distribution',
    watch: (_instrument: Instrument) => new DistributionWatch(options),
  }
}

class DistributionWatch implements DetectorWatch {
  readonly #options: DistributionOptions
  /** The side of the flow that already had its event, until it is over. */
  #spentFlow = 0
  /** The side of the flow that is stalling, and since when; 0: none. */
  #flow = 0
  #stalledSinceNs = 0
  #sigma = 0

  constructor(options: DistributionOptions) {
    this.#options = options
  }

  step(row: HotRow, context: DetectorContext): void {
    const live = context.live
    if (live === null) this.#seek(row, context)
    else this.#follow(row, context, live)
  }

  #seek(row: HotRow, context: DetectorContext): void {
    const options = this.#options
    const oneSidedness5m = row[at.signedLots5m]! / row[at.volumeLots5m]!
    const flow = Math.sign(oneSidedness5m)
    if (this.#spentFlow !== 0) {
      const isOver = flow !== this.#spentFlow || flow * oneSidedness5m < options.rearmRatio * options.oneSidedness
      if (!isOver) return
      this.#spentFlow = 0
    }
    if (!(flow * oneSidedness5m >= options.oneSidedness)) {
      this.#flow = 0
      return
    }
    const usual = row[at.volumeLots1sLong]!
    const sigma = Math.max(row[at.volatility60sLong]!, options.sigmaMin)
    const last = row[at.lastTicks]!
    const extremeTicks = flow > 0 ? row[at.high5m]! : row[at.low5m]!
    const oneSidedness60s = (flow * row[at.signedLots60s]!) / row[at.volumeLots60s]!
    const volumeRatio5m = row[at.volumeLots5m]! / (usual * 300)
    const isStalling =
      volumeRatio5m >= options.volumeRatio &&
      oneSidedness60s >= options.oneSidedness &&
      row[at.volumeLots60s]! >= usual * 60 * options.recentVolumeRatio &&
      flow * row[at.return5m]! >= options.moveSigmas * sigma &&
      flow * row[at.return60s]! <= options.stillSigmas * sigma &&
      flow * (extremeTicks - last) <= options.nearSigmas * sigma * last
    if (!isStalling) {
      this.#flow = 0
      return
    }
    if (flow !== this.#flow) {
      this.#flow = flow
      this.#stalledSinceNs = context.nowNs
    }
    const stalledNs = context.nowNs - this.#stalledSinceNs
    if (stalledNs < options.stallS * nsPerSecond) return
    if (context.nowNs < context.lastEndedAtNs + options.coolDownS * nsPerSecond) return
    const stopTicks = ticksBeyond(extremeTicks, flow, sigma * options.stopSigmas)
    const riskFraction = Math.abs(stopTicks - last) / last
    const fired = context.fire({
      side: flow > 0 ? 'short' : 'long',
      priorityScore:
        0.4 +
        0.3 * exceedance(volumeRatio5m, options.volumeRatio) +
        0.2 * headroom(flow * oneSidedness5m, options.oneSidedness) +
        (flow * row[at.return60s]! < 0 ? 0.1 : 0),
      targetTicks: ticksBeyond(last, -flow, riskFraction * options.targetRatio),
      stopTicks,
      winRate: options.winRate,
      lifeNs: Math.round(options.lifeS * nsPerSecond),
      capitalRequiredMinor: Math.round(options.capitalRequiredMinor),
      evidence: {
        one_sidedness_5m: oneSidedness5m,
        one_sidedness_60s: flow * oneSidedness60s,
        volume_ratio_5m: Math.min(1000, volumeRatio5m),
        move_5m_sigmas: row[at.return5m]! / sigma,
        move_60s_sigmas: row[at.return60s]! / sigma,
        extreme_ticks: extremeTicks,
        stalled_s: stalledNs / nsPerSecond,
        sigma_bp: sigma * 10_000,
      },
    })
    if (!fired) return
    this.#spentFlow = flow
    this.#flow = 0
    this.#sigma = sigma
  }

  #follow(row: HotRow, context: DetectorContext, live: LiveEvent): void {
    const options = this.#options
    const last = row[at.lastTicks]!
    const progressSigmas = progressSigmasOf(live, last, this.#sigma)
    if (endsByPlan(context, live, last, progressSigmas, options.completeS)) return
    if (live.state === 'TRIGGERED' && progressSigmas >= options.continueSigmas) {
      context.advance('ACTIVE', { progress_sigmas: progressSigmas })
    }
    const isTurned = directionOf(live) * row[at.signedLots60s]! > 0
    if (live.state !== 'COMPLETING' && (isTurned || isHalfWay(live, last))) {
      context.advance('COMPLETING', {
        progress_sigmas: progressSigmas,
        one_sidedness_60s: row[at.signedLots60s]! / Math.max(1, row[at.volumeLots60s]!),
      })
    }
  }
}
