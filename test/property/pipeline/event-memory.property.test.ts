/** An event that crosses again is the same object, and one that is another in anything is another. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Codec } from '../../../src/channel/codec.ts'
import type { MarketEvent } from '../../../src/domain/event.ts'
import type { EventChange, PositionSettled } from '../../../src/domain/message.ts'
import { type WireBox, wireCodec } from '../../../src/pipeline/wire-codec.ts'
import { WireSlot } from '../../../src/pipeline/wire-slot.ts'
import { anyNumber, events, names, positionsMax, settlements } from './wire-messages.ts'

const seed = 20_261_126

function carry<Message extends WireBox['message']>(codec: Codec<WireBox>, message: Message): Message {
  const values = new Float64Array(new SharedArrayBuffer(8 * codec.size))
  const box = codec.create()
  codec.write({ message }, values, 0)
  codec.read(values, 0, box)
  return box.message as Message
}

function changeOf(event: MarketEvent): EventChange {
  return { kind: 'event', event, handle: 1, state: 'ACTIVE', atNs: 2, cause: 'detector', evidence: event.evidence }
}

/** Few ids, so that most are met again, and each event is another in one of its fields. */
const variations = fc
  .tuple(
    fc.array(events, { minLength: 1, maxLength: 3 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(), anyNumber), { minLength: 2, maxLength: 30 }),
  )
  .map(([bases, steps]) => steps.map(([base, field, value]) => varied(bases[base % bases.length]!, field, value)))

const numbers = [
  ...['detectedAtNs', 'waitingSinceNs', 'expiresAtNs', 'priorityScore', 'regimeAlignment', 'rewardRisk', 'winRate'],
  ...['expectedValue', 'capitalRequiredMinor', 'referenceTicks', 'targetTicks', 'stopTicks'],
] as const

/** The event with one thing that is another; or as it is. */
function varied(event: MarketEvent, field: number, value: number): MarketEvent {
  const at = field % (numbers.length + 7)
  const { evidence } = event
  if (at < numbers.length) return { ...event, [numbers[at]!]: value }
  const others = [
    { typeIndex: 0, eventType: names.types[0]! },
    { symbolIndex: 1, symbol: names.symbols[1]! },
    { side: event.side === 'long' ? ('short' as const) : ('long' as const) },
    { evidence: { ...evidence, added: value } },
    { evidence: Object.fromEntries(Object.entries(evidence).map(([name]) => [name, value])) },
    { evidence: Object.fromEntries(Object.entries(evidence).slice(1)) },
  ]
  return { ...event, ...others[at - numbers.length] }
}

/** @throws what is wrong. */
function checkAll(): void {
  fc.assert(
    fc.property(variations, (sent) => {
      const codec = wireCodec(names, positionsMax)
      const got = sent.map((event) => carry(codec, changeOf(event)).event)
      // Behind all of them: what was given stays what it was.
      for (const [index, event] of sent.entries()) {
        if (!isDeepStrictEqual(got[index], event)) expect(got[index]).toStrictEqual(event)
      }
    }),
    { seed, numRuns: 400, endOnFailure: true },
  )
}

afterEach(() => vi.restoreAllMocks())

describe('event memory', () => {
  test('event memory: of events with few ids each comes back as it was sent', () => checkAll())

  test('event memory: what crosses unchanged is the same object, of changes with its evidence, of grants without', () => {
    const settled = fc.sample(settlements, { seed, numRuns: 1 })[0] as PositionSettled
    const { grant } = settled.position
    const event = { ...grant.member.event, eventId: 'cascade_BTC_17' }
    const codec = wireCodec(names, positionsMax)
    const held = {
      ...settled,
      position: { ...settled.position, grant: { ...grant, member: { ...grant.member, event } } },
    }
    const changed = [0, 1].map(() => carry(codec, changeOf(event)).event)
    const granted = [0, 1].map(() => carry(codec, held).position.grant.member.event)
    expect(changed[1]).toBe(changed[0])
    expect(granted[1]).toBe(granted[0])
    expect(granted[0]!.evidence).toEqual({})
    expect(changed[0]!.evidence).toStrictEqual(event.evidence)
  })

  test('event memory: more events than it remembers are right all the same', () => {
    const [base] = fc.sample(events, { seed, numRuns: 1 }) as [MarketEvent]
    const codec = wireCodec(names, positionsMax)
    const many = Array.from({ length: 2_000 }, (_, index) => ({ ...base, eventId: `e${index % 700}`, winRate: index }))
    for (const event of many) expect(carry(codec, changeOf(event)).event).toStrictEqual(event)
  })

  test('event memory: canary: one that does not compare the numbers is found, and one that does not compare names', () => {
    vi.spyOn(WireSlot.prototype, 'isNext').mockReturnValue(true)
    expect(checkAll).toThrow()
    vi.restoreAllMocks()
    vi.spyOn(Object, 'is').mockReturnValue(true)
    expect(checkAll).toThrow()
  })
})
