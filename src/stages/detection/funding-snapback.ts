/**
 * Detects funding snapbacks: funding was driven to an extreme, so one side is crowded and pays for it; then funding turns back and
 * the price leaves its extreme. The trade is against the crowd: shorts pay (funding far below neutral) → long, and the reverse.
 *
 * What can be known. Funding, premium and open interest come about once a minute; price and flow with every trade. So the extreme
 * and its turning are read from contexts, and the price must confirm. On Hyperliquid the funding shown is the hour's average so far,
 * and in the hour's first minutes a single sample can throw it far out; an extreme counts only after it has held for `holdS`.
 *
 * Units. The *excess* is funding − `fundingNeutral` (the interest part that a balanced market pays), a fraction an hour. σ is the
 * symbol's long-run volatility of one minute (`volatility60sLong`), frozen at
 * the trigger and never below `sigmaMin`.
 *
 * | state | when |
 * |---|---|
 * | (watching) | funding's z-score over a day ≥ `zScore` and its excess ≥ `excessMin`, both of one sign: an extreme; its peak is followed, for `watchS` at most and until the excess has retraced `completingRatio` of it |
 * | TRIGGERED | the excess has retraced `turnRatio` of its peak, and the price is `turnSigmas` σ off the 5-minute low (long) or high (short) |
 * | ACTIVE | the price went `continueSigmas` σ in the event's favour |
 * | COMPLETING | the excess has retraced `completingRatio` of its peak |
 * | COMPLETED | target reached, or the excess has retraced `completedRatio`, or `completeS` passed |
 * | INVALIDATED | stop reached, or the excess went beyond its peak again: the crowd was not done |
 *
 * Re-arming: one extreme is one event. Another needs funding to have come back inside `rearmRatio` × `zScore` or half of `excessMin`,
 * or to have changed sides, and `coolDownS` since the event's end.
 *
 * Priority: 0.4 + 0.3 × exceedance of the peak's z-score + 0.2 × exceedance of the peak's excess + 0.1 when the premium has turned
 * too (it is less extreme than it was at the peak): 0.4 is a bare trigger, 0.65 twice the thresholds without the premium.
 */
import { hotFieldIndex as at, type HotRow } from '../../domain/hot-state.ts'
import type { Instrument } from '../../domain/instrument.ts'
import { nsPerSecond } from '../../domain/units.ts'
import type { Detector, DetectorContext, DetectorWatch, LiveEvent } from './detector.ts'
import { type OptionTable, type OptionValues, resolveOptions } from './detector-options.ts'
import { endsByPlan, progressSigmasOf } from './event-plan.ts'
import { exceedance } from './exceedance.ts'
import { ticksBeyond } from './ticks-beyond.ts'

export const snapbackOptions = {
  sigmaMin: { default: 0.0001, min: 1e-6, max: 1, unit: 'fraction', about: 'σ counts as at least this' },
  zScore: { default: 2.5, min: 0.5, max: 100, unit: 'standard deviations', about: 'least |z| of funding over a day' },
  fundingNeutral: {
    default: 1.25e-5,
    min: -0.01,
    max: 0.01,
    unit: 'fraction an hour',
    about: 'what a balanced market pays',
  },
  excessMin: { default: 1e-5, min: 0, max: 0.01, unit: 'fraction an hour', about: 'least |funding − neutral|' },
  holdS: { default: 60, min: 0, max: 86400, unit: 's', about: 'how long an extreme must have held' },
  watchS: { default: 1800, min: 1, max: 86400, unit: 's', about: 'how long after its peak an extreme may still turn' },
  turnRatio: { default: 0.25, min: 0, max: 1, unit: '× peak excess', about: 'retraced excess that triggers' },
  turnSigmas: { default: 1.5, min: 0, max: 50, unit: 'σ of 60 s', about: 'price off its 5-minute extreme' },
  continueSigmas: { default: 1.5, min: 0, max: 50, unit: 'σ of 60 s', about: 'further move that makes it ACTIVE' },
  completingRatio: { default: 0.7, min: 0, max: 1, unit: '× peak excess', about: 'retraced excess: COMPLETING' },
  completedRatio: { default: 0.9, min: 0, max: 2, unit: '× peak excess', about: 'retraced excess: COMPLETED' },
  completeS: { default: 1140, min: 1, max: 86400, unit: 's', about: 'after the trigger: COMPLETED' },
  lifeS: { default: 1200, min: 1, max: 86400, unit: 's', about: 'after the trigger: expired' },
  targetSigmas: { default: 6, min: 0.1, max: 100, unit: 'σ of 60 s', about: 'target beyond the trigger price' },
  stopSigmas: { default: 4, min: 0.1, max: 100, unit: 'σ of 60 s', about: 'stop behind the trigger price' },
  winRate: { default: 0.3, min: 0, max: 1, unit: 'probability', about: 'prior that the target comes before the stop' },
  rearmRatio: { default: 0.5, min: 0, max: 1, unit: '× zScore', about: '|z| inside which it is armed again' },
  coolDownS: { default: 600, min: 0, max: 86400, unit: 's', about: 'between one event and the next' },
  capitalRequiredMinor: {
    default: 0,
    min: 0,
    max: 9e15,
    unit: 'minor units',
    about: 'least capital worth acting with',
  },
} as const satisfies OptionTable

type SnapbackOptions = OptionValues<typeof snapbackOptions>

/** @throws {SignalboxError} `ERR_INPUT` for an unknown option or a value outside its range. */
export function fundingSnapback(given: Partial<SnapbackOptions> = {}): Detector {
  const options = resolveOptions('detectors.snapback', snapbackOptions, given)
  return {
    eventType: 'FUNDING_SNAPBACK',
    kind: 'snapback',
    watch: (_instrument: Instrument) => new SnapbackWatch(options),
  }
}

class SnapbackWatch implements DetectorWatch {
  readonly #options: SnapbackOptions
  /** +1: longs are crowded, −1: shorts, 0: no extreme is being watched. */
  #crowd = 0
  /** The crowd of the extreme that already had its event, until funding has come back. */
  #spentCrowd = 0
  #extremeSinceNs = 0
  #peakAtNs = 0
  #peakExcess = 0
  #peakZ = 0
  #peakPremium = Number.NaN
  #sigma = 0

  constructor(options: SnapbackOptions) {
    this.#options = options
  }

  step(row: HotRow, context: DetectorContext): void {
    const live = context.live
    if (live !== null) {
      this.#follow(row, context, live)
      return
    }
    this.#watchFunding(row, context.nowNs)
    if (this.#crowd !== 0) this.#seek(row, context)
  }

  /** Notices an extreme, follows its peak, forgets it when it is over. */
  #watchFunding(row: HotRow, nowNs: number): void {
    const options = this.#options
    const z = row[at.fundingZ]!
    const excess = row[at.fundingRate]! - options.fundingNeutral
    if (this.#spentCrowd !== 0) {
      const isBack =
        Math.abs(z) < options.rearmRatio * options.zScore || this.#spentCrowd * excess < 0.5 * options.excessMin
      if (isBack) this.#spentCrowd = 0
    }
    const crowd = Math.sign(excess)
    const isExtreme = crowd * z >= options.zScore && crowd * excess >= options.excessMin
    if (isExtreme && crowd !== this.#crowd && crowd !== this.#spentCrowd) {
      this.#crowd = crowd
      this.#extremeSinceNs = nowNs
      this.#peakExcess = 0
      this.#peakZ = 0
    }
    if (this.#crowd === 0) return
    if (this.#crowd * excess > this.#peakExcess) {
      this.#peakExcess = this.#crowd * excess
      this.#peakAtNs = nowNs
      this.#peakPremium = row[at.premium]!
    }
    if (this.#crowd * z > this.#peakZ) this.#peakZ = this.#crowd * z
    const endedBeforeItCounted = !isExtreme && nowNs - this.#extremeSinceNs < options.holdS * nsPerSecond
    const isStale = nowNs - this.#peakAtNs > options.watchS * nsPerSecond
    const isMissed = this.#retraced(row) >= options.completingRatio
    if (endedBeforeItCounted || isStale || isMissed) this.#crowd = 0
  }

  #seek(row: HotRow, context: DetectorContext): void {
    const options = this.#options
    const crowd = this.#crowd
    if (context.nowNs - this.#extremeSinceNs < options.holdS * nsPerSecond) return
    if (context.nowNs < context.lastEndedAtNs + options.coolDownS * nsPerSecond) return
    const retraced = this.#retraced(row)
    if (!(retraced >= options.turnRatio)) return
    const last = row[at.lastTicks]!
    const sigma = Math.max(row[at.volatility60sLong]!, options.sigmaMin)
    const turnSigmas = (crowd > 0 ? row[at.high5m]! - last : last - row[at.low5m]!) / (last * sigma)
    if (!(turnSigmas >= options.turnSigmas)) return
    const direction = -crowd
    const premium = row[at.premium]!
    const premiumTurn = crowd * (this.#peakPremium - premium)
    const fired = context.fire({
      side: direction > 0 ? 'long' : 'short',
      priorityScore:
        0.4 +
        0.3 * exceedance(this.#peakZ, options.zScore) +
        0.2 * exceedance(this.#peakExcess, options.excessMin) +
        (premiumTurn > 0 ? 0.1 : 0),
      targetTicks: ticksBeyond(last, direction, sigma * options.targetSigmas),
      stopTicks: ticksBeyond(last, -direction, sigma * options.stopSigmas),
      winRate: options.winRate,
      lifeNs: Math.round(options.lifeS * nsPerSecond),
      capitalRequiredMinor: Math.round(options.capitalRequiredMinor),
      evidence: {
        peak_z: crowd * this.#peakZ,
        peak_funding: options.fundingNeutral + crowd * this.#peakExcess,
        funding: row[at.fundingRate]!,
        retraced,
        turn_sigmas: turnSigmas,
        sigma_bp: sigma * 10_000,
        ...(Number.isNaN(premiumTurn) ? {} : { premium_turn_bp: premiumTurn * 10_000 }),
      },
    })
    if (!fired) return
    this.#sigma = sigma
    this.#spentCrowd = crowd
    this.#crowd = 0
  }

  #follow(row: HotRow, context: DetectorContext, live: LiveEvent): void {
    const options = this.#options
    const last = row[at.lastTicks]!
    const retraced = this.#retraced(row)
    const progressSigmas = progressSigmasOf(live, last, this.#sigma)
    if (endsByPlan(context, live, last, progressSigmas, options.completeS)) return
    const evidence = { progress_sigmas: progressSigmas, retraced }
    if (retraced < 0) {
      context.advance('INVALIDATED', evidence)
      return
    }
    if (retraced >= options.completedRatio) {
      context.advance('COMPLETED', evidence)
      return
    }
    if (live.state === 'TRIGGERED' && progressSigmas >= options.continueSigmas) context.advance('ACTIVE', evidence)
    if (live.state !== 'COMPLETING' && retraced >= options.completingRatio) context.advance('COMPLETING', evidence)
  }

  /** How much of the peak's excess is gone: 0 none, 1 all of it, negative when there is more. */
  #retraced(row: HotRow): number {
    const crowd = this.#crowd !== 0 ? this.#crowd : this.#spentCrowd
    return 1 - (crowd * (row[at.fundingRate]! - this.#options.fundingNeutral)) / this.#peakExcess
  }
}
