/** A weight search on a thread of its own, so that who waits for it can be interrupted. */
import { Worker } from 'node:worker_threads'
import { SignalboxError } from '../../base/errors.ts'
import { searchInThreads } from '../../learn/tuning/search-threads.ts'
import type { Tuning } from '../../learn/tuning/tuning.ts'
import { latticesOf, type TuningRequest } from '../../learn/tuning/tuning-request.ts'
import type { WeightSearch } from '../../learn/tuning/weight-search.ts'
import { countText } from '../../summary.ts'
import { type Watch, watchWork } from '../watched.ts'
import type { TuningWork } from './tune-worker.ts'

/**
 * The search and its gates. Null: interrupted.
 *
 * @param threads - Those that search; the answer does not depend on it.
 */
export async function tuneWatched(watch: Watch, request: TuningRequest, threads: number): Promise<Tuning | null> {
  const found = await searchWith(watch, request, threads)
  if (found === null) return null
  const workerData: TuningWork = { request, found }
  const worker = new Worker(new URL('./tune-worker.js', import.meta.url), { workerData })
  try {
    return await watchWork(watch, answerFrom(worker), () => ({
      fraction: null,
      text: `the gates, over ${countText(request.set.count)} arbitrations`,
    }))
  } finally {
    await worker.terminate()
  }
}

/** Null: interrupted. */
async function searchWith(
  { bar, interrupt }: Watch,
  { set, search, current }: TuningRequest,
  threads: number,
): Promise<WeightSearch | null> {
  const points = countText(latticesOf(search).searched.size)
  try {
    return await searchInThreads(set, search, current, {
      threads,
      signal: interrupt.requested,
      progress: ({ fraction, best }) =>
        bar.show(() => ({
          fraction,
          text: `${points} combinations${best === null ? '' : `; best ${best.weights.join('/')}`}`,
        })),
    })
  } finally {
    bar.clear()
  }
}

function answerFrom(worker: Worker): Promise<Tuning> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new SignalboxError('ERR_INVARIANT', 'the thread of the weight search ended')))
  })
}
