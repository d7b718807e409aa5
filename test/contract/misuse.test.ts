/**
 * Misuse of a region from JavaScript: each is an error with a code or a plain refusal, changes no byte, and leads nowhere out of the
 * memory. `test/native/addon-sanitizer.test.ts` runs this suite, and the contract's, over an addon built with AddressSanitizer, and
 * `test/native/addon-arm64.test.ts` over the one for arm64.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { SignalboxError } from '../../src/base/errors.ts'
import { Region } from '../../src/region/region.ts'
import { expectRefused, hot, limits, regionsOn, schema } from '../support/small-region.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What is no number in any of the ranges; all of them at run time only. */
const noNumbers: readonly unknown[] = [
  ...[Number.NaN, -0, -1, 0.5, 2 ** 53, -(2 ** 53), 1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ...[undefined, null, '1', '', true, 1n, Symbol('1'), {}, [], [1], () => 1, new Float64Array(1), { valueOf: () => 1 }],
]
const noIds: readonly unknown[] = [
  ...[
    '',
    'x'.repeat(64),
    'é'.repeat(32),
    `${'é'.repeat(31)}ab`,
    '\ud800',
    'a\udc00b',
    '\udc00\ud800',
    'x'.repeat(1 << 20),
  ],
  ...[undefined, null, 7, true, 1n, Symbol('id'), {}, [], new String('id'), { toString: () => 'id' }],
]

describe.each(['native', 'js'] as const)('misuse on %s', (backend) => {
  const { made } = regionsOn(backend)

  it('misuse: whatever is no number in its range is refused, and no byte is changed', () => {
    const region = made()
    const { events, reservations } = region
    const live = events.register('live', 0, 0)
    if (!live.ok) throw new Error(live.refusal)
    const { handle } = live
    const request = { handle, capitalMinor: 1, leaseUntilNs: 1 }
    for (const bad of noNumbers as readonly number[]) {
      expectRefused(region, () => events.register('x', bad, 0))
      expectRefused(region, () => events.register('x', 0, bad))
      expectRefused(region, () => events.transition(handle, bad))
      expectRefused(region, () => events.get(bad))
      expectRefused(region, () => events.idOf(bad))
      expectRefused(region, () => events.retire(bad))
      expectRefused(region, () => events.transition(bad, 1))
      expectRefused(region, () => reservations.reserve({ ...request, handle: bad }))
      expectRefused(region, () => reservations.reserve({ ...request, capitalMinor: bad }))
      expectRefused(region, () => reservations.reserve({ ...request, leaseUntilNs: bad }))
      expectRefused(region, () => reservations.reserveAll([request, { ...request, capitalMinor: bad }]))
      if (bad !== undefined) expectRefused(region, () => reservations.reserveAll([request], bad))
      expectRefused(region, () => reservations.setLimits({ ...limits, maxOpenPositions: bad }))
      expectRefused(region, () => reservations.setLimits({ ...limits, maxPositionsPerSymbol: bad }))
      for (const call of [reservations.submit, reservations.open, reservations.close, reservations.release]) {
        expectRefused(region, () => call.call(reservations, bad))
      }
      expectRefused(region, () => reservations.recover(bad))
      if (bad !== -1) expectRefused(region, () => events.scan(bad, () => undefined))
    }
    expectRefused(region, () => reservations.reserveAll([]))
    expectRefused(region, () => reservations.reserveAll(new Array(5).fill(request)))
    expect(events.get(handle)).toBe(true)
  })

  it('misuse: what is no id of 1 to 63 bytes of UTF-8 is refused, and no byte is changed', () => {
    const region = made()
    for (const bad of noIds as readonly string[]) {
      expectRefused(region, () => region.events.register(bad, 0, 0))
      expectRefused(region, () => region.events.getById(bad))
    }
    for (const good of ['x', 'x'.repeat(63), `${'é'.repeat(31)}a`, '\u0000']) {
      expect(region.events.register(good, 0, 0)).toMatchObject({ ok: true })
      expect(region.events.getById(good)).toBe(true)
    }
  })

  it('misuse: a handle, a token and a reader of another region lead to nothing of this one', () => {
    const [here, there] = [made(), made()]
    for (let index = 0; index < 5; index += 1) there.events.register(`there ${index}`, 0, 0)
    const foreign = there.events.register('foreign', 1, 1)
    if (!foreign.ok) throw new Error(foreign.refusal)
    expect(here.events.get(foreign.handle)).toBe(false)
    expect(here.events.idOf(foreign.handle)).toBe(null)
    expect(here.events.retire(foreign.handle)).toBe(false)
    expect(here.events.transition(foreign.handle, 1)).toEqual({ ok: false, refusal: 'GONE' })
    const request = { handle: foreign.handle, capitalMinor: 1, leaseUntilNs: 1 }
    expect(here.reservations.reserve(request)).toEqual({ ok: false, refusal: 'EVENT_CLAIMED' })
    const reserved = there.reservations.reserve(request)
    if (!reserved.ok) throw new Error(reserved.refusal)
    for (const step of ['submit', 'open', 'close', 'release'] as const) {
      expect(here.reservations[step](reserved.token)).toEqual({ ok: false, refusal: 'STALE_TOKEN' })
    }
    const other = { ...hot, name: 'other' }
    expectRefused(here, () => here.reader(other))
    expectRefused(here, () => here.claimWriter(other))
  })

  it('misuse: bytes that are detached, transferred, copied, cut or not shared are no region', () => {
    const region = made()
    const { bytes } = region.descriptor
    // Shared memory can be neither transferred nor detached: the platform refuses, and the region works on.
    expect(() => structuredClone(bytes, { transfer: [bytes as unknown as ArrayBuffer] })).toThrow()
    const copied = new ArrayBuffer(bytes.byteLength)
    new Uint8Array(copied).set(new Uint8Array(bytes))
    const moved = structuredClone(copied, { transfer: [copied] })
    for (const wrong of [
      copied,
      moved,
      bytes.slice(0, 4_096),
      new SharedArrayBuffer(0),
      new SharedArrayBuffer(1 << 16),
      null,
      {},
      7,
    ]) {
      let thrown: unknown
      try {
        Region.attach({ bytes: wrong as unknown as SharedArrayBuffer, schema }, { backend })
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(SignalboxError)
      expect(['ERR_FOREIGN_REGION', 'ERR_INVALID_ARGUMENT']).toContain((thrown as SignalboxError).code)
    }
    expect(region.events.register('still there', 0, 0)).toMatchObject({ ok: true })
  })

  it('misuse: after close every call is an error, also of what was kept of the region', () => {
    const region = made()
    const { events, reservations } = region
    const reader = region.reader(hot)
    const writer = region.claimWriter(hot)
    const kept = events.register('kept', 0, 0)
    if (!kept.ok) throw new Error(kept.refusal)
    region.close()
    const request = { handle: kept.handle, capitalMinor: 1, leaseUntilNs: 1 }
    const calls = [
      () => events.register('x', 0, 0),
      () => events.getById('kept'),
      () => events.get(kept.handle),
      () => events.idOf(kept.handle),
      () => events.transition(kept.handle, 1),
      () => events.retire(kept.handle),
      () => events.scan(-1, () => undefined),
      () => events.countLive(),
      () => reservations.reserve(request),
      () => reservations.reserveAll([request]),
      () => reservations.submit(1),
      () => reservations.open(1),
      () => reservations.close(1),
      () => reservations.release(1),
      () => reservations.recover(1),
      () => reservations.setLimits(limits),
      () => reservations.account(),
      () => reservations.scan(() => undefined),
      () => reader.read(),
      () => writer.publish(),
      () => region.reader(hot),
      () => region.claimWriter(hot),
    ]
    for (const call of calls) expectRefused(region, call, 'ERR_CLOSED')
  })

  it('misuse: getters of arguments that call the region change nothing of what was asked', () => {
    const region = made()
    const { events, reservations } = region
    const handles = [0, 1, 2, 3].map((index) => {
      const registered = events.register(`event ${index}`, 0, index)
      return registered.ok ? registered.handle : 0
    })
    const [one, two, three] = handles as [number, number, number, number]
    const request = (handle: number) => ({ handle, capitalMinor: 100, leaseUntilNs: 1 })
    const meddling = {
      ...request(two),
      get handle() {
        reservations.reserve({ ...request(three), capitalMinor: 700 })
        events.scan(-1, () => undefined)
        return two
      },
    }
    expect(reservations.reserveAll([request(one), meddling])).toMatchObject({ ok: true })
    expect(reservations.positions().map(({ handle, capitalMinor }) => [handle, capitalMinor])).toEqual([
      [three, 700],
      [one, 100],
      [two, 100],
    ])
    const limits = { capitalMinor: 2_000, maxOpenPositions: 4, maxPositionsPerSymbol: 4, interlock: null }
    reservations.setLimits({
      ...limits,
      get pots() {
        events.scan(-1, () => undefined)
        return null
      },
    })
    expect(reservations.capitalMinor()).toBe(2_000)
    const closing = {
      ...request(handles[3]!),
      get capitalMinor() {
        region.close()
        return 1
      },
    }
    expect(() => reservations.reserve(closing)).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
    const textless = { toString: () => events.register('never', 0, 0) } as unknown as string
    expect(() => made().events.register(textless, 0, 0)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }),
    )
  })

  it('misuse: a region that is closed within its own scan ends the scan’s calls with ERR_CLOSED', () => {
    const region = made()
    for (let index = 0; index < 5; index += 1) region.events.register(`e${index}`, 0, 0)
    expect(() =>
      region.events.scan(-1, ({ handle }) => {
        region.close()
        region.events.retire(handle)
      }),
    ).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
  })

  it('misuse: what is kept of a region outlives the region’s object, whatever is collected', () => {
    const kept = (() => {
      const region = Region.create(schema, { backend })
      const { events, reservations } = region
      const reader = region.reader(hot)
      const writer = region.claimWriter(hot)
      return { events, reservations, reader, writer }
    })()
    for (let round = 0; round < 20; round += 1) {
      collectGarbage()
      kept.writer.rows[0]![0] = round
      kept.writer.publish()
      expect(kept.reader.read()).toBe(round + 1)
      const registered = kept.events.register(`round ${round}`, 0, 0)
      expect(registered.ok && kept.events.retire(registered.handle)).toBe(true)
      expect(kept.reservations.account().positions).toEqual([])
    }
  })

  it('misuse: regions that are dropped without a close give their memory back', async () => {
    const big = { ...schema, events: { ...schema.events, capacity: 4_096 } }
    const drop = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) Region.create(big, { backend }).events.register('x', 0, 0)
      // The addon lets go of the bytes when its functions were collected and the event loop has come round; then they are free.
      collectGarbage()
      await new Promise((resolve) => setImmediate(resolve))
      collectGarbage()
    }
    await drop(20)
    const before = process.memoryUsage().arrayBuffers
    for (let round = 0; round < 5; round += 1) await drop(20)
    // A hundred regions of more than a megabyte; what is left are at most the last ones.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * 1024 * 1024)
  })

  it('misuse: a worker that ends in the midst of its calls leaves the region to the others', async () => {
    const region = made()
    for (let round = 0; round < 5; round += 1) {
      const code = `
        const { workerData } = require('node:worker_threads')
        import(workerData.module).then(({ Region }) => {
          const { events, reservations } = Region.attach(workerData.descriptor, { backend: workerData.backend })
          for (let index = 0; ; index += 1) {
            const { handle } = events.register('worker ' + index, 0, 0)
            const reserved = reservations.reserve({ handle, capitalMinor: 1, leaseUntilNs: 1 })
            if (reserved.ok) reservations.release(reserved.token)
            events.retire(handle)
            if (index === 100) require('node:worker_threads').parentPort.postMessage('busy')
          }
        })`
      const module = new URL('../../dist/region/region.js', import.meta.url).href
      const worker = new Worker(code, { eval: true, workerData: { descriptor: region.descriptor, backend, module } })
      region.watchWorker(worker)
      await new Promise((resolve) => worker.once('message', resolve))
      await worker.terminate()
    }
    region.reservations.recover(Number.MAX_SAFE_INTEGER)
    expect(region.reservations.account()).toEqual({ capitalMinor: 1_000, positions: [] })
    const left: number[] = []
    region.events.scan(-1, ({ handle }) => left.push(handle))
    for (const handle of left) expect(region.events.retire(handle)).toBe(true)
    for (let index = 0; index < 64; index += 1) {
      expect(region.events.register(`all ${index}`, 0, 0)).toMatchObject({ ok: true })
    }
  })
})
