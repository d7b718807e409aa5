/** Work that takes its time, watched: a progress bar on standard error, and an interrupt ends it. One thread. */
import { setImmediate as breath } from 'node:timers/promises'
import { systemClock } from '../base/clock.ts'
import type { ReadProgress } from '../learn/entry-reader.ts'
import { countText } from '../summary.ts'
import type { Interrupt } from './interrupt.ts'
import type { Playing } from './terminal/playing.ts'
import type { ProgressBar } from './terminal/progress-bar.ts'

/** So many lines that are no entries are named, the others counted. */
const namedMax = 100
const lookEveryNs = 20_000_000
const showEveryMs = 100

/** What is watched, and how. */
export interface Watch {
  readonly bar: ProgressBar
  readonly interrupt: Interrupt
  /** Takes one line for a person. */
  readonly say: (line: string) => void
}

/**
 * A reading of counterfactuals in steps to its end. Null: interrupted.
 *
 * @param begin - Begins it; takes who is told of each line that is no entry.
 */
export async function watchReading<Result>(
  { bar, interrupt, say }: Watch,
  begin: (report: (line: string) => void) => Generator<ReadProgress, Result>,
): Promise<Result | null> {
  let named = 0
  const steps = begin((line) => {
    if (named === 0) bar.clear()
    if (named++ < namedMax) say(line)
  })
  let lookedNs = systemClock.monotonicNs()
  try {
    for (;;) {
      const { done, value } = steps.next()
      if (done === true) {
        if (named > namedMax) say(`and ${countText(named - namedMax)} more lines that are no entries`)
        return value
      }
      bar.show(() => ({
        fraction: value.bytesTotal === 0 ? null : value.bytes / value.bytesTotal,
        text: `${countText(value.entries)} entries`,
      }))
      // A signal is only heard between two turns of the event loop.
      if (systemClock.monotonicNs() - lookedNs < lookEveryNs) continue
      await breath()
      lookedNs = systemClock.monotonicNs()
      if (interrupt.isRequested) return null
    }
  } finally {
    steps.return(undefined as never)
    bar.clear()
  }
}

/** Something that another thread does, to its end. Null: interrupted; whoever began it ends it. */
export async function watchWork<Result>(
  { bar, interrupt }: Watch,
  work: Promise<Result>,
  playing: () => Playing,
): Promise<Result | null> {
  const timer = setInterval(() => bar.show(playing), showEveryMs)
  const interrupted = new Promise<null>((resolve) => {
    if (interrupt.isRequested) resolve(null)
    interrupt.requested.addEventListener('abort', () => resolve(null), { once: true })
  })
  try {
    return await Promise.race([work, interrupted])
  } finally {
    clearInterval(timer)
    bar.clear()
  }
}
