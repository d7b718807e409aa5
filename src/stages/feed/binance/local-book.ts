/**
 * One symbol's order book, kept from what Binance sends: depth updates that say what changed, best bids and offers, and at most now
 * and then a whole book. All three carry the number `u` of the last change that they contain, from one sequence, and that alone
 * says which of two is newer. One thread.
 *
 * How they combine (BOOK-1: the top is never older than the depth).
 *   - A depth update follows the one before if its `pu` is that one's `u` (or less: it says once more what is known). If it is
 *     more, something was lost: the book begins anew with this update (`book_gap`).
 *   - A best bid and offer newer than the book is written into it: what was better is gone, and this lies there now. An older one
 *     is not used (`stale_top`): the update behind it has said more.
 *   - An update older than the best bid and offer is applied, and then that is written into the book again.
 *   So the book's first level is the newest that anybody said. A book begun without a snapshot knows the levels that have changed
 *   since; its depth is told (as not NaN) once it knows {@link depthLevels} of that side, counts the best of those, and is exact
 *   after a snapshot, or once each of the best has changed.
 *   - A snapshot is asked for while updates arrive, so it is older than they: the last updates are kept until it comes, and those
 *     newer than it are applied to it again. A snapshot that they do not reach back to is not used (`stale_book`).
 *
 * A book's time is the newest of what it has been told, so that no record tells what was not known yet at its time.
 */
import { depthLevels } from '../../../domain/market.ts'
import type { LeftOutKind } from '../left-out.ts'
import { type BookFields, createBookFields } from '../row-fields.ts'
import { BookSide } from './book-side.ts'

/** Updates kept while no snapshot has come: about 3 s of those that come every 50 ms, and more than 6 s of the others. */
export const keptUpdatesMax = 64

/** Levels of one message: price in ticks, lots, price, lots, … */
export type LevelList = readonly number[]

export interface BookUpdate {
  readonly atMs: number
  /** `u` and `pu`: the last change contained, and the last one of the update before. */
  readonly updateId: number
  readonly previousId: number
  readonly bids: LevelList
  readonly asks: LevelList
}

export interface BookTop {
  readonly atMs: number
  readonly updateId: number
  /** NaN where the side is empty. */
  readonly bidTicks: number
  readonly bidLots: number
  readonly askTicks: number
  readonly askLots: number
}

export class LocalBook {
  /** What the book tells now; overwritten by every call. */
  readonly fields: BookFields = createBookFields()

  readonly #bids = new BookSide('bids')
  readonly #asks = new BookSide('asks')
  /** `u` of the last depth update or snapshot; NaN: the depth is not known. */
  #updateId = Number.NaN
  #top: BookTop | null = null
  #kept: BookUpdate[] = []
  #isWhole = false
  #atMs = Number.NEGATIVE_INFINITY

  /** The best bid is not below the best ask: what the venue said cannot be right. */
  get isCrossed(): boolean {
    return this.#bids.bestTicks >= this.#asks.bestTicks
  }

  /** Applies a depth update. Returns null, or why it is not like others: only after `book_gap` was it applied all the same. */
  update(update: BookUpdate): LeftOutKind | null {
    if (update.updateId <= this.#updateId) return 'stale_book'
    const isFirst = Number.isNaN(this.#updateId)
    // One that begins before the book's last change contains all that came after, too.
    const isGap = !isFirst && update.previousId > this.#updateId
    if (isFirst || isGap) this.#beginWith(update)
    this.#keep(update)
    this.#apply(update)
    this.#tell(update.atMs)
    return isGap ? 'book_gap' : null
  }

  /** Takes a best bid and offer. Returns null, or `stale_top`. */
  top(top: BookTop): LeftOutKind | null {
    if (top.updateId <= (this.#top?.updateId ?? Number.NEGATIVE_INFINITY) || top.updateId <= this.#updateId) {
      return 'stale_top'
    }
    this.#top = top
    this.#writeTop(top)
    this.#tell(top.atMs)
    return null
  }

  /** Takes a whole book as of `update.updateId`. Returns null, or `stale_book`. */
  snapshot(update: BookUpdate): LeftOutKind | null {
    const newer = this.#kept.filter((kept) => kept.updateId > update.updateId)
    const isReached = newer.length > 0 && newer[0]!.previousId <= update.updateId
    if (this.#updateId > update.updateId && !isReached) return 'stale_book'
    this.#bids.clear()
    this.#asks.clear()
    this.#isWhole = true
    this.#kept = []
    this.#apply(update)
    for (const kept of newer) this.#apply(kept)
    this.#tell(update.atMs)
    return null
  }

  /** Forgets everything: what was told cannot be right. */
  reset(): void {
    this.#bids.clear()
    this.#asks.clear()
    this.#updateId = Number.NaN
    this.#top = null
    this.#kept = []
    this.#isWhole = false
  }

  #beginWith(update: BookUpdate): void {
    this.#bids.clear()
    this.#asks.clear()
    this.#isWhole = false
    this.#kept = []
    // What changed since the best bid and offer is in the update, if that begins no later.
    if (this.#top !== null && this.#top.updateId >= update.previousId) this.#writeTop(this.#top)
  }

  #keep(update: BookUpdate): void {
    if (this.#isWhole) return
    if (this.#kept.length === keptUpdatesMax) this.#kept.shift()
    this.#kept.push(update)
  }

  #apply(update: BookUpdate): void {
    const { bids, asks } = update
    for (let index = 0; index < bids.length; index += 2) this.#bids.set(bids[index]!, bids[index + 1]!)
    for (let index = 0; index < asks.length; index += 2) this.#asks.set(asks[index]!, asks[index + 1]!)
    this.#updateId = update.updateId
    if (this.#top !== null && this.#top.updateId > update.updateId) this.#writeTop(this.#top)
  }

  #writeTop(top: BookTop): void {
    this.#bids.setBest(top.bidTicks, top.bidLots)
    this.#asks.setBest(top.askTicks, top.askLots)
  }

  #tell(atMs: number): void {
    const isDepthKnown = !Number.isNaN(this.#updateId)
    const { fields } = this
    this.#atMs = Math.max(this.#atMs, atMs)
    fields.atMs = this.#atMs
    fields.bidTicks = this.#bids.bestTicks
    fields.bidLots = this.#bids.bestLots
    fields.askTicks = this.#asks.bestTicks
    fields.askLots = this.#asks.bestLots
    fields.bidDepthLots = isDepthKnown ? this.#bids.depthLots(depthLevels) : Number.NaN
    fields.askDepthLots = isDepthKnown ? this.#asks.depthLots(depthLevels) : Number.NaN
  }
}
