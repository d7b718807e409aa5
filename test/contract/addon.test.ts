/**
 * What JavaScript may do to the addon itself, below the region's own classes: end a thread while it loads, put setters where the addon
 * makes its objects, hand it pages of the wrong shape. Each in a process of its own where the whole process is at stake.
 */
import { expect, it } from 'vitest'
import { loadNative } from '../../src/region/backend/native.ts'
import { layout, page } from '../../src/region/layout.ts'
import { Region } from '../../src/region/region.ts'
import type { RegionSchema } from '../../src/region/schema.ts'
import { runNode } from '../support/run.ts'

const schema = {
  snapshots: [{ name: 'hot', head: [], fields: ['last'], rows: ['BTC'] }],
  events: { types: ['CASCADE'], fields: ['score'], capacity: 64 },
  positionsMax: 4,
  participantsMax: 8,
} satisfies RegionSchema
/** Where a process of its own finds the region's classes. */
const regionModule = new URL('../../dist/region/region.js', import.meta.url).href

/** The addon's path. Without the addon these tests fail: what is not there cannot be misused. */
function addonPath(): string {
  const { backend, attempts } = loadNative()
  if (backend === null) throw new Error(`the addon does not load: ${attempts.map(({ failure }) => failure).join('; ')}`)
  return backend.origin
}

const processTimeoutMs = 120_000

it(
  'addon: threads that are ended while they load it, at whatever instant, leave the process alone',
  async () => {
    // Each thread loads it again and again, so that most are ended within a load. The instants are drawn from a seed.
    const seed = Number(process.env.SIGNALBOX_SEED ?? 20_260_617)
    const script = `
      const { Worker } = require('node:worker_threads')
      const path = ${JSON.stringify(addonPath())}
      const code = \`
        const { parentPort, workerData } = require('node:worker_threads')
        parentPort.postMessage('loads')
        for (;;) {
          delete require.cache[workerData]
          require(workerData)
        }\`
      let state = ${seed}
      const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
      ;(async () => {
        for (let round = 0; round < 40; round += 1) {
          const worker = new Worker(code, { eval: true, workerData: path })
          await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
          const until = performance.now() + random() * 3
          while (performance.now() < until);
          await worker.terminate()
        }
        process.stdout.write('all ended')
      })()`
    const ended = await runNode(['-e', script])
    expect(ended, `SIGNALBOX_SEED=${seed}`).toEqual({ status: 0, output: 'all ended' })
  },
  processTimeoutMs,
)

it(
  'addon: setters that somebody put onto the prototypes see nothing of an attachment in the making, and every participant is given back',
  async () => {
    const script = `
      const { Region } = await import(${JSON.stringify(regionModule)})
      const schema = {
        snapshots: [{ name: 'hot', head: [], fields: ['last'], rows: ['BTC'] }],
        events: { types: ['CASCADE'], fields: ['score'], capacity: 64 },
        positionsMax: 4,
        participantsMax: 8,
      }
      const region = Region.create(schema, { backend: 'native' })
      const names = [...'close rings read publish participant eventGet ledgerRead participantFree layout'.split(' '), '0']
      let seen = 0
      let attached = 0
      const attach = () => {
        const { events, descriptor } = Region.attach(region.descriptor, { backend: 'native' })
        if (events.countLive() === 0 && descriptor === region.descriptor) attached += 1
      }
      for (const behave of [(value) => value?.(), () => { throw new Error('a setter') }]) {
        for (const name of names) {
          for (const prototype of [Object.prototype, Array.prototype]) {
            const set = (value) => { seen += 1; behave(value) }
            Object.defineProperty(prototype, name, { configurable: true, set })
            try {
              attach()
            } finally {
              delete prototype[name]
            }
            // Nobody keeps it: its functions give the participant back when they are collected.
            gc()
            await new Promise((resolve) => setImmediate(resolve))
            gc()
            await new Promise((resolve) => setImmediate(resolve))
          }
        }
      }
      const words = new BigUint64Array(region.descriptor.bytes)
      const taken = Array.from({ length: 8 }, (_, participant) => words[48 + 8 * participant]).filter((owner) => owner !== 0n)
      process.stdout.write(JSON.stringify({ seen, attached, taken: taken.length }))`
    const ended = await runNode(['--expose-gc', '--input-type=module', '-e', script])
    expect(ended).toEqual({ status: 0, output: JSON.stringify({ seen: 0, attached: 40, taken: 1 }) })
  },
  processTimeoutMs,
)

/** A region's bytes, and pages that are as big as they have to be. */
function parts() {
  const region = Region.create(schema, { backend: 'js' })
  region.close()
  const bytes = new Uint8Array(region.descriptor.bytes)
  const callPage = new Float64Array(new SharedArrayBuffer(8 * (page.rows + 64 * (4 + schema.events.fields.length))))
  const ringPage = new Float64Array(new SharedArrayBuffer(8 * (page.ringPayload + 2 * 8)))
  return { bytes, callPage, ringPage }
}

function taken(bytes: Uint8Array<SharedArrayBuffer>): number {
  const words = new BigUint64Array(bytes.buffer)
  const owners = Array.from({ length: schema.participantsMax }, (_, participant) => {
    return words[layout.headerWords + participant * layout.participantWords + layout.participantOwner]
  })
  return owners.filter((owner) => owner !== 0n).length
}

it('addon: pages that are misaligned, too small, missing or not shared are refused, and no participant stays taken', () => {
  const { backend } = loadNative()
  if (backend === null) throw new Error('the addon does not load')
  const { bytes, callPage, ringPage } = parts()
  const shifted = (of: Float64Array): unknown =>
    new Uint8Array(new SharedArrayBuffer(of.byteLength + 8), 1, of.byteLength)
  const small = new Float64Array(new SharedArrayBuffer(8 * page.rows))
  const refused: readonly [unknown, unknown][] = [
    [shifted(callPage), [ringPage]],
    [callPage, [shifted(ringPage)]],
    [small, [ringPage]],
    [callPage, [new Float64Array(new SharedArrayBuffer(8))]],
    [callPage, []],
    [callPage, [new Float64Array(ringPage.length)]],
  ]
  for (const [call, rings] of refused) {
    const attach = (): unknown => backend.attach(bytes, call as typeof callPage, rings as (typeof ringPage)[], 1)
    expect(attach).toThrow(expect.objectContaining({ name: 'SignalboxError', code: 'ERR_INVALID_ARGUMENT' }))
    expect(taken(bytes)).toBe(0)
  }
  const fails = (): unknown =>
    backend.attach(
      bytes,
      callPage,
      {
        get 0(): never {
          throw new RangeError('a getter')
        },
      } as never,
      1,
    )
  expect(fails).toThrow(RangeError)
  expect(taken(bytes)).toBe(0)
  const attachment = backend.attach(bytes, callPage, [ringPage], 1)
  expect(taken(bytes)).toBe(1)
  attachment.close()
  expect(taken(bytes)).toBe(0)
})

it('addon: what a page may hold that is no type index is refused', () => {
  const { backend } = loadNative()
  if (backend === null) throw new Error('the addon does not load')
  const { bytes, callPage, ringPage } = parts()
  const attachment = backend.attach(bytes, callPage, [ringPage], 1)
  for (const wrong of [Number.NaN, 1, 64, 1e300, Number.POSITIVE_INFINITY]) {
    callPage[page.type] = wrong
    expect(() => attachment.eventScan()).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
  }
  callPage[page.type] = -1
  attachment.eventScan()
  expect(callPage[page.count]).toBe(0)
  attachment.close()
  expect(() => attachment.eventScan()).toThrow(expect.objectContaining({ name: 'SignalboxError', code: 'ERR_CLOSED' }))
})
