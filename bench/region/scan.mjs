/**
 * A scan of 100 live events of 4,096, while nobody writes: into the call page's buffer (what the bar is about), and through
 * `EventRegistry.scan`, which calls a function for each.
 */
import { threadId } from 'node:worker_threads'
import { eventRecordFields } from '../../dist/domain/event-record.js'
import { loadNative } from '../../dist/region/backend/native.js'
import { page } from '../../dist/region/layout.js'
import { p50AtMost } from '../bars.mjs'
import { batched, measured, sampleInTurns } from '../sampler.mjs'
import { createRegion, registerMany } from './regions.mjs'

const rowWords = 4 + eventRecordFields.length

export function measure(live, isQuick) {
  const region = createRegion()
  registerMany(region, live)
  const { events } = region
  const buffer = new Float64Array(new SharedArrayBuffer((page.rows + events.capacity * rowWords) * 8))
  const bytes = new Uint8Array(region.descriptor.bytes)
  const attachment = loadNative().backend.attach(bytes, buffer, [], threadId + 1)
  buffer[page.type] = -1
  const { eventScan } = attachment
  const into = batched(
    () => {
      eventScan()
      return buffer[page.count]
    },
    { isQuick, calls: 200 },
  )
  let sum = 0
  const visit = (event) => {
    sum += event.record[0]
  }
  const visiting = batched(() => events.scan(-1, visit) + sum * 0, { isQuick, calls: 200 })
  sampleInTurns([into, visiting], isQuick)
  if (buffer[page.count] !== live) throw new Error(`the scan found ${buffer[page.count]} of ${live}`)
  return [
    measured(`scan of ${live} live of 4,096, into a buffer`, into, { bars: [p50AtMost(600)] }),
    measured(`scan of ${live} live of 4,096, a function for each`, visiting),
  ]
}
