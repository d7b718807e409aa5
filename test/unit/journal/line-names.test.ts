import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arbitrationIdOf } from '../../../src/domain/decision.ts'
import { LineBytes, type Token } from '../../../src/journal/line-bytes.ts'
import { LineNames } from '../../../src/journal/line-names.ts'

const run = { types: ['CASCADE', 'É"'], symbols: ['BTC', 'k\\B'], epochNs: 1_737_442_838_123_456_789n }

function textOf(bytes: Token): string {
  return Buffer.from(bytes).toString()
}

function written(write: (line: LineBytes) => void): string {
  const line = new LineBytes()
  write(line)
  return line.toString()
}

describe('line names', () => {
  test('line names: any id, type and symbol is written so that it is read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (eventId) => {
        const names = new LineNames(run)
        names.nameEvent(7, eventId)
        expect(JSON.parse(textOf(names.eventId(7)))).toBe(eventId)
        const head = JSON.parse(`${textOf(names.eventHead(7, 1, 1))}}`)
        expect(head).toEqual({ event_id: eventId, event_type: 'É"', symbol: 'k\\B' })
      }),
    )
  })

  test('line names: an event that was never named, or forgotten among newer ones, has an empty id', () => {
    const names = new LineNames(run, 2)
    for (const handle of [1, 2, 3]) names.nameEvent(handle, `e${handle}`)
    expect([0, 1, 2, 3].map((handle) => textOf(names.eventId(handle)))).toEqual(['""', '""', '"e2"', '"e3"'])
    expect(textOf(names.eventHead(1, 0, 0))).toBe('{"event_id":"","event_type":"CASCADE","symbol":"BTC"')
    expect(textOf(names.eventHead(3, 0, 0))).toBe('{"event_id":"e3","event_type":"CASCADE","symbol":"BTC"')
  })

  test('line names: a handle that is used again has the name of its new event', () => {
    const names = new LineNames(run)
    names.nameEvent(1, 'old')
    expect(textOf(names.eventHead(1, 0, 0))).toContain('"old"')
    names.nameEvent(1, 'new')
    expect(textOf(names.eventHead(1, 1, 0))).toContain('"new","event_type":"É\\""')
  })

  test('line names: times and arbitration ids are those of the exact nanosecond, on both sides of the epoch', () => {
    const names = new LineNames(run)
    fc.assert(
      fc.property(fc.integer({ min: -1e15, max: 1e15 }), fc.integer({ min: 1, max: 2_000_000 }), (atNs, sequence) => {
        const unixNs = run.epochNs + BigInt(atNs)
        expect(written((line) => names.writeTime(line, atNs))).toBe(String(unixNs))
        expect(written((line) => names.writeArbitrationId(line, atNs, sequence))).toBe(
          arbitrationIdOf(unixNs, sequence),
        )
      }),
      { numRuns: 5_000 },
    )
  })
})
