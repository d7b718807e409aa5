/** What an eventcount promises, seen from one thread. */
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { Broadcast, type BroadcastDescriptor } from '../../src/channel/broadcast.ts'

const invalid = (field: string) => expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field })

describe('broadcast contract', () => {
  it('each announcement changes the count; a wait for another than the present returns it at once', async () => {
    const broadcast = Broadcast.create()
    const seen = broadcast.now()
    expect(broadcast.wait(seen, 0)).toBe(seen)
    broadcast.announce()
    const next = broadcast.now()
    expect(next).not.toBe(seen)
    expect(broadcast.wait(seen)).toBe(next)
    expect(await broadcast.waitAsync(seen)).toBe(next)
  })

  it('a wait whose time is over returns what was seen, and nobody is counted as waiting any more', async () => {
    const broadcast = Broadcast.create()
    const words = new Int32Array(broadcast.descriptor.memory)
    const seen = broadcast.now()
    expect(broadcast.wait(seen, 2)).toBe(seen)
    expect(await broadcast.waitAsync(seen, 2)).toBe(seen)
    expect(words[16]).toBe(0)
  })

  it('any number of waits on event loops end with one announcement, by whichever attachment', async () => {
    const broadcast = Broadcast.create()
    const { port1, port2 } = new MessageChannel()
    port1.postMessage(broadcast.descriptor)
    const { message } = receiveMessageOnPort(port2) as { readonly message: BroadcastDescriptor }
    port1.close()
    const other = Broadcast.attach(message)
    const seen = broadcast.now()
    const waits = [broadcast.waitAsync(seen), other.waitAsync(seen), broadcast.waitAsync(seen)]
    expect(new Int32Array(message.memory)[16]).toBe(3)
    other.announce()
    const now = broadcast.now()
    expect(await Promise.all(waits)).toEqual([now, now, now])
    expect(new Int32Array(message.memory)[16]).toBe(0)
  })

  it('counts may pass 2^31', () => {
    const broadcast = Broadcast.create()
    new Int32Array(broadcast.descriptor.memory)[0] = 2 ** 31 - 1
    const seen = broadcast.now()
    broadcast.announce()
    expect(broadcast.wait(seen)).toBe(-(2 ** 31))
    expect(broadcast.wait(-(2 ** 31), 0)).toBe(-(2 ** 31))
  })

  it('misuse: a count or a time that is none, memory of something else', async () => {
    const broadcast = Broadcast.create()
    for (const seen of [0.5, Number.NaN, 2 ** 31]) {
      expect(() => broadcast.wait(seen, 0)).toThrow(invalid('seen'))
      await expect(broadcast.waitAsync(seen, 0)).rejects.toThrow(invalid('seen'))
    }
    for (const time of [-1, Number.NaN]) expect(() => broadcast.wait(0, time)).toThrow(invalid('timeoutMs'))
    for (const memory of [new SharedArrayBuffer(64), new ArrayBuffer(128) as unknown as SharedArrayBuffer]) {
      expect(() => Broadcast.attach({ memory })).toThrow(invalid('memory'))
    }
  })
})
