/**
 * A journal on a thread of its own: what the hot thread sends is binary; text, files and waiting for the disk are over there. Held by
 * the run's thread.
 *
 * Bounded: a ring of frames. When three quarters of it wait, `wasFull` tells the run to admit no new entries; what is sent all the
 * same (lifecycles, trades, one more decision) finds room in the last quarter, and a ring that is really full makes the sender wait. No
 * frame is dropped in silence: when the ring is full *and* the disk refuses, waiting would stop the management of open positions, so the
 * sender is told `ERR_IO` instead. A replay (`onStopped: 'fail'`) knows no new entries to refuse: there the sender waits.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type ErrorCode, messageOf, SignalboxError } from '../base/errors.ts'
import { createFrameRing, FrameProducer } from '../channel/frame-ring.ts'
import type { JournalOptions } from '../journal/journal.ts'
import type { JournalPort } from '../journal/journal-frame.ts'
import type { RendererNames } from '../journal/renderer.ts'
import type { TrackingSetup } from '../stages/counterfactual/tracker.ts'
import { JournalStatus } from './journal-status.ts'
import { type JournalThreadAddress, JournalThreadPort, journalFailure } from './journal-thread-port.ts'
import { JournalThreadTracking } from './journal-thread-tracking.ts'
import type { JournalWorkerData, JournalWorkerNames, JournalWorkerNote, JournalWorkerReply } from './journal-worker.ts'
import type { JournalHealth, RunJournal } from './run-journal.ts'

export interface JournalThreadOptions extends JournalOptions {
  /** A refusing disk: `retry` (live: new entries halt meanwhile), or `fail` (a replay). */
  readonly onStopped: 'retry' | 'fail'
  /** The longest frame that will be sent, in doubles: the ring holds eight of them at least. Default 131,072: 5,000 candidates. */
  readonly frameMax?: number
  /** Takes a line about what opening mended. */
  readonly report: (line: string) => void
}

const frameMaxDefault = 2 ** 17
/** 8 MiB: a quarter of a million records. */
const trackingDoubles = 2 ** 20
/** 8 MiB, unless frames are very long. */
const ringDoublesMin = 2 ** 20
const fullShare = 0.75

const ok: JournalHealth = { status: 'ok' }
const full: JournalHealth = { status: 'full' }

export class JournalThread implements RunJournal {
  readonly folder: string
  readonly nextSequence: number
  readonly #worker: Worker
  readonly #status: JournalStatus
  readonly #ring: SharedArrayBuffer
  readonly #producer: FrameProducer
  readonly #exit: Promise<void>
  readonly #onStopped: JournalThreadOptions['onStopped']
  tracking: JournalThreadTracking | null = null
  #isConnected = false
  #isOver = false

  private constructor(
    folder: string,
    nextSequence: number,
    worker: Worker,
    status: JournalStatus,
    ring: SharedArrayBuffer,
    exit: Promise<void>,
    onStopped: JournalThreadOptions['onStopped'],
  ) {
    this.#onStopped = onStopped
    this.folder = folder
    this.nextSequence = nextSequence
    this.#worker = worker
    this.#status = status
    this.#ring = ring
    this.#producer = new FrameProducer(ring)
    this.#exit = exit
  }

  /**
   * Starts the thread and opens the folder there.
   *
   * @throws {SignalboxError} as `Journal.open`.
   */
  static async open(folder: string, options: JournalThreadOptions): Promise<JournalThread> {
    const { onStopped, frameMax = frameMaxDefault, report, ...journalOptions } = options
    const ring = createFrameRing(Math.max(ringDoublesMin, 2 ** Math.ceil(Math.log2(8 * frameMax))))
    const status = new JournalStatus()
    const workerData: JournalWorkerData = { folder, options: journalOptions, ring, status: status.memory, onStopped }
    const worker = new Worker(new URL('./journal-worker.js', import.meta.url), { workerData })
    const producer = new FrameProducer(ring)
    const exit = new Promise<void>((resolve) => {
      worker.once('exit', (code) => {
        // A thread that ended without a word (out of memory, terminated): its ring would fill, and nobody read it.
        if (status.state === 'running' || status.state === 'stopped') {
          status.set('failed', `${folder}: the journal's thread ended by itself (code ${code})`)
        }
        producer.close()
        resolve()
      })
    })
    // A thread that dies is noticed by its status and its ring; here it only must not end the process by itself.
    worker.on('error', (thrown) => status.set('failed', `${folder}: the journal's thread died: ${messageOf(thrown)}`))
    const [reply] = (await Promise.race([once(worker, 'message'), exit.then(() => [null])])) as [
      JournalWorkerReply | null,
    ]
    if (reply === null) throw new SignalboxError('ERR_IO', status.text)
    if (reply.kind === 'refused') {
      await exit
      const details = reply.field === undefined ? {} : { field: reply.field }
      throw new SignalboxError(reply.code as ErrorCode, reply.message, details)
    }
    for (const line of reply.repairs) report(line)
    worker.on('message', ({ line }: JournalWorkerNote) => report(line))
    return new JournalThread(folder, reply.nextSequence, worker, status, ring, exit, onStopped)
  }

  get wasFull(): boolean {
    return this.#producer.wasUsed > fullShare * this.#producer.size
  }

  get isBroken(): boolean {
    const { state } = this.#status
    return state === 'stopped' || state === 'failed'
  }

  connect(names: RendererNames, tracking: TrackingSetup | null = null): JournalPort {
    return new JournalThreadPort(this.connectAway(names, tracking))
  }

  connectAway(names: RendererNames, setup: TrackingSetup | null = null): JournalThreadAddress {
    const { timeline, ...rest } = names
    const tracking = setup === null ? null : { setup, ring: createFrameRing(trackingDoubles) }
    if (tracking !== null) {
      const address = { folder: this.folder, ring: tracking.ring, status: this.#status.memory }
      this.tracking = new JournalThreadTracking(address, this.#onStopped === 'fail')
    }
    this.#isConnected = true
    this.#worker.postMessage({ ...rest, epochMs: timeline.epochMs, tracking } satisfies JournalWorkerNames)
    return { folder: this.folder, ring: this.#ring, status: this.#status.memory }
  }

  settle(): JournalHealth {
    const { state } = this.#status
    if (state === 'stopped') return { status: 'stopped', errno: this.#status.text }
    if (state === 'failed') throw this.#failure()
    return this.wasFull ? full : ok
  }

  async close(): Promise<void> {
    if (this.#isOver) return
    await this.#end()
    if (this.#status.state !== 'closed') throw this.#failure()
  }

  async abandon(): Promise<void> {
    if (this.#isOver) return
    this.#status.abandon()
    await this.#end()
  }

  async #end(): Promise<void> {
    this.#isOver = true
    this.#producer.close()
    this.tracking?.close()
    // A thread that was never told what numbers mean waits for it still.
    if (!this.#isConnected) this.#worker.postMessage(null satisfies JournalWorkerNames)
    await this.#exit
  }

  #failure(): SignalboxError {
    return journalFailure(this.folder, this.#status)
  }
}
