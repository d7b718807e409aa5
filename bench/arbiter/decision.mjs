/** The latency of one decision with its binary record, on 3 and on 100 candidates. */
import { createFrameRing } from '../../dist/channel/frame-ring.js'
import { p50AtMost, tailAtMost } from '../bars.mjs'
import { batched, measured, openLooped, sampleInOrder } from '../sampler.mjs'
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
  // An open loop runs at the rate that it is offered.
  return [isShort ? row : { ...row, throughput_per_s: null }]
}
