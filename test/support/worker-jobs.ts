/** Starts jobs of region-worker.mjs and waits for their results. */
import { Worker } from 'node:worker_threads'
import type { Region, RegionDescriptor } from '../../src/region/region.ts'

export interface JobSetup {
  readonly descriptor: RegionDescriptor
  readonly backend: 'native' | 'js'
  readonly job: string
  readonly seed: number
  readonly options: Readonly<Record<string, number>>
  readonly shared: Readonly<Record<string, SharedArrayBuffer>>
}

export type JobResult = Record<string, number> & { refusals: Record<string, number> }

/** Runs one job in a worker of its own; resolves when the worker has ended. */
export function runJob(setup: JobSetup, watchedBy?: Region): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./workers/region-worker.mjs', import.meta.url), { workerData: setup })
    watchedBy?.watchWorker(worker)
    let result: JobResult | null = null
    worker.once('message', (message: JobResult) => {
      result = message
    })
    worker.once('error', reject)
    worker.once('exit', (code) => (result === null ? reject(new Error(`worker ended with ${code}`)) : resolve(result)))
  })
}

/** Word 0 counts arrivals at the barrier, word 1 says that the writer is done. */
export function createGate(): SharedArrayBuffer {
  return new SharedArrayBuffer(8)
}
