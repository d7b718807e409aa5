/** When an event began and ended, how, and how far the price went. */
import type { PageChange, PageEvent } from '../page-data.ts'

export function beganMs(event: PageEvent): number {
  return event.changes[0]!.atMs
}

/** The change that ended it; null for one that was still live when the recording ended. */
export function endOf(event: PageEvent): PageChange | null {
  const newest = event.changes.at(-1)!
  return newest.state === 'COMPLETED' || newest.state === 'INVALIDATED' ? newest : null
}

export function endedMs(event: PageEvent, lastMs: number): number {
  return endOf(event)?.atMs ?? lastMs
}

/** Price at the end (or at its newest change) ÷ price at the trigger − 1, in percent. */
export function movePercent(event: PageEvent): number {
  return (event.changes.at(-1)!.lastTicks / event.referenceTicks - 1) * 100
}

/** Whether the price went where the event pointed, by its end or newest change; null: nowhere. */
export function wasInFavour(event: PageEvent): boolean | null {
  const ticks = event.changes.at(-1)!.lastTicks - event.referenceTicks
  return ticks === 0 ? null : ticks > 0 === (event.side === 'long')
}

/** completed, invalidated, expired, or live. */
export function endText(event: PageEvent): string {
  const end = endOf(event)
  if (end === null) return 'still live'
  if (end.cause === 'expiry') return 'expired'
  return end.state.toLowerCase()
}

/** ✓ completed (○ if the price had gone against it), ✕ invalidated, – expired, … still live. */
export function endMark(event: PageEvent): string {
  const end = endOf(event)
  if (end === null) return '…'
  if (end.cause === 'expiry') return '–'
  if (end.state !== 'COMPLETED') return '✕'
  return wasInFavour(event) === false ? '○' : '✓'
}
