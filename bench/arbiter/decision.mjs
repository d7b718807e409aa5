/** The latency of one decision with its binary record, on 3 and on 100 candidates. */
import { createFrameRing } from '../../dist/channel/frame-ring.js'
import { p50AtMost, tailAtMost } from '../bars.mjs'
import { batched, measured, openLooped, p50Of, sampleInOrder } from '../sampler.mjs'
import { decidingInto, drawSets } from './decisions.mjs'

const ringDoubles = 2 ** 16
/** 20,000 decisions a second offered: more than any market makes. */
const intervalNs = 50_000

export function measure(candidateCount, isQuick) {
  const decide = decidingInto(createFrameRing(ringDoubles), drawSets(candidateCount), candidateCount)
  const isShort = candidateCount <= 8
  const target = isShort ? batched(decide, { isQuick }) : openLooped(decide, { isQuick, intervalNs })
  sampleInOrder([target], isQuick)
  const bars = [p50AtMost(isShort ? 1_000 : 12_000), tailAtMost(4)]
  const row = measured(`decision and record, ${candidateCount} candidates`, target, { bars })
  if (isShort) return [row]
  // What the machine itself takes away: an equally long call that only adds, in the same open loop.
  const control = openLooped(addingFor(p50Of(target)), { isQuick, intervalNs })
  sampleInOrder([control], isQuick)
  // An open loop runs at the rate that it is offered.
  return [row, measured('adding numbers for as long, the same loop', control)].map((one) => ({
    ...one,
    throughput_per_s: null,
  }))
}

/** A call that takes about so many nanoseconds, in a cache line or two. */
function addingFor(wantedNs) {
  const numbers = Float64Array.from({ length: 64 }, (_, at) => at)
  const addRounds = (rounds) => {
    let sum = 0
    for (let round = 0; round < rounds; round++) for (let at = 0; at < numbers.length; at++) sum += numbers[at] * round
    return sum
  }
  const rounds = 1_000
  let least = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < 200; attempt++) {
    const began = performance.now()
    addRounds(rounds)
    least = Math.min(least, performance.now() - began)
  }
  const wanted = Math.round((rounds * wantedNs) / (least * 1e6))
  return () => addRounds(wanted)
}
