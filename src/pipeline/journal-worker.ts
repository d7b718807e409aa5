/**
 * The journal's thread: opens the folder, says so, is told what numbers mean, then takes frames from the ring until it is closed,
 * renders them and writes. A worker's entry; started by `journal-thread.ts` only.
 *
 * What is rendered is flushed when the ring is empty, and after a bounded amount: so little waits in this thread's memory that its
 * appenders always have room. While the disk refuses nothing is taken from the ring: it fills, and the run halts new entries.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf, SignalboxError } from '../base/errors.ts'
import { FrameConsumer } from '../channel/frame-ring.ts'
import { Timeline } from '../domain/units.ts'
import { Journal, type JournalOptions } from '../journal/journal.ts'
import type { RendererNames } from '../journal/renderer.ts'
import type { TrackingSetup } from '../stages/counterfactual/tracker.ts'
import { JournalDesk } from './journal-desk.ts'
import { JournalStatus } from './journal-status.ts'
import { TrackingStream } from './tracking-stream.ts'

/** What the worker is started with. */
export interface JournalWorkerData {
  readonly folder: string
  readonly options: JournalOptions
  readonly ring: SharedArrayBuffer
  readonly status: SharedArrayBuffer
  /** A refusing disk: try again until it takes the lines, or give up at once. */
  readonly onStopped: 'retry' | 'fail'
}

/** What it says first. */
export type JournalWorkerReply =
  | { readonly kind: 'ready'; readonly nextSequence: number; readonly repairs: readonly string[] }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly field: string | undefined }

/** What it says later: a line about what it mended. */
export interface JournalWorkerNote {
  readonly line: string
}

/** What it is told then; null: there will be no run. */
export type JournalWorkerNames =
  | (Omit<RendererNames, 'timeline'> & {
      readonly epochMs: number
      readonly tracking: { readonly setup: TrackingSetup; readonly ring: SharedArrayBuffer } | null
    })
  | null

/** Doubles that are rendered between two flushes, and how long a refusing disk is left alone. */
const flushDoubles = 65_536
const retryMs = 50
/** The tracker's own stream rings no bell: it is looked at so often, and takes so many doubles between two looks at the journal's. */
const trackingTickMs = 20
const trackingDoubles = 65_536
/** Steps of a recovery between two looks at the streams. */
const recoverSteps = 16

const { folder, options, ring, status: statusMemory, onStopped } = workerData as JournalWorkerData
const port = parentPort!
const consumer = new FrameConsumer(ring)
const status = new JournalStatus(statusMemory)
let isRecoveryTold = false

function open(): Journal | null {
  try {
    const journal = Journal.open(folder, options)
    const { nextSequence } = journal
    port.postMessage({ kind: 'ready', nextSequence, repairs: repairsOf(journal) } satisfies JournalWorkerReply)
    return journal
  } catch (thrown) {
    const { code, field } = thrown instanceof SignalboxError ? thrown : { code: 'ERR_IO', field: undefined }
    port.postMessage({ kind: 'refused', code, message: messageOf(thrown), field } satisfies JournalWorkerReply)
    return null
  }
}

/** A line for each series whose torn end was mended. */
function repairsOf(journal: Journal): string[] {
  return journal.recovered.flatMap(({ files, cutBytes, newlineAdded }) => {
    const path = files.at(-1)?.path
    if (cutBytes > 0) return [`${path}: ${cutBytes} bytes of a torn last line were cut off`]
    return newlineAdded ? [`${path}: the last line lacked its newline, which was added`] : []
  })
}

function run(journal: Journal, desk: JournalDesk, tracking: TrackingStream | null): void {
  const waitMs = tracking === null ? Number.POSITIVE_INFINITY : trackingTickMs
  let isBusy = false
  // Not at its end while something may come, or is there.
  while (consumer.wait(isBusy ? 0 : waitMs)) {
    let taken = 0
    for (
      let frame = consumer.tryReceive();
      frame !== null;
      frame = taken < flushDoubles ? consumer.tryReceive() : null
    ) {
      desk.take(frame.kind, consumer.payload, frame.start, frame.length)
      taken += frame.length
    }
    consumer.release()
    isBusy = tracking?.take(trackingDoubles) === true || (taken === 0 && recoverSome(desk))
    flush(journal)
    if (status.isAbandoned) return
  }
  tracking?.takeRest()
  desk.finish()
}

/** Entries that are missing of a run before, while there is nothing else to do. @returns True: there may be more. */
function recoverSome(desk: JournalDesk): boolean {
  for (let step = 0; step < recoverSteps; step += 1) {
    if (desk.recover()) continue
    if (desk.recoveredEntries > 0 && !isRecoveryTold) {
      isRecoveryTold = true
      const line = `${folder}: ${desk.recoveredEntries} counterfactual entries of a run before, which did not end by itself, were written as unfinished`
      port.postMessage({ line } satisfies JournalWorkerNote)
    }
    return false
  }
  return true
}

function flush(journal: Journal): void {
  for (;;) {
    const flushed = journal.flush()
    if (flushed.status === 'ok') {
      if (status.state === 'stopped') status.set('running')
      return
    }
    status.set('stopped', flushed.errno)
    if (onStopped === 'fail' || status.isAbandoned || consumer.wasClosed) return
    status.waitForAbandon(retryMs)
  }
}

const journal = open()
if (journal !== null) {
  port.once('message', (names: JournalWorkerNames) => {
    let stream: TrackingStream | null = null
    let desk: JournalDesk | null = null
    try {
      if (names !== null) {
        const { tracking, epochMs, ...rest } = names
        desk = new JournalDesk(journal, { ...rest, timeline: new Timeline(epochMs) }, tracking?.setup ?? null)
        stream = tracking === null ? null : new TrackingStream(tracking.ring, desk)
        run(journal, desk, stream)
      }
      if (names === null || status.isAbandoned) journal.abandon()
      else {
        journal.close()
        desk?.settled()
      }
      status.set('closed')
    } catch (thrown) {
      status.set('failed', messageOf(thrown))
      if (journal.state !== 'closed') journal.abandon()
    } finally {
      // Whoever waits for room must not wait for a thread that has gone.
      consumer.close()
      stream?.close()
      port.close()
    }
  })
}
