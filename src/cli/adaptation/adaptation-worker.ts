/** The thread of one look of adaptation: looks, says what it did, ends. A worker's entry; started by `scheduled-adaptation.ts` only. */
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import { type AdaptationRules, adaptFolder } from './adaptation.ts'

export interface AdaptationWork extends AdaptationRules {
  readonly folder: string
}

const { folder, ...rules } = workerData as AdaptationWork

try {
  const line = adaptFolder(folder, rules, Number(systemClock.wallNs() / 1_000_000n))
  if (line !== null) parentPort!.postMessage(line)
} catch (thrown) {
  parentPort!.postMessage(`adaptation: ${messageOf(thrown)}`)
}
