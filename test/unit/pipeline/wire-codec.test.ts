/** The wire codec through a channel, both ends on one thread. */
import { expect, test } from 'vitest'
import { Channel } from '../../../src/channel/channel.ts'
import { clearRecord, createMarketRecord, recordKinds } from '../../../src/domain/market.ts'
import type { StateUpdate } from '../../../src/domain/message.ts'
import { type WireMessage, wireCodec } from '../../../src/pipeline/wire-codec.ts'

const names = { types: ['CASCADE'], symbols: ['BTC', 'ETH'] }

function tradeAt(atNs: number, priceTicks: number): WireMessage {
  const record = createMarketRecord()
  clearRecord(record, recordKinds.trade, 1, atNs)
  record.priceTicks = priceTicks
  record.quantityLots = 3
  record.aggressor = -1
  return record
}

test.each([1, 2])('wire codec: a channel of %i senders hands out messages as they were sent', (senders) => {
  const channel = Channel.create({ name: 'wire', whenFull: 'refuse', capacity: 8, senders }, wireCodec(names, 4))
  const sender = channel.sender(wireCodec(names, 4))
  const receiver = channel.receiver(wireCodec(names, 4))
  const batch = receiver.batch(8)
  const update: StateUpdate = { kind: 'state', symbolIndex: 1, atNs: 2, stateVersion: 9 }
  const sent: readonly WireMessage[] = [
    tradeAt(1, 100),
    update,
    { kind: 'transition', eventId: 'é_1', symbolIndex: 0, to: 'ACTIVE', atNs: 3, evidence: { moved: -0 } },
    tradeAt(4, 101),
    { kind: 'recovered', count: 2 },
  ]
  for (let lap = 0; lap < 5; lap += 1) {
    for (const message of sent) expect(sender.send({ message })).toBe(true)
    expect(receiver.receive(batch)).toBe(sent.length)
    expect(batch.slice(0, sent.length).map(({ message }) => message)).toStrictEqual(sent)
  }
})

test('wire codec: a message that is refused was not sent, and those around it are', () => {
  const channel = Channel.create({ name: 'wire', whenFull: 'refuse', capacity: 8 }, wireCodec(names, 4))
  const sender = channel.sender(wireCodec(names, 4))
  const receiver = channel.receiver(wireCodec(names, 4))
  const before: WireMessage = { kind: 'declined', handle: 7, eventId: 'a', atNs: 1, reason: 'no lot' }
  const after: WireMessage = { ...before, eventId: 'b', reason: '' }
  sender.send({ message: before })
  expect(() => sender.send({ message: { ...before, eventId: 'x'.repeat(64) } })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field: 'eventId' }),
  )
  sender.send({ message: after })
  expect(channel.counters.sent).toBe(2)
  const batch = receiver.batch(4)
  expect(receiver.receive(batch)).toBe(2)
  expect([batch[0]!.message, batch[1]!.message]).toStrictEqual([before, after])
})

test('wire codec: codecs of different numbers of positions do not share a channel', () => {
  const channel = Channel.create({ name: 'wire', whenFull: 'block' }, wireCodec(names, 64))
  expect(() => channel.receiver(wireCodec(names, 65))).toThrow(expect.objectContaining({ field: 'codec' }))
})

test('wire codec: evidence that changes while it is written crosses as what was written, and stops nobody', () => {
  const channel = Channel.create({ name: 'wire', whenFull: 'refuse', capacity: 8 }, wireCodec(names, 4))
  const sender = channel.sender(wireCodec(names, 4))
  const receiver = channel.receiver(wireCodec(names, 4))
  const say = (evidence: Readonly<Record<string, number>>): boolean =>
    sender.send({
      message: { kind: 'transition', eventId: 'a', symbolIndex: 0, to: 'ACTIVE', atNs: 3, evidence },
    })
  const changing = {
    get first() {
      Reflect.deleteProperty(changing, 'second')
      return 1
    },
    second: 2,
  }
  say(changing)
  say({ third: 3 })
  const batch = receiver.batch(4)
  expect(receiver.receive(batch)).toBe(2)
  expect(batch.slice(0, 2).map(({ message }) => (message as { evidence: unknown }).evidence)).toStrictEqual([
    { first: 1 },
    { third: 3 },
  ])
})
