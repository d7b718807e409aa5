/** The tracker by its frames: what is followed, what is given up, and what is written. */
import { describe, expect, it } from 'vitest'
import { instrumentOf } from '../../../../src/domain/instrument.ts'
import { exitReasons } from '../../../../src/domain/outcome.ts'
import { Timeline } from '../../../../src/domain/units.ts'
import type { CounterfactualValues } from '../../../../src/journal/counterfactual-line.ts'
import { Tracker } from '../../../../src/stages/counterfactual/tracker.ts'
import {
  type EventMove,
  eventMoves,
  putPlan,
  trackingFrames,
} from '../../../../src/stages/counterfactual/tracking-frames.ts'
import { candidate, policyOf } from '../../decide/support.ts'
import { countOf, fieldOf, recordOf } from './records.ts'

const second = 1e9
const plan = { side: 'long', sizeFraction: 1, targetTicks: 1_100, stopTicks: 900, timeStopNs: 60 * second } as const
const instruments = [instrumentOf('BTC', { BTC: { priceDecimals: 1, sizeDecimals: 3 } })]

class Track {
  readonly written: CounterfactualValues[] = []
  readonly tracker: Tracker
  #atNs = 0
  #sequence = 0

  constructor(pendingMax = 1_000, policy: Record<string, unknown> = {}) {
    this.policy = policyOf({ interlock: null, age_boost: null, ...policy })
    this.tracker = new Tracker(
      {
        policy: this.policy,
        instruments,
        fill: { latencyNs: 0 },
        eventCapacity: 64,
        positionsMax: 8,
        pendingMax,
        isSupposed: true,
      },
      new Timeline(0),
      (entry) => this.written.push(entry),
    )
  }
  readonly policy

  take(kind: number, ...values: number[]): void {
    this.tracker.take(kind, Float64Array.from(values), 0, values.length)
  }

  trade(price: number, afterS = 1): void {
    this.#atNs += afterS * second
    this.take(trackingFrames.market, 0, this.#atNs, price, 0)
  }

  /** A decision between so many candidates, the best first; the rejected have a plan. Its sequence. */
  decide(handles: readonly number[], isPlaced = true): number {
    this.#sequence += 1
    const candidates = handles.map((handle, index) =>
      candidate(`e${handle}`, { handle, priorityScore: 0.9 - index * 0.1 }),
    )
    const record = recordOf({ policy: this.policy, candidates, sequence: this.#sequence })
    this.tracker.decided(record, 0, record.length)
    const rejected = Array.from({ length: countOf(record) }, (_, rank) => rank).filter(
      (rank) => fieldOf(record, rank, 'rejection') >= 0,
    )
    const plans = new Float64Array(2 + rejected.length * 6)
    plans.set([this.#sequence, rejected.length])
    for (const [index, rank] of rejected.entries()) {
      plans[2 + index * 6] = rank
      putPlan(plans, 3 + index * 6, plan)
    }
    this.tracker.planned(plans, 0)
    if (isPlaced) this.place(this.#sequence)
    return this.#sequence
  }

  place(sequence: number, isFollowed = 1): void {
    this.take(trackingFrames.placed, sequence, this.#atNs, isFollowed)
  }

  move(handle: number, move: EventMove): void {
    this.take(trackingFrames.eventMoved, handle, this.#atNs, eventMoves.indexOf(move))
  }

  settle(handle: number, pnlMinor: number): void {
    const reason = exitReasons.indexOf('target_hit')
    this.take(trackingFrames.settled, handle, this.#atNs, reason, 1_000, 1_100, 0, 1, 1, 0, 0, pnlMinor)
  }

  outcomes(index: number): (string | null)[] {
    return this.written[index]!.outcomes.map(({ outcome }) => outcome?.exitReason ?? null)
  }
}

describe('tracker', () => {
  it('writes an entry when its last outcome is known, and not before', () => {
    const track = new Track()
    track.trade(1_000)
    track.decide([1, 2, 3])
    track.trade(1_000)
    track.settle(1, 5_000)
    expect(track.written).toHaveLength(0)
    track.trade(1_100)
    expect(track.outcomes(0)).toEqual(['target_hit', 'target_hit', 'target_hit'])
    expect(track.written[0]!.outcomes[0]!.outcome!.pnlMinor).toBe(5_000)
  })

  it('a rejected event’s end, its stop and its time stop end what is followed, as of a real trade', () => {
    const track = new Track()
    track.trade(1_000)
    track.decide([1, 2])
    track.settle(1, 0)
    track.trade(1_010)
    track.move(2, 'invalidated')
    track.trade(1_010)
    track.decide([3, 4])
    track.settle(3, 0)
    track.trade(880)
    track.trade(1_000)
    track.decide([5, 6])
    track.settle(5, 0)
    track.trade(1_000)
    track.trade(1_000, 61)
    expect([0, 1, 2].map((index) => track.outcomes(index)[1])).toEqual(['invalidated', 'stop_hit', 'time_stop'])
  })

  it('beyond its bound gives up the oldest; what the venue says of the selected one is still in its entry', () => {
    const track = new Track(2)
    track.trade(1_000)
    track.decide([1, 2, 3])
    track.decide([4, 5])
    expect([track.written.length, track.tracker.censored]).toEqual([0, 1])
    track.settle(1, 700)
    expect(track.outcomes(0)).toEqual(['target_hit', null, null])
    track.settle(4, 1)
    track.trade(1_000)
    track.trade(1_100)
    expect(track.outcomes(1)).toEqual(['target_hit', 'target_hit'])
  })

  it('when something of the market was lost, what was followed stays unfinished, and a decision placed meanwhile too', () => {
    const track = new Track()
    track.trade(1_000)
    track.decide([1, 2])
    const meanwhile = track.decide([3, 4], false)
    track.take(trackingFrames.lost)
    track.place(meanwhile, 0)
    track.settle(1, 10)
    track.settle(3, 20)
    track.trade(1_100)
    expect([track.outcomes(0), track.outcomes(1)]).toEqual([
      ['target_hit', null],
      ['target_hit', null],
    ])
  })

  it('at the end gives what is known: null for what is open, the real outcome where there is one', () => {
    const track = new Track()
    track.trade(1_000)
    track.decide([1, 2])
    track.settle(1, 10)
    track.decide([3, 4])
    track.tracker.finish()
    expect([track.outcomes(0), track.outcomes(1)]).toEqual([
      ['target_hit', null],
      [null, null],
    ])
    track.tracker.finish()
    expect(track.written).toHaveLength(2)
  })

  it('the place of a decision that has not come waits; that of one which was passed over does not', () => {
    const track = new Track()
    track.trade(1_000)
    const place = (sequence: number) => track.tracker.wants(trackingFrames.placed, Float64Array.of(sequence, 0, 1), 0)
    expect(place(1)).toBe(false)
    expect(track.tracker.wants(trackingFrames.lost, new Float64Array(0), 0)).toBe(true)
    track.decide([1, 2], false)
    expect(place(1)).toBe(true)
    expect(place(2)).toBe(false)
    const second = recordOf({ policy: track.policy, candidates: [candidate('y')], sequence: 2 })
    track.tracker.decided(second, 0, second.length)
    // Its plans are on their way behind it.
    expect(place(2)).toBe(false)
    track.tracker.planned(Float64Array.of(2, 0), 0)
    expect(place(2)).toBe(true)
    const third = Float64Array.from(recordOf({ policy: track.policy, candidates: [candidate('x')], sequence: 3 }))
    track.tracker.decided(third, 0, third.length)
    expect(place(1)).toBe(true)
  })

  it('says again of an inadmissible event only when its rank or reason has changed, and of an admissible one always', () => {
    const track = new Track(1_000, { min_priority_score: 0.75, max_open_positions: 8 })
    track.trade(1_000)
    const written = (): boolean[] => {
      track.tracker.finish()
      return track.written.at(-1)!.outcomes.map(({ isWritten }) => isWritten)
    }
    // The third is below the least priority score.
    track.decide([1, 2, 3])
    expect(written()).toEqual([true, true, true])
    track.decide([4, 2, 3])
    expect(written()).toEqual([true, true, false])
    track.decide([4, 3])
    // Now it is the second, and admissible.
    expect(written()).toEqual([true, true])
  })

  it('a decision of which nothing is left to say has no entry', () => {
    const track = new Track(1_000, { min_priority_score: 0.95 })
    track.trade(1_000)
    track.decide([1, 2])
    track.decide([1, 2])
    track.tracker.finish()
    expect(track.written).toHaveLength(1)
  })

  it('before a symbol’s first trade nothing can be supposed', () => {
    const track = new Track()
    track.decide([1, 2])
    track.settle(1, 10)
    expect(track.outcomes(0)).toEqual(['target_hit', null])
  })

  it('with entry at completing a rejected event is entered when it completes, and not when it is over before', () => {
    const track = new Track(1_000, { entry: 'completing' })
    track.trade(1_000)
    track.decide([1, 2, 3, 4])
    track.settle(1, 10)
    track.trade(1_100)
    track.trade(1_000)
    track.move(2, 'completing')
    track.move(3, 'event_completed')
    track.move(4, 'lapsed')
    track.trade(1_000)
    expect(track.written).toHaveLength(0)
    track.trade(1_100)
    expect(track.outcomes(0)).toEqual(['target_hit', 'target_hit', null, null])
    const [, entered] = track.written[0]!.outcomes
    expect(entered!.outcome!.entryAtNs).toBe(3 * second)
  })

  it('what waits to complete counts for the bound, and is given up with its entry', () => {
    const track = new Track(1, { entry: 'completing' })
    track.trade(1_000)
    track.decide([1, 2, 3])
    track.settle(1, 10)
    expect([track.outcomes(0), track.tracker.censored]).toEqual([['target_hit', null, null], 1])
    track.move(2, 'completing')
    track.trade(1_100)
    expect(track.written).toHaveLength(1)
  })

  it('with entry at completing what was heard of an event before a decision about it counts', () => {
    const track = new Track(1_000, { entry: 'completing' })
    track.trade(1_000)
    track.move(2, 'completing')
    track.move(3, 'lapsed')
    track.decide([1, 2, 3])
    track.settle(1, 10)
    track.trade(1_000)
    track.trade(1_100)
    expect(track.outcomes(0)).toEqual(['target_hit', 'target_hit', null])
  })

  it('candidates that pend are bounded too, also of decisions of which nothing can be followed', () => {
    const track = new Track(1)
    // Before its symbol's first trade: nothing is followed, and the venue has not settled the selected ones.
    for (let decision = 0; decision < 20; decision += 1) track.decide([10 * decision, 10 * decision + 1])
    expect(track.tracker.censored).toBeGreaterThan(0)
  })

  it('a frame that nobody knows is a broken invariant', () => {
    expect(() => new Track().take(99)).toThrow(expect.objectContaining({ code: 'ERR_INVARIANT' }))
  })
})
