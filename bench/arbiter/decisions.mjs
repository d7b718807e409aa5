/**
 * What the arbiter's cases decide on: many candidate sets, drawn from one seed, so that no branch predictor learns one decision by
 * heart. In each: all built-in types, five symbols, ages from fresh to past the freshness horizon; one candidate in sixteen has
 * waited past the starvation bound, one in sixteen has expired, and in one set of eight a position is open, so that nobody is admitted.
 */
import { Random } from '../../dist/base/random.js'
import { FrameConsumer, FrameProducer } from '../../dist/channel/frame-ring.js'
import { Arbiter } from '../../dist/decide/arbiter.js'
import { CandidateSet } from '../../dist/decide/candidate-set.js'
import { writeDecisionRecord } from '../../dist/decide/decision-writer.js'
import { PositionSet } from '../../dist/decide/position-set.js'
import { decisionRecordSize } from '../../dist/domain/decision-record.js'
import { lifecycle } from '../../dist/domain/event.js'
import { defaultPolicy, eventTypesOf } from '../../dist/domain/policy.js'
import { journalFrames } from '../../dist/journal/journal-frame.js'

const seed = 20_260_617
const nsPerSecond = 1e9
export const symbols = ['BTC', 'ETH', 'SOL', 'DOGE', 'AVAX']
export const types = eventTypesOf(defaultPolicy)
export const capitalMinor = 1_000_000

/** A power of two: the next set is one mask away. Of a hundred candidates fewer, since all of them together should fit in a core's cache. */
export function setCountFor(candidateCount) {
  return candidateCount > 16 ? 16 : 64
}

/** `{candidates, positions, account}` a decision. @param isSelecting Every set has an admissible candidate. */
export function drawSets(candidateCount, { isSelecting = false } = {}) {
  const random = new Random(seed)
  return Array.from({ length: setCountFor(candidateCount) }, (_, set) => {
    const nowNs = (10_000 + set) * nsPerSecond
    const candidates = new CandidateSet(candidateCount)
    for (let index = 0; index < candidateCount; index++) candidates.add(draw(random, set, index, nowNs, isSelecting))
    const positions = new PositionSet(4)
    const isHeld = random.integer(0, 7) === 0
    if (isHeld && !isSelecting) positions.add(`held_${set}`, random.integer(0, 3), random.integer(0, 4), 500_000, 1)
    const account = {
      nowNs,
      capitalMinor,
      tradingState: 'ACTIVE',
      stateAgeMs: 0,
      lastExecutedTypeIndex: -1,
      deficitsMinor: null,
    }
    return { candidates, positions, account }
  })
}

function draw(random, set, index, nowNs, isSelecting) {
  const isOverdue = random.integer(0, 15) === 0
  const isExpired = random.integer(0, 15) === 0 && !(isSelecting && index === 0)
  const detectedAtNs = nowNs - Math.floor(random.fraction() * (isOverdue ? 240 : 90) * nsPerSecond)
  return {
    eventId: `event_${set}_${index}_${random.uint32()}`,
    handle: 1 + set * 1_000 + index,
    side: random.integer(0, 1) === 0 ? -1 : 1,
    typeIndex: random.integer(0, types.length - 1),
    symbolIndex: random.integer(0, symbols.length - 1),
    lifecycleState: random.integer(lifecycle.TRIGGERED, lifecycle.COMPLETING),
    priorityScore: random.fraction(),
    regimeAlignment: random.integer(0, 5) / 5,
    expectedValue: random.fraction(),
    detectedAtNs,
    waitingSinceNs: detectedAtNs,
    expiresAtNs: isExpired ? nowNs : nowNs + 300 * nsPerSecond,
    capitalRequiredMinor: random.integer(0, 100_000),
    lotCapitalMinor: 100,
  }
}

/** Doubles of the record of any of these decisions, at most. */
export function recordSizeOf(candidateCount) {
  return decisionRecordSize(types.length, 4, candidateCount)
}

/** The stamp of records: one object, as the arbitration stage keeps one. */
export function stampOf() {
  return { sequence: 0, weightsVersion: 1, stateVersion: 0, weights: defaultPolicy.weights, regime: 0 }
}

/**
 * One decision a call: decided, and its binary record sent into a ring that the same thread then empties. Not a second thread: on two
 * cores that others share it would measure who else runs. What it leaves out is the cache line of HEAD that goes to another core.
 *
 * @param afterwards What is done with each decision after its record was sent.
 */
export function decidingInto(ring, sets, candidateCount, afterwards = nothing) {
  const arbiter = new Arbiter(defaultPolicy, types, candidateCount)
  const producer = new FrameProducer(ring)
  const consumer = new FrameConsumer(ring)
  const stamp = stampOf()
  const size = recordSizeOf(candidateCount)
  const mask = sets.length - 1
  let at = 0
  return () => {
    at = (at + 1) & mask
    const { candidates, positions, account } = sets[at]
    const view = arbiter.decide(candidates, positions, account)
    stamp.sequence += 1
    const start = producer.claim(size)
    const length = writeDecisionRecord(producer.payload, start, view, candidates, positions, account, stamp)
    producer.commit(journalFrames.decision, length)
    const frame = consumer.tryReceive()
    consumer.release()
    afterwards(view, candidates)
    return frame.length
  }
}

function nothing() {}
