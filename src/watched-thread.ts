/**
 * One free-running thread, from outside: starts its worker, and another when it has ended, by policy; knows whether it comes round. Held by
 * `flow-threads.ts`, on the run's thread.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { type ErrorCode, SignalboxError } from './base/errors.ts'
import type { FlowWorkerData, FlowWorkerReply } from './flow-worker.ts'
import { Silence } from './pipeline/silence.ts'

export interface WatchedThreadOptions {
  /** For people: which thread, and what it does. */
  readonly name: string
  readonly workerData: Omit<FlowWorkerData, 'port' | 'isSuccessor'>
  readonly isRestarted: boolean
  readonly hangMs: number
  readonly monotonicNs: () => number
  /** Its worker has started: by this it can be told when it has ended. */
  readonly onWorker: (worker: Worker) => void
  /** The worker of this thread id + 1 has ended: what it had open is free. */
  readonly onEnd: (ownerTag: number) => void
  readonly onReply: (reply: FlowWorkerReply) => void
  /** Something is wrong with it, or not any more. */
  readonly onAway: () => void
  /** Nobody will take its place. */
  readonly onGone: () => void
  readonly report: (line: string) => void
}

/** One that has not come round for so long is told of. */
const silenceMs = 1_000
/** One that has ended so often within the time is not started again: what ends it would end the next one. */
const endsMax = 3
const endsWithinNs = 60e9
/** For its end by itself. */
const endMs = 1_800
const nsPerMs = 1e6

export class WatchedThread {
  readonly name: string
  readonly #options: WatchedThreadOptions
  readonly #silence = new Silence()
  readonly #endsNs: number[] = []
  #worker: Worker | null = null
  #port: MessagePort | null = null
  #away: string | null = null
  /** Why it was terminated; null: it was not. */
  #terminated: string | null = null
  #isStopping = false
  /** `ending`: terminated, not yet confirmed; `ended`: perhaps to be followed; `gone`: nobody comes any more. */
  #state: 'new' | 'starting' | 'running' | 'ending' | 'ended' | 'gone' = 'new'

  constructor(options: WatchedThreadOptions) {
    this.#options = options
    this.name = options.name
  }

  get isRunning(): boolean {
    return this.#state === 'running'
  }

  /** Why entries should halt; null: nothing is wrong with it. */
  get away(): string | null {
    return this.#away
  }

  /** @throws {SignalboxError} what keeps it from starting. */
  async start(isSuccessor = false): Promise<void> {
    const { workerData, onWorker, onEnd, onReply, report } = this.#options
    const { port1, port2 } = new MessageChannel()
    const data: FlowWorkerData = { ...workerData, isSuccessor, port: port2 }
    const worker = new Worker(new URL('./flow-worker.js', import.meta.url), {
      workerData: data,
      transferList: [port2],
    })
    this.#worker = worker
    this.#port = port1
    this.#state = 'starting'
    const ownerTag = worker.threadId + 1
    onWorker(worker)
    worker.on('error', (thrown) => report(`${this.name} died: ${thrown.message}`))
    await new Promise<void>((resolve, reject) => {
      const take = (reply: FlowWorkerReply): void => {
        if (reply.kind === 'ready') resolve()
        else if (reply.kind === 'failed' && this.#state === 'starting') reject(failureOf(reply))
        else onReply(reply)
      }
      port1.on('message', take)
      worker.once('exit', (code) => {
        onEnd(ownerTag)
        // Why it ended may come behind its end: they are two ways to the event loop.
        for (let got = receiveMessageOnPort(port1); got !== undefined; got = receiveMessageOnPort(port1)) {
          take(got.message as FlowWorkerReply)
        }
        reject(new SignalboxError('ERR_IO', `${this.name} ended while it started (code ${code})`))
        this.#ended(code)
      })
    })
    // From now on the event loop stays alive by what the run waits for, not by its threads.
    worker.unref()
    port1.unref()
    this.#state = 'running'
  }

  /** Looks whether it has come round lately. @param beats - Of its board. */
  look(beats: number): void {
    if (this.#state !== 'running') return
    const { hangMs, monotonicNs } = this.#options
    const silentMs = this.#silence.look(beats, monotonicNs()) / nsPerMs
    if (silentMs >= hangMs) this.#terminate(`has not come round for ${(hangMs / 1_000).toFixed(1)} s`)
    else if (silentMs >= silenceMs) this.#tell(`${this.name} has not come round for 1 s`)
    else if (silentMs === 0) this.#tell(null)
  }

  /** What it has said beside the channels and the event loop has not brought yet. */
  readPort(): void {
    if (this.#port === null) return
    for (;;) {
      const got = receiveMessageOnPort(this.#port)
      if (got === undefined) return
      this.#options.onReply(got.message as FlowWorkerReply)
    }
  }

  /** The run is about to stop: an end is no surprise any more. */
  expectEnd(): void {
    this.#isStopping = true
  }

  /** It has not drained: nobody waits for it. */
  abandon(): void {
    if (this.#state !== 'running') return
    this.#options.report(`${this.name} has not drained: what was on its way there is lost`)
    this.#state = 'gone'
    void this.#worker!.terminate()
  }

  /** It ends by itself when its channels are closed; if it hangs, it must not keep the process, nor a core of one that goes on. */
  close(): void {
    this.#isStopping = true
    this.#port?.close()
    this.#worker?.unref()
    const worker = this.#worker
    setTimeout(() => void worker?.terminate(), endMs).unref()
  }

  #ended(code: number): void {
    const wasRunning = this.#state === 'running' || this.#state === 'ending'
    this.#state = wasRunning ? 'ended' : 'gone'
    if (!wasRunning || this.#isStopping) return
    const { isRestarted, report } = this.#options
    const what = this.#terminated ?? `${this.name} ended by itself (code ${code})`
    this.#terminated = null
    this.#tell(what)
    if (!isRestarted) {
      this.#giveUp()
    } else if (this.#endsTooOften()) {
      report(`${this.name} has ended ${endsMax} times within a minute: no new one takes its place`)
      this.#giveUp()
    } else {
      report(`${what}: a new one takes its place, and its stages begin anew`)
      this.start(true).then(
        () => this.#tell(null),
        (thrown: Error) => {
          report(`no new thread could be started: ${thrown.message}`)
          this.#giveUp()
        },
      )
    }
  }

  #endsTooOften(): boolean {
    const nowNs = this.#options.monotonicNs()
    this.#endsNs.push(nowNs)
    while (this.#endsNs[0]! < nowNs - endsWithinNs) this.#endsNs.shift()
    return this.#endsNs.length >= endsMax
  }

  #giveUp(): void {
    this.#state = 'gone'
    this.#options.onGone()
  }

  #terminate(why: string): void {
    this.#state = 'ending'
    this.#terminated = `${this.name} ${why} and was terminated`
    void this.#worker!.terminate()
  }

  #tell(away: string | null): void {
    if (this.#away === away) return
    this.#away = away
    this.#options.onAway()
  }
}

export function failureOf({ code, message, field }: Extract<FlowWorkerReply, { kind: 'failed' }>): SignalboxError {
  return new SignalboxError(code as ErrorCode, message, field === undefined ? {} : { field })
}
