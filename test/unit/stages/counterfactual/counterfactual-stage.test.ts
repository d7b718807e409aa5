/** What the counterfactual stage sends, and what it keeps when nobody takes it. */
import { describe, expect, it } from 'vitest'
import { createMarketRecord, recordKinds } from '../../../../src/domain/market.ts'
import { CounterfactualStage } from '../../../../src/stages/counterfactual/counterfactual-stage.ts'
import { eventMoves, marketRecordsMax, trackingFrames } from '../../../../src/stages/counterfactual/tracking-frames.ts'

class Port {
  readonly payload = new Float64Array(1_024)
  readonly frames: [kind: string, ...values: number[]][] = []
  hasRoom = true

  claim(): number {
    return this.hasRoom ? 0 : -1
  }

  commit(kind: number, length: number): void {
    const name = Object.entries(trackingFrames).find(([, number]) => number === kind)![0]
    this.frames.push([name, ...this.payload.subarray(0, length)])
  }

  kinds(): string[] {
    return this.frames.splice(0).map(([kind]) => kind)
  }
}

function setUp() {
  const port = new Port()
  const stage = new CounterfactualStage(port)
  const hear = (...messages: object[]): void => stage.onBatch(messages as never[], messages.length)
  const trade = (atNs: number, priceTicks = 100): void =>
    hear({ ...createMarketRecord(), kind: recordKinds.trade, symbolIndex: 1, atNs, priceTicks })
  const decision = (sequence: number, atNs: number): void =>
    hear({ kind: 'reserved', decision: { record: Float64Array.of(sequence), atNs } })
  const position = (to: string, atNs: number, over: object = {}): void =>
    hear({
      ...{ kind: 'position', to, atNs, outcome: null, refusal: null, ...over },
      position: {
        grant: { member: { handle: 5 }, sequence: 1 },
        plan: { side: 'short', sizeFraction: 0.5, targetTicks: 90, stopTicks: 110, timeStopNs: 7 },
        order: { quantityLots: 3, limitTicks: 99, notionalMaxMinor: 1_000 },
      },
    })
  return { port, stage, hear, trade, decision, position }
}

describe('counterfactual stage', () => {
  it('sends records in blocks: when one is full, when its first record is a second old, and before anything else', () => {
    const { port, trade, decision } = setUp()
    for (let at = 0; at < marketRecordsMax - 1; at += 1) trade(at)
    expect(port.frames).toEqual([])
    trade(marketRecordsMax)
    expect(port.kinds()).toEqual(['market'])
    trade(1_000)
    trade(1_000 + 1_000_000_001)
    expect(port.kinds()).toEqual(['market'])
    trade(2e9, 123)
    decision(9, 2e9)
    expect(port.frames).toEqual([
      ['market', 1, 2e9, 123, 0],
      ['placed', 9, 2e9, 1],
    ])
  })

  it('time never goes back: what comes late counts now', () => {
    const { port, trade, decision } = setUp()
    trade(500)
    decision(1, 400)
    trade(300)
    decision(2, 300)
    expect(port.frames.map((frame) => frame[2])).toEqual([500, 500, 500, 500])
  })

  it('a record that comes when the venue has gone on counts then', () => {
    const { port, position, trade, decision } = setUp()
    position('open', 230)
    trade(228)
    decision(1, 228)
    expect(port.frames.map((frame) => frame[2])).toEqual([230, 230])
  })

  it('tells an order and its end; of what a strategy claimed by itself nothing', () => {
    const { port, position } = setUp()
    position('submitted', 10)
    position('open', 20)
    position('closing', 30)
    const outcome = {
      ...{ entryTicks: 99, exitTicks: 95, entryAtNs: 20, exitAtNs: 40, quantityLots: 3, feesMinor: 1 },
      ...{ fundingMinor: -2, pnlMinor: 9, exitReason: 'stop_hit' },
    }
    position('closed', 40, { outcome })
    position('refused', 50)
    expect(port.frames).toEqual([
      ['submitted', 5, 10, -1, 0.5, 90, 110, 7, 3, 99, 1_000],
      ['settled', 5, 40, 1, 99, 95, 20, 40, 3, 1, -2, 9],
      ['settled', 5, 50, -1, 0, 0, 0, 0, 0, 0, 0, 0],
    ])
  })

  it('tells what an event’s detector says of its end and its completion; expiry ends entries only', () => {
    const { port, hear } = setUp()
    const event = { kind: 'event', handle: 3, atNs: 1, event: { eventId: 'e', expiresAtNs: 100 } }
    hear({ ...event, state: 'TRIGGERED', cause: 'detector' })
    hear({ ...event, state: 'ACTIVE', cause: 'detector' })
    hear({ ...event, state: 'INVALIDATED', cause: 'expiry' })
    hear({ ...event, state: 'COMPLETED', cause: 'detector' })
    hear({ ...event, state: 'INVALIDATED', cause: 'detector' })
    hear({ ...event, state: 'COMPLETING', cause: 'detector' })
    expect(port.frames).toEqual([
      ['eventMoved', 3, 1, eventMoves.indexOf('lapsed')],
      ['eventMoved', 3, 1, eventMoves.indexOf('event_completed')],
      ['eventMoved', 3, 1, eventMoves.indexOf('invalidated')],
      ['eventMoved', 3, 1, eventMoves.indexOf('completing')],
    ])
  })

  it('of an event that was declined the detector’s own word counts, until it would have expired', () => {
    const { port, hear } = setUp()
    const decline = (handle: number, eventId: string): void =>
      hear({
        ...{ kind: 'event', handle, atNs: 1, state: 'INVALIDATED', cause: 'declined' },
        event: { eventId, expiresAtNs: 100 },
      })
    const says = (eventId: string, to: string, atNs: number): void => hear({ kind: 'transition', eventId, to, atNs })
    says('a', 'COMPLETING', 1)
    decline(1, 'a')
    decline(2, 'b')
    says('a', 'COMPLETING', 50)
    says('a', 'COMPLETED', 60)
    says('a', 'INVALIDATED', 70)
    says('b', 'COMPLETED', 100)
    says('b', 'COMPLETED', 101)
    expect(port.frames).toEqual([
      ['eventMoved', 1, 50, eventMoves.indexOf('completing')],
      ['eventMoved', 1, 60, eventMoves.indexOf('event_completed')],
      ['eventMoved', 2, 100, eventMoves.indexOf('lapsed')],
    ])
  })

  it('an order is told behind its decision and before what its event does next, though it stands last in the batch', () => {
    const { port, hear } = setUp()
    const submitted = {
      ...{ kind: 'position', to: 'submitted', atNs: 10, outcome: null, refusal: null },
      position: {
        grant: { member: { handle: 5 }, sequence: 1 },
        plan: { side: 'short', sizeFraction: 0.5, targetTicks: 90, stopTicks: 110, timeStopNs: 7 },
        order: { quantityLots: 3, limitTicks: 99, notionalMaxMinor: 1_000 },
      },
    }
    const reserved = { kind: 'reserved', decision: { record: Float64Array.of(1), atNs: 10 } }
    const event = { kind: 'event', cause: 'detector', event: { eventId: 'e', expiresAtNs: 100 } }
    const other = { ...event, handle: 4, atNs: 15, state: 'COMPLETED' }
    const ended = { ...event, handle: 5, atNs: 20, state: 'COMPLETED' }
    hear(reserved, other, ended, submitted)
    const told = port.frames.splice(0).map(([kind, first, second]) => [kind, first, second])
    expect(told).toEqual([
      ['placed', 1, 10],
      ['submitted', 5, 10],
      ['eventMoved', 4, 15],
      ['eventMoved', 5, 20],
    ])
    // What its event did before the decision stands before it.
    hear(
      { ...event, handle: 5, atNs: 20, state: 'ACTIVE' },
      { ...reserved, decision: { ...reserved.decision, atNs: 20 } },
      submitted,
    )
    expect(port.frames.splice(0).map(([kind]) => kind)).toEqual(['placed', 'submitted'])
    // Entered when it completed: the decision was long ago.
    hear(ended, { ...submitted, atNs: 20 })
    expect(port.frames.map(([kind]) => kind)).toEqual(['submitted', 'eventMoved'])
  })

  it('without room nobody waits: records are lost and that is said, places and settlements are kept, and come unfollowed', () => {
    const { port, stage, trade, decision, position } = setUp()
    port.hasRoom = false
    trade(1)
    decision(1, 2)
    position('submitted', 3)
    position('refused', 4)
    decision(2, 5)
    expect([port.frames, stage.dropped]).toEqual([[], 0])
    port.hasRoom = true
    trade(6)
    decision(3, 7)
    trade(8)
    decision(4, 9)
    expect(port.frames.map(([kind, first, , followed]) => [kind, first, kind === 'placed' ? followed : 0])).toEqual([
      ['lost', undefined, 0],
      ['placed', 1, 0],
      ['settled', 5, 0],
      ['placed', 2, 0],
      ['market', 1, 0],
      // It was made before anybody knew that there is room again.
      ['placed', 3, 0],
      ['market', 1, 0],
      ['placed', 4, 1],
    ])
  })

  it('keeps a bounded number, and counts what it drops', () => {
    const { port, stage, decision } = setUp()
    port.hasRoom = false
    for (let sequence = 1; sequence <= 16_400; sequence += 1) decision(sequence, sequence)
    expect(stage.dropped).toBe(16)
  })

  it('does nothing, and is shown nothing, where nothing is tracked', () => {
    const stage = new CounterfactualStage(null)
    stage.onBatch([{ kind: 'reserved' }] as never[], 1)
    stage.onStop()
    expect(stage.seesMarket).toBe(false)
  })
})
