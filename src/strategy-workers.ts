/**
 * The strategies that run in workers of their own, as the engine holds them: starts them, takes their claims to the order stage's thread, looks
 * after them, counts, and ends them. On the engine's thread.
 *
 * What one does harms only itself: a step that does not end is ended with its worker, one that throws is counted and given up after ten in a
 * row, a heap that overflows is its worker's, a claim of nonsense is dismissed. A flood fills its own lane: a batch takes at most what a lane
 * holds of each, in the order of sending. When a worker ends, what it had RESERVED is free (`Region.watchWorker`). This is isolation from
 * faults, not from malice: a strategy is code in this process, which can open files, allocate buffers without end or kill the process.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { inputError } from './base/errors.ts'
import { Broadcast } from './channel/broadcast.ts'
import { Channel } from './channel/channel.ts'
import type { Receiver } from './channel/receiver.ts'
import type { ClaimDismissal, StrategyClaim } from './domain/claim.ts'
import type { Instrument } from './domain/instrument.ts'
import type { PipelineMessage } from './domain/message.ts'
import type { ReserveRefusal } from './domain/reservation.ts'
import type { Region } from './region/region.ts'
import { type StrategyState, StrategyWatch } from './strategy-watch.ts'
import { type ClaimRecord, claimCodec } from './workers/claim-codec.ts'
import { createBoardMemory, StrategyBoard } from './workers/strategy-board.ts'
import {
  type PlacedStrategy,
  placedStrategies,
  requireModule,
  type StrategyWorkerSpec,
} from './workers/strategy-spec.ts'

export interface StrategyWorkersOptions {
  readonly specs: readonly StrategyWorkerSpec[]
  readonly region: Region
  readonly instruments: readonly Instrument[]
  readonly leaseNs: number
  readonly report: (line: string) => void
  /** How long loading may take all of them together, milliseconds. */
  readonly loadMs?: number
}

/** What became of one strategy and its claims. */
export interface StrategyFigures {
  readonly name: string
  /** `stopped`: it was ended, or gave up; `ended`: by itself; `done`: with the run. */
  readonly state: StrategyState
  /** Why it is stopped or ended; null else. */
  readonly why: string | null
  /** How often it read hot state, ledger and registry. */
  readonly turns: number
  /** How often it was asked, and how often it answered with a claim, with nonsense, or threw. */
  readonly asked: number
  readonly claims: number
  readonly invalid: number
  readonly threw: number
  /** Claims: granted and refused by the ledger; `unsent` ones were granted and given back, because its lane was full. */
  readonly granted: number
  readonly refused: Readonly<Record<ReserveRefusal, number>>
  readonly unsent: number
  /** Of the granted: dismissed by the order stage, by reason; ordered; of these, not filled, and trades that are closed. */
  readonly dismissed: Readonly<Partial<Record<ClaimDismissal, number>>>
  readonly submitted: number
  readonly unfilled: number
  readonly trades: number
  readonly pnlMinor: number
}

interface Results {
  readonly dismissed: Map<ClaimDismissal, number>
  submitted: number
  unfilled: number
  trades: number
  pnlMinor: number
  isNonsenseTold: boolean
}

/** Claims of one strategy that may wait; so many of each are taken at a time. */
const laneCapacity = 2
/** Claims that are taken at a time, of all. */
const batchMax = 64
const loadMsUsual = 60_000
const loadLookMs = 5
/** How long strategies have to end by themselves, and then to be ended. */
const endMs = 900
const terminateMs = 900

export class StrategyWorkers {
  readonly #options: StrategyWorkersOptions
  readonly #placed: readonly PlacedStrategy[]
  readonly #memory: SharedArrayBuffer
  readonly #board: StrategyBoard
  readonly #news = Broadcast.create()
  readonly #claims: Channel
  readonly #receiver: Receiver<ClaimRecord>
  readonly #batch: readonly ClaimRecord[]
  readonly #results: readonly Results[]
  #watches: readonly StrategyWatch[] = []
  readonly #indexOf = new Map<string, number>()
  #hasNews = false
  /** All have loaded, and their names are known. */
  #hasStarted = false

  /** @throws {SignalboxError} `ERR_INPUT`, `ERR_INVALID_ARGUMENT` for specs that are out of their ranges. */
  constructor(options: StrategyWorkersOptions) {
    const count = options.specs.length
    this.#options = options
    this.#placed = placedStrategies(options.specs)
    this.#memory = createBoardMemory(count)
    this.#board = new StrategyBoard(this.#memory, count)
    const channel = { name: 'claims', whenFull: 'refuse', capacity: laneCapacity, senders: count, spinUs: 0 } as const
    this.#claims = Channel.create(channel, claimCodec)
    this.#receiver = this.#claims.receiver(claimCodec)
    this.#batch = this.#receiver.batch(batchMax)
    this.#results = this.#placed.map(() => ({
      dismissed: new Map(),
      ...{ submitted: 0, unfilled: 0, trades: 0, pnlMinor: 0, isNonsenseTold: false },
    }))
  }

  /**
   * Starts the workers and waits until each has loaded its strategy.
   * @throws {SignalboxError} `ERR_INPUT` naming key and file of the first that cannot be loaded; then none is left running.
   */
  async start(): Promise<void> {
    for (const placed of this.#placed) requireModule(placed)
    const { region, instruments, leaseNs, report } = this.#options
    const share = {
      ...{ strategies: this.#placed.length, instruments, leaseNs, board: this.#memory },
      ...{ region: region.descriptor, backend: region.backend, claims: this.#claims.descriptor },
      news: this.#news.descriptor,
    }
    this.#watches = this.#placed.map((placed, index) => {
      const watch = new StrategyWatch(index, placed, share, this.#board, report)
      region.watchWorker(watch.worker)
      this.#claims.watchWorker(watch.worker)
      // Whoever waits for a slot that it held may have it now.
      void watch.exited.then(() => this.#news.announce())
      return watch
    })
    try {
      await this.#loaded()
      this.#hasStarted = true
    } catch (thrown) {
      await this.stop()
      throw thrown
    }
  }

  /** Takes claims that have been sent, as of `nowNs`: at most what a lane holds of each strategy. Never waits. */
  take(nowNs: number): StrategyClaim[] {
    if (!this.#hasStarted) return []
    const count = this.#receiver.receive(this.#batch)
    return this.#batch.slice(0, count).flatMap(({ strategy, token, handle, plan }) => {
      const watch = this.#watches[strategy]
      if (watch === undefined) return []
      // What one sent that was stopped since is not acted on: its slots are free when its end is confirmed.
      const participant = watch.state === 'running' ? this.#board.participant(strategy) : -1
      return [{ kind: 'claim', strategy: watch.name, participant, token, handle, plan, atNs: nowNs } as const]
    })
  }

  /** Hears what the stages say; {@link announce} tells the strategies. */
  hear(message: PipelineMessage): void {
    switch (message.kind) {
      case 'position': {
        const results = this.#resultsOf(message.position.grant.strategy)
        if (results !== undefined && message.to === 'submitted') results.submitted += 1
        break
      }
      case 'settled': {
        const results = this.#resultsOf(message.position.grant.strategy)
        if (results !== undefined && message.refusal !== null) results.unfilled += 1
        if (results !== undefined && message.outcome !== null) {
          results.trades += 1
          results.pnlMinor += message.outcome.pnlMinor
        }
        this.#hasNews = true
        break
      }
      case 'dismissed': {
        const { claim, reason, detail } = message
        const { dismissed } = this.#resultsOf(claim.strategy)!
        dismissed.set(reason, (dismissed.get(reason) ?? 0) + 1)
        if (reason === 'bad_plan') this.#tellNonsense(claim, detail)
        this.#hasNews = true
        break
      }
      case 'event':
      case 'reserved':
      case 'recovered':
        this.#hasNews = true
    }
  }

  /** Wakes the strategies, if something has happened since. */
  announce(): void {
    if (!this.#hasNews) return
    this.#hasNews = false
    this.#news.announce()
  }

  /** Tells them the time and looks after each: to be called some fifty times a second. @param isAdmitting - Claims are taken. */
  check(monotonicNs: number, nowNs: number, isAdmitting: boolean): void {
    this.#board.setNow(monotonicNs, nowNs, isAdmitting && this.#hasStarted)
    for (const watch of this.#watches) watch.look(monotonicNs)
  }

  /** Ends them all, within 2 s; what they had RESERVED is free then. Idempotent. */
  async stop(): Promise<void> {
    for (const watch of this.#watches) watch.release()
    this.#board.close()
    this.#news.announce()
    const exits = Promise.all(this.#watches.map(({ exited }) => exited))
    await within(exits, endMs)
    for (const { worker } of this.#watches) void worker.terminate()
    await within(exits, terminateMs)
    this.#claims.close()
  }

  /** {@link stop} without waiting, for a process that goes. */
  abandon(): void {
    for (const watch of this.#watches) watch.release()
    this.#board.close()
    this.#news.announce()
    for (const { worker } of this.#watches) void worker.terminate()
  }

  figures(): StrategyFigures[] {
    return this.#watches.map(({ name, state, why }, index) => {
      const counts = this.#board.counts(index)
      const { dismissed, isNonsenseTold: _isNonsenseTold, ...results } = this.#results[index]!
      const { turns, asked, claims, invalid, threw, granted, unsent } = counts
      return {
        ...{ name, state, why, turns, asked, claims, invalid, threw, granted },
        refused: {
          EVENT_CLAIMED: counts.refusedEventClaimed,
          INTERLOCKED: counts.refusedInterlocked,
          SLOT_TAKEN: counts.refusedSlotTaken,
          MAX_POSITIONS: counts.refusedMaxPositions,
          NO_CAPITAL: counts.refusedNoCapital,
        },
        unsent,
        dismissed: Object.fromEntries(dismissed),
        ...results,
      }
    })
  }

  async #loaded(): Promise<void> {
    const { loadMs = loadMsUsual } = this.#options
    for (let waitedMs = 0; this.#watches.some(({ state }) => state === 'loading'); waitedMs += loadLookMs) {
      if (waitedMs >= loadMs) {
        for (const watch of this.#watches) if (watch.state === 'loading') watch.stop(`has not loaded in ${loadMs} ms`)
      }
      await sleep(loadLookMs)
      for (const watch of this.#watches) watch.listen()
    }
    for (const [index, { state, why, name, placed }] of this.#watches.entries()) {
      if (state !== 'running') throw inputError(`${placed.place}.module`, `${placed.path} ${why}`, placed.path)
      if (this.#indexOf.has(name)) throw inputError(`${placed.place}.name`, `another strategy is called ${name}`, name)
      this.#indexOf.set(name, index)
    }
  }

  #resultsOf(strategy: string | undefined): Results | undefined {
    return strategy === undefined ? undefined : this.#results[this.#indexOf.get(strategy)!]
  }

  #tellNonsense({ strategy }: StrategyClaim, detail: string): void {
    const results = this.#resultsOf(strategy)!
    if (results.isNonsenseTold) return
    results.isNonsenseTold = true
    this.#options.report(`strategy ${strategy} sends a plan that makes no sense: ${detail}`)
  }
}

async function within(done: Promise<unknown>, ms: number): Promise<void> {
  const timer = new AbortController()
  await Promise.race([done, sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined)])
  timer.abort()
}
