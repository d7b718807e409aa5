/** The thread of a weight search's gates: answers and ends. A worker's entry; started by `tuning-thread.ts` only. */
import { parentPort, workerData } from 'node:worker_threads'
import { answerOf, type TuningRequest } from '../../learn/tuning/tuning-request.ts'
import type { WeightSearch } from '../../learn/tuning/weight-search.ts'

/** What the thread is given. */
export interface TuningWork {
  readonly request: TuningRequest
  /** Of the search over all arbitrations. */
  readonly found: WeightSearch
}

const { request, found } = workerData as TuningWork
parentPort!.postMessage(answerOf(request, found))
