/** What a strategy's worker does at a turn, on this thread: whom it asks about what, when again, and what it gives back. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { lifecycle } from '../../../src/domain/event.ts'
import { eventRecordFields, eventRecordIndex } from '../../../src/domain/event-record.ts'
import { hotFieldIndex, hotFields } from '../../../src/domain/hot-state.ts'
import { instrumentOf } from '../../../src/domain/instrument.ts'
import { Region } from '../../../src/region/region.ts'
import type { SnapshotWriter } from '../../../src/region/snapshot.ts'
import type { Claim, StrategyEvent, WorkerMarket, WorkerStrategy } from '../../../src/strategy/worker-strategy.ts'
import type { ClaimRecord } from '../../../src/workers/claim-codec.ts'
import { createBoardMemory, StrategyBoard } from '../../../src/workers/strategy-board.ts'
import { StrategyLoop } from '../../../src/workers/strategy-loop.ts'

const types = ['CASCADE', 'HUNT']
const symbols = ['BTC', 'ETH']
const hot = { name: 'hot', head: ['stateVersion', 'updatedAtNs'], fields: hotFields, rows: symbols } as const
const plan = { side: 'long', targetTicks: 1_100, stopTicks: 950, sizeFraction: 1, timeStopNs: 1e9 } as const

class Bench {
  readonly region: Region
  readonly board = new StrategyBoard(createBoardMemory(1), 1)
  readonly asked: string[] = []
  readonly sent: ClaimRecord[] = []
  readonly told: string[] = []
  readonly loop: StrategyLoop
  answer: (event: StrategyEvent, market: WorkerMarket) => Claim | null | 'later' = () => null
  hasRoom = true
  #monotonicNs = 0
  readonly #writer: SnapshotWriter

  constructor(strategyTypes?: readonly string[]) {
    this.region = Region.create(
      { snapshots: [hot], events: { types, fields: eventRecordFields, capacity: 64 } },
      { backend: 'js' },
    ) as unknown as Region
    const limits = { capitalMinor: 1_000, maxOpenPositions: 2, maxPositionsPerSymbol: 1, interlock: null, pots: null }
    this.region.reservations.setLimits(limits)
    this.#writer = this.region.claimWriter(hot) as unknown as SnapshotWriter
    this.market()
    const strategy: WorkerStrategy = {
      name: 'bench',
      ...(strategyTypes === undefined ? {} : { types: strategyTypes }),
      act: (event, market) => {
        this.asked.push(`${event.eventId} ${event.state}`)
        return this.answer(event, market)
      },
    }
    const worker = Region.attach(this.region.descriptor, { backend: 'js' })
    this.loop = new StrategyLoop({
      region: worker,
      board: this.board,
      index: 0,
      strategy,
      instruments: symbols.map((symbol) => instrumentOf(symbol)),
      leaseNs: 5e9,
      send: (claim) => {
        if (this.hasRoom) this.sent.push(claim)
        return this.hasRoom
      },
      tell: (kind, text) => this.told.push(`${kind} ${text}`),
    })
    onTestFinished(() => {
      worker.close()
      this.region.close()
    })
  }

  /** The market has moved. */
  market(): void {
    this.#writer.head[1] = 1_000
    for (const row of this.#writer.rows) row[hotFieldIndex.lastTicks] = 1_000
    this.#writer.publish()
  }

  register(id: string, typeIndex = 0, symbolIndex = 0): number {
    const { events } = this.region
    events.record[eventRecordIndex.expiresAtNs] = 1e12
    events.record[eventRecordIndex.side] = 1
    const result = events.register(id, typeIndex, symbolIndex)
    if (!result.ok) throw new Error(result.refusal)
    return result.handle
  }

  /** Whom a turn asks, after so much monotonic time. */
  turn(passedMs = 0, isAdmitting = true): string[] {
    this.#monotonicNs += passedMs * 1e6
    this.board.setNow(this.#monotonicNs, 1_000, isAdmitting)
    this.asked.length = 0
    this.loop.turn()
    return [...this.asked]
  }
}

describe('strategy loop: whom it asks', () => {
  it('about each live event of its types, once; and again when it has moved on', () => {
    const bench = new Bench(['CASCADE'])
    const handle = bench.register('a')
    bench.register('b', 1, 1)
    expect(bench.turn()).toEqual(['a TRIGGERED'])
    expect(bench.turn()).toEqual([])
    bench.region.events.transition(handle, lifecycle.ACTIVE)
    expect(bench.turn()).toEqual(['a ACTIVE'])
    bench.region.events.transition(handle, lifecycle.COMPLETED)
    expect(bench.turn()).toEqual([])
  })

  it('`later`: when the market has moved, not before', () => {
    const bench = new Bench()
    bench.register('a')
    bench.answer = () => 'later'
    expect(bench.turn()).toHaveLength(1)
    expect(bench.loop.isWaitingForMarket).toBe(true)
    expect(bench.turn()).toEqual([])
    expect(bench.loop.isWaitingForMarket).toBe(true)
    bench.market()
    expect(bench.turn()).toHaveLength(1)
  })

  it('nobody while entries are not admitted, or before the first snapshot', () => {
    const bench = new Bench()
    bench.register('a')
    expect(bench.turn(0, false)).toEqual([])
    expect(bench.turn()).toHaveLength(1)
  })

  it('not about an event that somebody holds, or that was spent; and shows it the ledger', () => {
    const bench = new Bench()
    const handle = bench.register('a')
    bench.register('b', 1, 1)
    const held = bench.region.reservations.reserve({ handle, capitalMinor: 400, leaseUntilNs: 1e12 })
    let seen: unknown = null
    bench.answer = (_event, market) => {
      seen = { free: market.freeMinor, capital: market.capitalMinor, positions: market.positions }
      return null
    }
    expect(bench.turn()).toEqual(['b TRIGGERED'])
    const position = { symbol: 'BTC', eventType: 'CASCADE', capitalMinor: 400, state: 'RESERVED', isOwn: false }
    expect(seen).toEqual({ free: 600, capital: 1_000, positions: [position] })
    if (held.ok) bench.region.reservations.submit(held.token)
    expect(bench.turn()).toEqual([])
  })
})

describe('strategy loop: the race', () => {
  it('a claim is reserved and sent, and the event is never asked about again', () => {
    const bench = new Bench()
    const handle = bench.register('a')
    bench.answer = () => ({ capitalMinor: 500, plan })
    bench.turn()
    const [slot] = bench.region.reservations.positions()
    expect(slot).toMatchObject({ capitalMinor: 500, leaseUntilNs: 5e9 })
    expect(bench.sent).toEqual([{ strategy: 0, token: slot!.token, handle, plan }])
    bench.region.reservations.release(slot!.token)
    bench.region.events.transition(handle, lifecycle.ACTIVE)
    bench.market()
    expect(bench.turn(1_000)).toEqual([])
    expect(bench.board.counts(0)).toMatchObject({ turns: 2, asked: 1, claims: 1, granted: 1, unsent: 0 })
  })

  it('what the ledger refuses is thought over when the ledger has changed, or after a quarter of a second', () => {
    const bench = new Bench()
    const other = bench.register('other', 0, 1)
    const held = bench.region.reservations.reserve({ handle: other, capitalMinor: 800, leaseUntilNs: 1e12 })
    bench.register('a')
    bench.answer = () => ({ capitalMinor: 500, plan })
    expect(bench.turn()).toHaveLength(1)
    expect(bench.turn(100)).toEqual([])
    expect(bench.turn(150)).toHaveLength(1)
    if (held.ok) bench.region.reservations.release(held.token)
    expect(bench.turn().sort()).toEqual(['a TRIGGERED', 'other TRIGGERED'])
    expect(bench.board.counts(0)).toMatchObject({ refusedNoCapital: 2, granted: 2 })
  })

  it('a full lane: the reservation is given back, and tried again later', () => {
    const bench = new Bench()
    bench.register('a')
    bench.answer = () => ({ capitalMinor: 500, plan })
    bench.hasRoom = false
    bench.turn()
    expect(bench.region.reservations.positions()).toEqual([])
    expect(bench.board.counts(0)).toMatchObject({ granted: 1, unsent: 1 })
    bench.hasRoom = true
    expect(bench.turn()).toEqual([])
    expect(bench.turn(250)).toHaveLength(1)
    expect(bench.sent).toHaveLength(1)
  })

  it.each<[string, unknown]>([
    ['no answer', undefined],
    ['a promise', Promise.resolve(null)],
    ['no capital', { capitalMinor: 0, plan }],
    ['a fraction of a cent', { capitalMinor: 1.5, plan }],
    ['no plan', { capitalMinor: 1 }],
    ['a side that is none', { capitalMinor: 1, plan: { ...plan, side: 'buy' } }],
    ['a stop above', { capitalMinor: 1, plan: { ...plan, stopTicks: 1_001 } }],
    ['a target that is no number', { capitalMinor: 1, plan: { ...plan, targetTicks: Number.NaN } }],
  ])('%s is refused before anything is reserved, told, and counts as no', (_, answer) => {
    const bench = new Bench()
    bench.register('a')
    bench.answer = () => answer as Claim
    bench.turn()
    bench.market()
    expect(bench.turn(1_000)).toEqual([])
    expect(bench.told).toHaveLength(1)
    expect(bench.told[0]).toMatch(/^invalid on a: /)
    expect(bench.board.counts(0)).toMatchObject({ invalid: 1, claims: 0, granted: 0 })
  })

  it('exceptions count as no; ten in a row are its end, and an answer between begins anew', () => {
    const bench = new Bench()
    let asked = 0
    bench.answer = () => {
      asked += 1
      if (asked === 10) return null
      throw new Error('no')
    }
    for (let event = 0; event < 19; event += 1) bench.register(`e${event}`)
    bench.turn()
    expect(bench.loop.isFailing).toBe(false)
    bench.register('last')
    bench.turn()
    expect(bench.loop.isFailing).toBe(true)
    expect(bench.board.counts(0)).toMatchObject({ asked: 20, threw: 19 })
  })
})
