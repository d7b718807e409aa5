/**
 * The closed list of ways in which a row of a recording, or a message of the live feed, can be unusable. A malformed row is
 * counted by its kind and skipped; nothing of it reaches the run. Any thread; a {@link MalformedCounts} belongs to one.
 */

/** What each kind means; also the text of `--strict`'s error. `missing_…` includes null. */
export const malformedMeanings = {
  json: 'not one JSON object',
  too_long: 'longer than 64 KiB',
  missing_ts: 'has no time',
  bad_ts:
    'the time is not in integer Unix milliseconds of 13 digits, or not within the 104 days after the epoch of the run',
  late: 'the time goes back',
  missing_px: 'has no px',
  bad_px: 'px is not a number above 0 and below 2^53 ticks',
  off_grid_px: 'px is not a multiple of the tick',
  missing_sz: 'has no sz',
  bad_sz: 'sz is not a number above 0 and below 2^53 lots',
  off_grid_sz: 'sz is not a multiple of the lot',
  missing_side: 'has no side',
  bad_side: 'side is neither "B" nor "A"',
  missing_funding: 'has no funding',
  bad_funding: 'funding is not a number in −1 … 1',
  missing_oi: 'has no open interest',
  bad_oi: 'the open interest is not a number of at least 0 and below 2^53 lots',
  missing_mark: 'has no mark price',
  bad_mark: 'the mark price is not a number of at least half a tick and below 2^53 ticks',
  missing_oracle: 'has no oracle price',
  bad_oracle: 'the oracle price is not a number of at least half a tick and below 2^53 ticks',
  missing_tid: 'has no tid',
  bad_tid: 'tid is not an integer below 2^53',
  binary: 'a binary message',
  bad_message: 'a message without the parts that its channel promises',
  unknown_channel: 'a message of a channel that nobody subscribed to',
  unknown_coin: 'a coin that nobody subscribed to',
} as const

export type MalformedKind = keyof typeof malformedMeanings

/** Counts by kind; kinds appear as they occur. */
export class MalformedCounts {
  readonly byKind = new Map<string, number>()

  add(kind: MalformedKind): void {
    this.byKind.set(kind, (this.byKind.get(kind) ?? 0) + 1)
  }

  /** `json 3, bad_px 1`, in order of first occurrence. */
  toString(): string {
    return [...this.byKind].map(([kind, count]) => `${kind} ${count}`).join(', ')
  }
}
