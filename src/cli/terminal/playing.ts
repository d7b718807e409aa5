/** How far a run over recordings has come, as a progress bar says it. Pure. */
import { countText } from '../../summary.ts'

/** What a run knows of itself at one record. Times in Unix milliseconds. */
export interface Reached {
  readonly atUnixMs: number
  /** Where the part begins that is run over; what warms the state up lies before it. */
  readonly firstUnixMs: number
  /** `--to`; undefined: nobody knows when the recordings end. */
  readonly untilUnixMs: number | undefined
  /** The run is over a part of the recordings, or takes its time: what was read of the files says nothing of it. */
  readonly isByTime: boolean
  readonly isWarmingUp: boolean
  /** Of the files, 0 … 1. */
  readonly read: number
  readonly records: number
  /** Undefined: a run that decides nothing. */
  readonly decisions: number | undefined
}

export interface Playing {
  /** 0 … 1; null: nobody knows. */
  readonly fraction: number | null
  readonly text: string
}

/** By event time where that is what the run goes by, else by what was read: `18:42:10 of 19:00:00, 8,189 records, 12 decisions`. */
export function playingOf(reached: Reached): Playing {
  const { atUnixMs, firstUnixMs, untilUnixMs, isByTime, isWarmingUp, records, decisions } = reached
  const counts = [`${countText(records)} records`]
  if (decisions !== undefined) counts.push(`${countText(decisions)} decision${decisions === 1 ? '' : 's'}`)
  if (!isByTime) return { fraction: reached.read, text: counts.join(', ') }
  const what = isWarmingUp ? ['warming up'] : counts
  return {
    fraction: untilUnixMs === undefined ? null : (atUnixMs - firstUnixMs) / (untilUnixMs - firstUnixMs),
    text: [clockText(atUnixMs, firstUnixMs, untilUnixMs), ...what].join(', '),
  }
}

/** With days where there is more than one. */
function clockText(atUnixMs: number, firstUnixMs: number, untilUnixMs: number | undefined): string {
  const iso = (unixMs: number): string => new Date(unixMs).toISOString()
  // What ends at midnight ends with the day.
  const lastUnixMs = Math.max(atUnixMs, untilUnixMs === undefined ? atUnixMs : untilUnixMs - 1)
  const isOneDay = iso(Math.min(atUnixMs, firstUnixMs)).slice(0, 10) === iso(lastUnixMs).slice(0, 10)
  const shown = (unixMs: number): string =>
    isOneDay ? iso(unixMs).slice(11, 19) : iso(unixMs).slice(0, 19).replace('T', ' ')
  return untilUnixMs === undefined ? `${shown(atUnixMs)} UTC` : `${shown(atUnixMs)} of ${shown(untilUnixMs)} UTC`
}
