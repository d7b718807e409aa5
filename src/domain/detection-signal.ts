/** What detection says to the registry: found, moved on, or broken. Plain values, so that they cross threads by codec. */
import type { SignalboxError } from '../base/errors.ts'
import type { LifecycleState, MarketEvent } from './event.ts'

/**
 * The numbers behind an event or a transition, by name; finite. Names are data: they are journalled as they are, in snake_case
 * like everything there, and carry their unit (`move_sigmas`, `origin_ticks`). What is not known is left out. At most 32, each name
 * at most 63 bytes of UTF-8: they cross threads.
 */
export type Evidence = Readonly<Record<string, number>>

export const evidenceCountMax = 32
export const evidenceNameBytesMax = 63

/** How many numbers it has. Allocates nothing. */
export function evidenceCountOf(evidence: Evidence): number {
  let count = 0
  for (const name in evidence) if (Object.hasOwn(evidence, name)) count += 1
  return count
}

/** Where an event can go; it begins as TRIGGERED. */
export type NextState = Exclude<LifecycleState, 'TRIGGERED'>

/** A new event, TRIGGERED; the registry stage adds the components that the policy decides. */
export interface DetectedSignal extends Omit<MarketEvent, 'regimeAlignment' | 'expectedValue'> {
  readonly kind: 'detected'
}

/** An event went on. Legal when it was said; the registry may have ended the event (expiry) before it arrives. */
export interface TransitionSignal {
  readonly kind: 'transition'
  readonly eventId: string
  readonly symbolIndex: number
  readonly to: NextState
  readonly atNs: number
  readonly evidence: Evidence
}

/** A watch threw and is stopped for good; the others go on. Its live event was invalidated by the signal before. */
export interface DetectorFailedSignal {
  readonly kind: 'failed'
  readonly detectorKind: string
  readonly symbol: string
  readonly symbolIndex: number
  readonly atNs: number
  readonly error: SignalboxError
}

export type DetectionSignal = DetectedSignal | TransitionSignal | DetectorFailedSignal
