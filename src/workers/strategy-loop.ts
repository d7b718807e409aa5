/**
 * What a strategy's worker does at each turn: reads hot state, ledger and registry, asks the strategy about the events that it has not
 * answered, and races for the ledger when it wants one. Knows no thread and never waits, so a test may drive it. One thread.
 */
import { invalidArgument, requireObject } from '../base/arguments.ts'
import { requireInteger, shown } from '../base/assert.ts'
import { messageOf } from '../base/errors.ts'
import { isActionable, lifecycleNames, type Side } from '../domain/event.ts'
import { eventRecordIndex as at } from '../domain/event-record.ts'
import { hotFieldIndex } from '../domain/hot-state.ts'
import type { Instrument } from '../domain/instrument.ts'
import { regimes } from '../domain/regime.ts'
import type { ReserveRefusal } from '../domain/reservation.ts'
import { nsPerMs } from '../domain/units.ts'
import type { ScannedEvent } from '../region/event-registry.ts'
import type { Region } from '../region/region.ts'
import type { SnapshotReader } from '../region/snapshot.ts'
import { requirePlan } from '../strategy/plan-check.ts'
import type { Claim, StrategyEvent, WorkerMarket, WorkerStrategy } from '../strategy/worker-strategy.ts'
import type { ClaimRecord } from './claim-codec.ts'
import { LedgerView } from './ledger-view.ts'
import type { StrategyBoard, StrategyCounter } from './strategy-board.ts'

/** So many exceptions in a row end a strategy. */
export const throwsMax = 10
/** A refused claim is thought over when the ledger has changed, or after so long: a change may have come and gone unseen. */
const thinkAgainNs = 250 * nsPerMs

export interface StrategyLoopOptions {
  readonly region: Region
  readonly board: StrategyBoard
  /** Its place on the board. */
  readonly index: number
  readonly strategy: WorkerStrategy
  readonly instruments: readonly Instrument[]
  readonly leaseNs: number
  /** False: its lane is full. */
  readonly send: (claim: ClaimRecord) => boolean
  /** Something that its author should hear. `kind`: what repeats itself need not be told again. */
  readonly tell: (kind: 'threw' | 'invalid', text: string) => void
}

/** What is remembered of an event. */
interface Memory {
  /** Not asked again while its life has not moved on from here; Infinity: never. −1: not answered. */
  answeredIn: number
  /** Refused: the ledger's changes then, and when. */
  refusedAt: { readonly changes: number; readonly monotonicNs: number } | null
  /** Answered `later`: the snapshot's version then. */
  laterAt: number
  /** The turn that saw it last. */
  turn: number
}

interface Candidate extends StrategyEvent {
  readonly handle: number
  readonly lifecycle: number
}

const counterOf: Readonly<Record<ReserveRefusal, StrategyCounter>> = {
  EVENT_CLAIMED: 'refusedEventClaimed',
  INTERLOCKED: 'refusedInterlocked',
  SLOT_TAKEN: 'refusedSlotTaken',
  MAX_POSITIONS: 'refusedMaxPositions',
  NO_CAPITAL: 'refusedNoCapital',
}

export class StrategyLoop {
  readonly #options: StrategyLoopOptions
  readonly #reader: SnapshotReader
  readonly #ledger: LedgerView
  readonly #types: readonly string[]
  readonly #typeIndices: ReadonlySet<number>
  readonly #memories = new Map<number, Memory>()
  #turn = 0
  #throwsInARow = 0
  #hasLater = false

  /** @param options.strategy - Checked (`strategy-module.ts`): its types are the run's. */
  constructor(options: StrategyLoopOptions) {
    const { region, strategy, instruments } = options
    this.#options = options
    this.#reader = region.reader(region.schema.snapshots[0]!)
    this.#types = region.schema.events.types
    const symbols = instruments.map(({ symbol }) => symbol)
    this.#ledger = new LedgerView(region.reservations, region.participant, symbols, this.#types)
    this.#typeIndices = new Set((strategy.types ?? this.#types).map((type) => this.#types.indexOf(type)))
  }

  /** It threw {@link throwsMax} times in a row. */
  get isFailing(): boolean {
    return this.#throwsInARow >= throwsMax
  }

  /** It wants to be asked again when the market has moved. */
  get isWaitingForMarket(): boolean {
    return this.#hasLater
  }

  /** Asks about everything that there is to ask about. */
  turn(): void {
    const { board, index } = this.#options
    board.beat(index)
    this.#turn += 1
    this.#hasLater = false
    const version = this.#reader.read()
    if (version <= 0 || !board.isAdmitting) return
    this.#ledger.look()
    const nowNs = Math.max(board.nowNs, this.#reader.head[this.#reader.headIndex.updatedAtNs!]!)
    // In a scan's visit the ledger may not be asked: what is found is copied.
    const found: Candidate[] = []
    this.#options.region.events.scan(-1, (event) => {
      if (this.#isAnswered(event)) return
      const isLive = isActionable(event.lifecycle) && !event.spent && event.record[at.expiresAtNs]! > nowNs
      if (isLive && this.#typeIndices.has(event.typeIndex)) found.push(this.#candidateOf(event))
    })
    this.#count('turns')
    found.sort((one, other) => one.detectedAtNs - other.detectedAtNs || one.handle - other.handle)
    for (const event of found) {
      if (this.isFailing) return
      this.#consider(event, version, nowNs)
    }
    for (const [handle, { turn }] of this.#memories) if (turn !== this.#turn) this.#memories.delete(handle)
  }

  /** Nothing is to be asked about it: it is not even copied. */
  #isAnswered({ handle, lifecycle }: ScannedEvent): boolean {
    const memory = this.#memories.get(handle)
    if (memory === undefined || memory.answeredIn < lifecycle) return false
    memory.turn = this.#turn
    return true
  }

  #consider(event: Candidate, version: number, nowNs: number): void {
    const memory = this.#memories.get(event.handle) ?? { answeredIn: -1, refusedAt: null, laterAt: 0, turn: 0 }
    this.#memories.set(event.handle, memory)
    memory.turn = this.#turn
    if (this.#ledger.holds(event.handle)) return
    if (memory.laterAt === version) this.#hasLater = true
    if (memory.laterAt === version || this.#isRefused(memory)) return
    memory.refusedAt = null
    const answer = this.#ask(event, nowNs)
    if (answer === 'later') {
      memory.laterAt = version
      this.#hasLater = true
    } else if (answer === null) memory.answeredIn = event.lifecycle
    else this.#race(event, answer, memory)
  }

  #isRefused({ refusedAt }: Memory): boolean {
    if (refusedAt === null || refusedAt.changes !== this.#ledger.changes) return false
    return this.#options.board.monotonicNs - refusedAt.monotonicNs < thinkAgainNs
  }

  /** What throws or makes no sense counts as no. */
  #ask(event: Candidate, nowNs: number): Claim | null | 'later' {
    const { board, index, strategy } = this.#options
    const market = this.#marketOf(event, nowNs)
    board.beat(index)
    this.#count('asked')
    let answer: Claim | null | 'later'
    try {
      answer = strategy.act(event, market)
      this.#throwsInARow = 0
    } catch (thrown) {
      this.#throwsInARow += 1
      this.#count('threw')
      this.#options.tell('threw', `on ${event.eventId}: ${messageOf(thrown)}`)
      return null
    } finally {
      board.beat(index)
    }
    if (answer === null || answer === 'later') return answer
    try {
      return checked(answer, market.lastTicks)
    } catch (thrown) {
      this.#count('invalid')
      this.#options.tell('invalid', `on ${event.eventId}: ${messageOf(thrown)}`)
      return null
    }
  }

  #race(event: Candidate, { capitalMinor, plan }: Claim, memory: Memory): void {
    const { board, index, region, leaseNs } = this.#options
    const { handle } = event
    this.#count('claims')
    const monotonicNs = board.monotonicNs
    const reserved = region.reservations.reserve({ handle, capitalMinor, leaseUntilNs: monotonicNs + leaseNs })
    if (reserved.ok) {
      this.#count('granted')
      memory.answeredIn = Number.POSITIVE_INFINITY
      if (!this.#options.send({ strategy: index, token: reserved.token, handle, plan })) {
        region.reservations.release(reserved.token)
        this.#count('unsent')
        memory.answeredIn = -1
        memory.refusedAt = { changes: this.#ledger.changes, monotonicNs }
      }
    } else this.#count(counterOf[reserved.refusal])
    this.#ledger.look()
    if (!reserved.ok) memory.refusedAt = { changes: this.#ledger.changes, monotonicNs }
  }

  #candidateOf({ handle, lifecycle, typeIndex, symbolIndex, record }: ScannedEvent): Candidate {
    const side: Side = record[at.side] === 1 ? 'long' : 'short'
    return {
      handle,
      lifecycle,
      state: lifecycleNames[lifecycle]!,
      eventId: this.#options.region.events.idOf(handle) ?? '',
      eventType: this.#types[typeIndex]!,
      typeIndex,
      symbol: this.#options.instruments[symbolIndex]!.symbol,
      symbolIndex,
      side,
      detectedAtNs: record[at.detectedAtNs]!,
      waitingSinceNs: record[at.waitingSinceNs]!,
      expiresAtNs: record[at.expiresAtNs]!,
      priorityScore: record[at.priorityScore]!,
      regime: regimes[record[at.regime]!]!,
      regimeAlignment: record[at.regimeAlignment]!,
      rewardRisk: record[at.rewardRisk]!,
      winRate: record[at.winRate]!,
      expectedValue: record[at.expectedValue]!,
      capitalRequiredMinor: record[at.capitalRequiredMinor]!,
      referenceTicks: record[at.referenceTicks]!,
      targetTicks: record[at.targetTicks]!,
      stopTicks: record[at.stopTicks]!,
    }
  }

  #marketOf({ symbolIndex }: Candidate, nowNs: number): WorkerMarket {
    const { rows } = this.#reader
    const ledger = this.#ledger
    return {
      lastTicks: rows[symbolIndex]![hotFieldIndex.lastTicks]!,
      row: rows[symbolIndex]!,
      rows,
      nowNs,
      capitalMinor: ledger.capitalMinor,
      freeMinor: ledger.freeMinor,
      get positions() {
        return ledger.positions
      },
    }
  }

  #count(counter: StrategyCounter): void {
    this.#options.board.count(this.#options.index, counter)
  }
}

/** A claim of its own numbers, read once: getters may say something else the next time. */
function checked(answer: Claim, lastTicks: number): Claim {
  if (typeof (answer as { then?: unknown })?.then === 'function') {
    throw invalidArgument('act', 'must answer at once, got a promise')
  }
  requireObject('the answer of act', answer, ", null or 'later'")
  const { capitalMinor, plan: given } = answer
  requireInteger('capitalMinor', capitalMinor, 1, Number.MAX_SAFE_INTEGER)
  requireObject('plan', given)
  const { side, sizeFraction, targetTicks, stopTicks, timeStopNs } = given
  const plan = { side, sizeFraction, targetTicks, stopTicks, timeStopNs }
  if (!(lastTicks >= 1)) throw invalidArgument('plan', `needs a last price, got ${shown(lastTicks)}`)
  requirePlan(plan, lastTicks)
  return { capitalMinor, plan }
}
