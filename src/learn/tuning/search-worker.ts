/** A thread of the weight search: takes chunks until none is left, level by level. A worker's entry; started by `search-threads.ts` only. */
import { parentPort, workerData } from 'node:worker_threads'
import type { SearchColumns } from './arbitration-set.ts'
import type { PnlPart } from './pnl-units.ts'
import { LevelShare, searchLevelsOf } from './search-levels.ts'
import type { SearchSpace } from './weight-search.ts'

export interface SearchWorkerData {
  readonly set: SearchColumns
  readonly parts: readonly PnlPart[]
  readonly space: SearchSpace
  /** By level: the next chunk that nobody has taken. Shared. */
  readonly nextChunk: Int32Array
}

/** A chunk was done; or nothing of the level is left, and this is the thread's share of its sums. */
export type SearchWorkerNote =
  | { readonly kind: 'chunk'; readonly level: number; readonly arbitrations: number }
  | { readonly kind: 'share'; readonly level: number; readonly sums: readonly Float64Array[] }

const { set, parts, space, nextChunk } = workerData as SearchWorkerData

for (const [level, each] of searchLevelsOf(space).entries()) {
  const share = new LevelShare(set, parts, each)
  for (;;) {
    const arbitrations = share.add(Atomics.add(nextChunk, level, 1))
    if (arbitrations === 0) break
    parentPort!.postMessage({ kind: 'chunk', level, arbitrations } satisfies SearchWorkerNote)
  }
  parentPort!.postMessage({ kind: 'share', level, sums: share.sums() } satisfies SearchWorkerNote)
}
