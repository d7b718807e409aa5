/**
 * Which trades of one symbol were seen lately, by the venue's trade id: the live feed's memory against the trades that a
 * venue repeats after every subscription. Bounded: a ring of ids and the set of what is in it. One thread.
 */

import { RecentKeys } from '../recent-keys.ts'

/**
 * How many trades of a symbol are remembered. What a venue repeats are the newest 30 or so at the time of subscribing; all
 * of them that this feed has seen before are among its own newest 30, so the window is more than thirty times what is needed.
 */
export const tidWindowSize = 1_024

export class TidWindow extends RecentKeys<number> {
  constructor(size: number = tidWindowSize) {
    super(size)
  }
}
