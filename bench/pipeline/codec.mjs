/** What a codec costs: one record of 128 bytes written into shared memory and read out of it again, in one thread. */
import { batched, measured, p50Of, sampleInTurns } from '../sampler.mjs'
import { byHand, fields, numbers, recordOf } from './records.mjs'

export function measure(_, isQuick) {
  const hand = batched(crossing(byHand), { isQuick })
  const generic = batched(crossing(numbers), { isQuick })
  sampleInTurns([hand, generic], isQuick)
  const floor = { name: 'the same by hand', value: p50Of(hand) }
  return [
    measured('codec by hand, 16 numbers, write + read', hand),
    measured('numbersCodec, 16 numbers, write + read', generic, { floor }),
  ]
}

/** A codec's two functions, over and over. */
function crossing(codec) {
  const values = new Float64Array(new SharedArrayBuffer(fields.length * Float64Array.BYTES_PER_ELEMENT))
  const record = recordOf(0)
  const into = codec.create()
  return () => {
    record.sequence += 1
    record.score = record.sequence
    codec.write(record, values, 0)
    codec.read(values, 0, into)
    return into.score
  }
}
