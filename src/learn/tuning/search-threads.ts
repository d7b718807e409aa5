/**
 * The weight search on several threads. Each takes chunks of arbitrations from a shared counter; sums are of whole units and exact
 * (`pnl-units.ts`), so that the result is the same, to the last bit, for any number of threads and any order in which they come. Small sets are
 * searched on the caller's thread, which takes less time than to start another one.
 */
import { availableParallelism } from 'node:os'
import { setImmediate as breath } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { messageOf, SignalboxError } from '../../base/errors.ts'
import type { ArbitrationSet, SearchColumns } from './arbitration-set.ts'
import { type PnlPart, pnlPartsOf, totalOf } from './pnl-units.ts'
import { totalOfAll } from './rescoring.ts'
import { costOf, LevelShare, type SearchLevel, searchLevelsOf } from './search-levels.ts'
import type { SearchWorkerData, SearchWorkerNote } from './search-worker.ts'
import { sharedFloats, sharedIntegers } from './shared-columns.ts'
import type { WholeWeights } from './weight-lattice.ts'
import { bestOf, type SearchSpace, type WeightSearch } from './weight-search.ts'

export interface SearchOptions {
  /** 1 … 64. Default: as many as there are cores. */
  readonly threads?: number
  /** Told after each chunk and each level, on the caller's thread. What it throws ends the search. */
  readonly progress?: (progress: SearchProgress) => void
  /** Gives the search up. */
  readonly signal?: AbortSignal
}

export interface SearchProgress {
  /** Of the work, 0 … 1; never falls. */
  readonly fraction: number
  /** Of the finest lattice that is done; null: none is yet. */
  readonly best: WeightSearch | null
}

const threadsMax = 64
/** Rows of all arbitrations that are decided in about 50 ms, which is what threads take to start. */
const inlineRowsMax = 2 ** 20

/**
 * Searches from coarse to fine; the result is the best point of the last lattice, as {@link searchWeights} has it.
 *
 * @param current - In percents, as they are: not rounded to whole ones.
 * @returns Null: the signal came first.
 * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for `threads`; `ERR_IO` when a thread died.
 */
export async function searchInThreads(
  set: ArbitrationSet,
  space: SearchSpace,
  current: WholeWeights,
  { threads = Math.min(availableParallelism(), threadsMax), progress, signal }: SearchOptions = {},
): Promise<WeightSearch | null> {
  if (!Number.isInteger(threads) || threads < 1 || threads > threadsMax) {
    throw new SignalboxError('ERR_INVALID_ARGUMENT', `threads: an integer in 1 … ${threadsMax}, not ${threads}`, {
      field: 'threads',
      value: threads,
    })
  }
  if (signal?.aborted === true) return null
  const levels = searchLevelsOf(space)
  const parts = pnlPartsOf(set)
  const currentTotalPnl = totalOfAll(set, parts, current)
  const watch = new SearchWatch(levels, set.count, progress, (level, sums) => {
    const { lattice } = levels[level]!
    const totals = Float64Array.from({ length: lattice.size }, (_, point) =>
      totalOf(
        parts,
        sums.map((each) => each[point]!),
      ),
    )
    return { ...bestOf(lattice, totals, current), currentTotalPnl }
  })
  const rows = levels.reduce((sum, level) => sum + costOf(level), 0)
  const isDone =
    threads === 1 || set.count * rows <= inlineRowsMax
      ? await searchHere(set, parts, levels, watch, signal)
      : await searchThere(set, parts, space, threads, watch, signal)
  return isDone ? watch.best : null
}

/** Puts shares together and tells how far it is. */
class SearchWatch {
  readonly #levels: readonly SearchLevel[]
  readonly #progress: SearchOptions['progress']
  readonly #searched: (level: number, sums: readonly Float64Array[]) => WeightSearch
  readonly #work: number
  readonly #shares: { count: number; sums: readonly Float64Array[] }[] = []
  #workDone = 0
  best: WeightSearch | null = null

  constructor(
    levels: readonly SearchLevel[],
    arbitrations: number,
    progress: SearchOptions['progress'],
    searched: (level: number, sums: readonly Float64Array[]) => WeightSearch,
  ) {
    this.#levels = levels
    this.#progress = progress
    this.#searched = searched
    this.#work = levels.reduce((sum, level) => sum + costOf(level) * arbitrations, 0)
  }

  chunk(level: number, arbitrations: number): void {
    this.#workDone += costOf(this.#levels[level]!) * arbitrations
    this.#tell()
  }

  /** @param of - So many shares are the level. */
  share(level: number, sums: readonly Float64Array[], of: number): void {
    const before = this.#shares[level]
    if (before !== undefined) {
      for (const [part, each] of sums.entries()) {
        const all = before.sums[part]!
        for (let point = 0; point < all.length; point += 1) all[point] = all[point]! + each[point]!
      }
    }
    const share = { count: (before?.count ?? 0) + 1, sums: before?.sums ?? sums }
    this.#shares[level] = share
    if (share.count < of) return
    this.best = this.#searched(level, share.sums)
    this.#tell()
  }

  #tell(): void {
    this.#progress?.({ fraction: this.#work === 0 ? 1 : this.#workDone / this.#work, best: this.best })
  }
}

async function searchHere(
  set: SearchColumns,
  parts: readonly PnlPart[],
  levels: readonly SearchLevel[],
  watch: SearchWatch,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for (const [level, each] of levels.entries()) {
    const share = new LevelShare(set, parts, each)
    for (let index = 0; ; index += 1) {
      const arbitrations = share.add(index)
      if (arbitrations === 0) break
      watch.chunk(level, arbitrations)
      // A signal is only heard between two turns of the event loop.
      await breath()
      if (signal?.aborted === true) return false
    }
    watch.share(level, share.sums(), 1)
  }
  return true
}

async function searchThere(
  set: SearchColumns,
  parts: readonly PnlPart[],
  space: SearchSpace,
  threads: number,
  watch: SearchWatch,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const nextChunk = sharedIntegers(searchLevelsOf(space).length)
  const workerData: SearchWorkerData = { set: sharedColumnsOf(set), parts, space, nextChunk }
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL('./search-worker.js', import.meta.url), { workerData }),
  )
  let onAbort = (): void => undefined
  try {
    return await new Promise<boolean>((resolve, reject) => {
      let ended = 0
      onAbort = () => resolve(false)
      signal?.addEventListener('abort', onAbort)
      for (const worker of workers) {
        let sharesLeft = nextChunk.length
        worker.on('message', (note: SearchWorkerNote) => {
          try {
            if (note.kind === 'chunk') {
              watch.chunk(note.level, note.arbitrations)
              return
            }
            sharesLeft -= 1
            watch.share(note.level, note.sums, threads)
          } catch (thrown) {
            reject(thrown)
          }
        })
        worker.on('error', (thrown) => reject(deathOf(messageOf(thrown))))
        worker.on('exit', (code) => {
          ended += 1
          if (sharesLeft > 0) reject(deathOf(`it ended by itself (code ${code})`))
          else if (ended === threads) resolve(true)
        })
      }
    })
  } finally {
    signal?.removeEventListener('abort', onAbort)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

function deathOf(reason: string): SignalboxError {
  return new SignalboxError('ERR_IO', `a thread of the weight search died: ${reason}`)
}

/** Only what the threads read, where they can read it: what lies in shared memory already is not copied. */
function sharedColumnsOf({ count, first, raw, ageBonus }: SearchColumns): SearchColumns {
  const [priority, freshness, regime, expected] = raw
  return {
    count,
    first: isShared(first) ? first : copyOf(sharedIntegers(first.length), first),
    raw: [floatsOf(priority), floatsOf(freshness), floatsOf(regime), floatsOf(expected)],
    ageBonus: floatsOf(ageBonus),
  }
}

function floatsOf(column: Float64Array): Float64Array {
  return isShared(column) ? column : copyOf(sharedFloats(column.length), column)
}

function copyOf<Column extends Int32Array | Float64Array>(to: Column, from: Column): Column {
  to.set(from)
  return to
}

function isShared({ buffer }: Int32Array | Float64Array): boolean {
  return buffer instanceof SharedArrayBuffer
}
