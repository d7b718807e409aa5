import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrameRing, FrameConsumer, FrameProducer, payloadMax } from '../../../src/channel/frame-ring.ts'

function ends(doubles = 1_024): { producer: FrameProducer; consumer: FrameConsumer } {
  const memory = createFrameRing(doubles)
  return { producer: new FrameProducer(memory), consumer: new FrameConsumer(memory) }
}

function send(producer: FrameProducer, kind: number, values: readonly number[]): boolean {
  const start = producer.tryClaim(values.length)
  if (start < 0) return false
  for (const [index, value] of values.entries()) producer.payload[start + index] = value
  producer.commit(kind, values.length)
  return true
}

function receive(consumer: FrameConsumer): { kind: number; values: number[] } | null {
  const frame = consumer.tryReceive()
  if (frame === null) return null
  return { kind: frame.kind, values: [...consumer.payload.subarray(frame.start, frame.start + frame.length)] }
}

describe('frame ring', () => {
  it('hands out frames as they were sent, in order, and null when there is none', () => {
    const { producer, consumer } = ends()
    expect(receive(consumer)).toBeNull()
    send(producer, 1, [1.5, Number.NaN, -0])
    send(producer, 255, [])
    expect(receive(consumer)).toEqual({ kind: 1, values: [1.5, Number.NaN, -0] })
    expect(receive(consumer)).toEqual({ kind: 255, values: [] })
    expect(receive(consumer)).toBeNull()
  })

  it('refuses a frame that has no room, and takes it when the consumer has released', () => {
    const { producer, consumer } = ends()
    const frame = Array.from({ length: 255 }, (_, index) => index)
    for (let sent = 0; sent < 4; sent += 1) expect(send(producer, 2, frame)).toBe(true)
    expect(producer.wasUsed).toBe(1_024)
    expect(send(producer, 2, [])).toBe(false)
    expect(receive(consumer)!.values).toEqual(frame)
    // Received is not released: the consumer may still read it.
    expect(send(producer, 2, [])).toBe(false)
    consumer.release()
    expect(send(producer, 3, [7])).toBe(true)
  })

  it('sends nothing that was claimed and not committed', () => {
    const { producer, consumer } = ends()
    producer.payload[producer.tryClaim(2)] = 9
    expect(receive(consumer)).toBeNull()
    send(producer, 1, [1])
    expect(receive(consumer)).toEqual({ kind: 1, values: [1] })
  })

  it('after close: what was sent is received, then comes the end; a claim throws', () => {
    const { producer, consumer } = ends()
    send(producer, 1, [1])
    producer.close()
    expect(consumer.wait(0)).toBe(true)
    expect(receive(consumer)).toEqual({ kind: 1, values: [1] })
    expect(consumer.wait(0)).toBe(false)
    expect(() => producer.tryClaim(1)).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
  })

  it('refuses sizes, lengths and kinds outside their ranges', () => {
    for (const doubles of [0, 1_000, 512, 2 ** 28, Number.NaN]) {
      expect(() => createFrameRing(doubles)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
    }
    const memory = createFrameRing(1_024)
    const producer = new FrameProducer(memory)
    expect(() => producer.tryClaim(payloadMax(memory) + 1)).toThrow(/length must be/)
    producer.tryClaim(1)
    for (const kind of [0, 256, 1.5]) expect(() => producer.commit(kind, 1)).toThrow(/kind must be/)
  })

  it('is a bounded queue, whatever the lengths, also where positions pass 2^31 and 2^32', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ length: fc.integer({ min: 0, max: 256 }), receives: fc.integer({ min: 0, max: 3 }) }), {
          minLength: 50,
          maxLength: 300,
        }),
        fc.constantFrom(0, 2 ** 31 - 600, 2 ** 32 - 600),
        (steps, begin) => {
          const memory = createFrameRing(1_024)
          const control = new Int32Array(memory, 0, 64)
          control[0] = begin | 0
          control[16] = begin | 0
          const producer = new FrameProducer(memory)
          const consumer = new FrameConsumer(memory)
          const model: { kind: number; values: number[] }[] = []
          let next = 0
          for (const { length, receives } of steps) {
            const values = Array.from({ length }, () => (next += 1))
            const kind = 1 + (next % 255)
            if (send(producer, kind, values)) model.push({ kind, values })
            else expect(model.length).toBeGreaterThan(0)
            for (let index = 0; index < receives; index += 1) expect(receive(consumer)).toEqual(model.shift() ?? null)
            consumer.release()
          }
          while (model.length > 0) expect(receive(consumer)).toEqual(model.shift())
        },
      ),
    )
  })
})
