/**
 * What an embedder meets before anything runs: schemas, options and limits that are wrong, from TypeScript or plain JavaScript. Each is
 * one line that names what is wrong; and what looks different but means the same is the same.
 */
import type { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { SignalboxError } from '../../src/base/errors.ts'
import type { ReservationLimits } from '../../src/region/limits.ts'
import { Region } from '../../src/region/region.ts'
import { type RegionSchema, regionSchema, type SnapshotSchema } from '../../src/region/schema.ts'

const schema = regionSchema({
  snapshots: [{ name: 'prices', head: ['atNs'], fields: ['last', 'mark'], rows: ['BTC', 'ETH'] }],
  events: { types: ['CASCADE', 'HUNT', 'SNAPBACK'], fields: ['score'], capacity: 64 },
  positionsMax: 4,
  participantsMax: 3,
})
const [prices] = schema.snapshots
const limits: ReservationLimits = {
  capitalMinor: 1_000,
  maxOpenPositions: 4,
  maxPositionsPerSymbol: 4,
  interlock: null,
  pots: null,
}

/** As JavaScript: whatever it likes, wherever it likes. */
const anything = (value: unknown): never => value as never

function errorOf(call: () => unknown): SignalboxError {
  try {
    call()
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(SignalboxError)
    return thrown as SignalboxError
  }
  throw new Error('nothing was thrown')
}

describe.each(['native', 'js'] as const)('embedding on %s', (backend) => {
  const open: Region[] = []
  const kept = <Made extends Region>(region: Made): Made => {
    open.push(region)
    return region
  }
  const made = () => kept(Region.create(schema, { backend }))
  const createdWith = (wrong: unknown) => errorOf(() => Region.create(anything(wrong), { backend }))
  const attachedTo = (wrong: unknown) => errorOf(() => Region.attach(anything(wrong), { backend }))
  const limitedBy = (wrong: unknown) => {
    const region = made()
    const before = Buffer.from(new Uint8Array(region.descriptor.bytes))
    const error = errorOf(() => region.reservations.setLimits(anything(wrong)))
    expect(before.equals(new Uint8Array(region.descriptor.bytes))).toBe(true)
    return error
  }
  const invalid = (message: string | RegExp) => ({
    code: 'ERR_INVALID_ARGUMENT',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  })
  afterEach(() => {
    for (const region of open.splice(0)) region.close()
  })

  it('embedding: a misspelt field is an error that names the nearest one, wherever fields have an index', () => {
    const region = made()
    const reader = region.reader(prices)
    const writer = region.claimWriter(prices)
    const cases: [Readonly<Record<string, number>>, string, string][] = [
      [reader.fieldIndex, 'lst', 'snapshots.prices.fields has no "lst"; last is one'],
      [writer.fieldIndex, 'mrk', 'snapshots.prices.fields has no "mrk"; mark is one'],
      [reader.headIndex, 'at', 'snapshots.prices.head has no "at"; known: atNs'],
      [region.events.fieldIndex, 'scor', 'events.fields has no "scor"; score is one'],
      [region.events.typeIndexOf, 'CASCAD', 'events.types has no "CASCAD"; CASCADE is one'],
    ]
    for (const [index, name, message] of cases) expect(errorOf(() => index[name])).toMatchObject(invalid(message))
    expect([region.events.typeIndexOf.HUNT, region.events.fieldIndex.score, reader.headIndex.atNs]).toEqual([1, 0, 0])
  })

  it('embedding: a default and the same value given are the same schema', () => {
    const { snapshots, events } = schema
    const short: RegionSchema = { snapshots, events: { types: events.types, fields: events.fields } }
    const long: RegionSchema = {
      participantsMax: 128,
      positionsMax: 64,
      events: { capacity: 4_096, fields: ['score'], types: events.types },
      snapshots: [{ slots: 8, ...prices }],
    }
    const region = kept(Region.create(short, { backend }))
    const other = kept(Region.attach({ bytes: region.descriptor.bytes, schema: long }, { backend }))
    region.events.register('seen by both', 0, 0)
    expect(other.events.getById('seen by both')).toBe(true)
  })

  it('embedding: a region of another schema is refused with what differs, as far as its header tells', () => {
    const region = made()
    const { bytes } = region.descriptor
    const { events } = schema
    const cases: [RegionSchema, string][] = [
      [{ ...schema, events: { ...events, capacity: 128 } }, 'events.capacity is 64 there and 128 here'],
      [{ ...schema, events: { ...events, types: ['CASCADE'] } }, 'the number of events.types is 3 there and 1 here'],
      [
        { ...schema, events: { ...events, fields: ['score', 'age'] } },
        'the number of events.fields is 1 there and 2 here',
      ],
      [
        { ...schema, positionsMax: 8, participantsMax: 9 },
        'positionsMax is 4 there and 8 here, participantsMax is 3 there and 9 here',
      ],
      [{ ...schema, snapshots: [] }, 'the number of snapshots is 1 there and 0 here'],
      [{ ...schema, snapshots: [{ ...prices, slots: 16 }] }, 'snapshots.prices.slots is 8 there and 16 here'],
      [
        { ...schema, snapshots: [{ ...prices, rows: ['BTC'] }] },
        'snapshots.prices: the number of its values is 12 there and 10 here',
      ],
      [
        { ...schema, snapshots: [{ ...prices, fields: ['mark', 'last'] }] },
        'its sizes are the same, but names differ, or their order',
      ],
    ]
    for (const [other, difference] of cases) {
      expect(attachedTo({ bytes, schema: other })).toMatchObject({
        code: 'ERR_FOREIGN_REGION',
        message: `the region was created with another schema: ${difference}`,
      })
    }
    // None of them took a participant.
    kept(Region.attach(region.descriptor, { backend }))
    kept(Region.attach(region.descriptor, { backend }))
  })

  it('embedding: unknown keys of schema and options are refused by name, with the one that was meant', () => {
    expect(createdWith({ ...schema, positionMax: 3 })).toMatchObject({
      ...invalid('schema has the unknown key "positionMax"; positionsMax is one'),
      field: 'positionMax',
      value: 3,
    })
    expect(createdWith({ ...schema, events: { ...schema.events, capasity: 64 } })).toMatchObject(
      invalid('events has the unknown key "capasity"; capacity is one'),
    )
    expect(createdWith({ ...schema, snapshots: [{ ...prices, slot: 4 }] })).toMatchObject(
      invalid('snapshots[0] has the unknown key "slot"; slots is one'),
    )
    expect(errorOf(() => Region.create(schema, anything({ backnd: backend })))).toMatchObject(
      invalid('options has the unknown key "backnd"; backend is one'),
    )
    const region = made()
    expect(errorOf(() => Region.attach(region.descriptor, anything({ epochNs: 0n })))).toMatchObject(
      invalid('options has the unknown key "epochNs"; known: backend, onNotice'),
    )
  })

  it('embedding: a schema without its parts, or with text for a list, is refused by the part', () => {
    const { snapshots, events } = schema
    expect(createdWith(undefined)).toMatchObject(invalid('schema must be an object, got undefined'))
    expect(createdWith({ snapshots })).toMatchObject(invalid('events must be an object, got undefined'))
    expect(createdWith({ events })).toMatchObject(invalid('snapshots must be an array, got undefined'))
    for (const key of ['head', 'fields', 'rows'] as const) {
      expect(createdWith({ events, snapshots: [{ ...prices, [key]: undefined }] })).toMatchObject(
        invalid(`snapshots[0].${key} must be an array, got undefined`),
      )
      expect(createdWith({ events, snapshots: [{ ...prices, [key]: 'BTC' }] })).toMatchObject(
        invalid(`snapshots[0].${key} must be an array, got "BTC"`),
      )
    }
    expect(createdWith({ events, snapshots: ['prices'] })).toMatchObject(
      invalid(/^snapshots\[0\] takes the snapshot's/),
    )
    expect(createdWith({ snapshots, events: { ...events, types: 'CASCADE' } })).toMatchObject(
      invalid('events.types must be an array, got "CASCADE"'),
    )
    expect(createdWith({ snapshots, events: { ...events, fields: ['a', 7] } })).toMatchObject(
      invalid('events.fields[1] must be a string, got 7'),
    )
  })

  it('embedding: a name that stands twice is named', () => {
    const { snapshots, events } = schema
    expect(createdWith({ events, snapshots: [{ ...prices, rows: ['BTC', 'ETH', 'BTC'] }] })).toMatchObject(
      invalid('snapshots[0].rows names BTC twice'),
    )
    expect(createdWith({ events, snapshots: [prices, prices] })).toMatchObject(invalid('snapshots names prices twice'))
    expect(createdWith({ snapshots, events: { ...events, types: ['A', 'A'] } })).toMatchObject(
      invalid('events.types names A twice'),
    )
  })

  it('embedding: options that are no options are refused', () => {
    const withOptions = (options: unknown) => errorOf(() => Region.create(schema, anything(options)))
    expect(withOptions({ backend, epochNs: 5 })).toMatchObject(
      invalid(/^epochNs must be a bigint .*a bigint is expected/),
    )
    expect(withOptions({ backend, epochNs: 2n ** 63n })).toMatchObject(invalid(/got 9223372036854775808n$/))
    expect(withOptions({ backend, lifecycle: { transitions: 1n } })).toMatchObject(
      invalid(/^lifecycle.actionable must/),
    )
    expect(withOptions({ backend, onNotice: 'log' })).toMatchObject(invalid('onNotice must be a function, got "log"'))
    expect(withOptions({ backend: 'fast' })).toMatchObject(invalid('backend must be auto, native or js, got "fast"'))
    expect(withOptions({ backend: Object.create(null) })).toMatchObject(invalid(/got an object$/))
    expect(withOptions(null)).toMatchObject(invalid('options must be an object, got null'))
  })

  it('embedding: an attach without a descriptor, or with the region itself, says what to pass', () => {
    const region = made()
    const { bytes } = region.descriptor
    expect(attachedTo(undefined)).toMatchObject(invalid(/^descriptor must be an object .* got undefined$/))
    expect(attachedTo(region)).toMatchObject(invalid(/pass region\.descriptor$/))
    expect(attachedTo({ bytes })).toMatchObject(invalid('schema must be an object, got undefined'))
    expect(attachedTo({ schema })).toMatchObject(invalid(/^descriptor\.bytes must be .* got undefined$/))
    const tooFew = { code: 'ERR_FOREIGN_REGION', message: 'the bytes are too few for a region' }
    for (const size of [0, 12, 100]) {
      expect(attachedTo({ bytes: new SharedArrayBuffer(size), schema })).toMatchObject(tooFew)
    }
  })

  it('embedding: one attachment too many is told how many there are, and by which key', () => {
    const region = made()
    kept(Region.attach(region.descriptor, { backend }))
    kept(Region.attach(region.descriptor, { backend }))
    expect(attachedTo(region.descriptor)).toMatchObject({
      code: 'ERR_PARTICIPANTS',
      message: "every participant is taken: 3 are attached, the schema's participantsMax",
    })
  })

  it('embedding: a name, or nothing, in place of a snapshot’s schema is refused', () => {
    const region = made()
    for (const place of ['reader', 'claimWriter'] as const) {
      const called = (value: unknown) => errorOf(() => region[place](anything(value)))
      expect(called('prices')).toMatchObject(invalid(`${place} takes the snapshot's schema, not a name, got "prices"`))
      expect(called(undefined)).toMatchObject(invalid(`${place} must be an object, got undefined`))
      expect(called({ name: 'prices' })).toMatchObject(invalid(`${place}.head must be an array, got undefined`))
      expect(called({ ...prices, fields: ['last'] })).toMatchObject(
        invalid("snapshot prices has other fields in this region's schema"),
      )
    }
  })

  it('embedding: what is no worker is not watched, and a scan has a visitor', () => {
    const region = made()
    for (const wrong of [undefined, null, {}, { threadId: 1 }, 'worker']) {
      expect(errorOf(() => region.watchWorker(wrong as Worker))).toMatchObject(
        invalid(/^worker must be a Worker, got /),
      )
    }
    expect(errorOf(() => region.events.scan(-1, anything(undefined)))).toMatchObject(
      invalid('visit must be a function, got undefined'),
    )
  })

  it('embedding: limits without a part, with an unknown one, or of another length than the types are refused', () => {
    expect(limitedBy(undefined)).toMatchObject(invalid('limits must be an object, got undefined'))
    expect(limitedBy({ ...limits, capitalMinor: undefined })).toMatchObject(invalid(/^capitalMinor must .* undefined$/))
    expect(limitedBy({ ...limits, interlock: undefined })).toMatchObject(
      invalid('interlock must be an object, or null for none, got undefined'),
    )
    expect(limitedBy({ ...limits, pots: undefined })).toMatchObject(
      invalid('pots must be an object, or null for one pot, got undefined'),
    )
    expect(limitedBy({ ...limits, maxOpenPosition: 1 })).toMatchObject(invalid(/maxOpenPositions is one$/))
    const interlockOf = (interlock: unknown) => limitedBy({ ...limits, interlock })
    expect(interlockOf({ scope: 'account' })).toMatchObject(
      invalid('interlock.compatible must be an array, got undefined'),
    )
    expect(interlockOf({ scope: 'acount', compatible: [[], [], []] })).toMatchObject(
      invalid('interlock.scope must be "account" or "symbol", got "acount"'),
    )
    expect(interlockOf({ scope: 'symbol', compatible: [[], []] })).toMatchObject(
      invalid("interlock.compatible must have an entry for each of the region's 3 event types, got 2"),
    )
    expect(interlockOf({ scope: 'symbol', compatible: [[], [0, 3], []] })).toMatchObject(
      invalid('interlock.compatible[1][1] must be an integer in 0 … 2, got 3'),
    )
    expect(interlockOf({ scope: 'symbol', compatible: [[], 0, []] })).toMatchObject(
      invalid('interlock.compatible[1] must be an array, got 0'),
    )
    expect(interlockOf({ scop: 'symbol', compatible: [[], [], []] })).toMatchObject(invalid(/"scop"; scope is one$/))
    const potsOf = (pots: unknown) => limitedBy({ ...limits, pots })
    expect(potsOf({ sharesPpm: [1], ofType: [0, 0, 0, 0] })).toMatchObject(
      invalid("pots.ofType must have an entry for each of the region's 3 event types, got 4"),
    )
    expect(potsOf({ sharesPpm: [1], ofType: [0, -1, 1] })).toMatchObject(
      invalid(/^pots\.ofType\[2\] must be .* got 1$/),
    )
    expect(potsOf({ sharesPpm: [1, -1], ofType: [0, 0, 0] })).toMatchObject(invalid(/^pots\.sharesPpm\[1\] must/))
    expect(potsOf({ shares: [1], ofType: [0, 0, 0] })).toMatchObject(invalid(/"shares"; sharesPpm is one$/))
  })

  it('embedding: types are compatible whichever of the two lists the other', () => {
    for (const compatible of [
      [[1], [], []],
      [[], [0], []],
    ]) {
      for (const [first, second] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const { events, reservations } = made()
        reservations.setLimits({ ...limits, interlock: { scope: 'account', compatible } })
        const reserved = [first, second, 2].map((type) => {
          const event = events.register(`of type ${type}`, type, type)
          if (!event.ok) throw new Error(event.refusal)
          return reservations.reserve({ handle: event.handle, capitalMinor: 1, leaseUntilNs: 1 })
        })
        expect(reserved).toMatchObject([{ ok: true }, { ok: true }, { refusal: 'INTERLOCKED' }])
      }
    }
  })

  it('embedding: lifecycle rules of one’s own say which state may follow and in which an event may be reserved', () => {
    // Three states: 0 may become 1 or 2, 1 may become 2, and 2 is final; reserved may be what is in 1 alone.
    const lifecycle = { transitions: 0b110n | (0b100n << 8n), actionable: 0b010n }
    const { events, reservations } = kept(Region.create(schema, { backend, lifecycle }))
    reservations.setLimits(limits)
    const event = events.register('of three states', 0, 0)
    if (!event.ok) throw new Error(event.refusal)
    const { handle } = event
    const request = { handle, capitalMinor: 1, leaseUntilNs: 1 }
    expect(reservations.reserve(request)).toEqual({ ok: false, refusal: 'EVENT_CLAIMED' })
    expect(events.transition(handle, 1)).toEqual({ ok: true, from: 0 })
    expect(reservations.reserve(request)).toMatchObject({ ok: true })
    expect(events.transition(handle, 0)).toEqual({ ok: false, refusal: 'ILLEGAL', from: 1 })
    expect(events.transition(handle, 2)).toEqual({ ok: true, from: 1 })
    expect(events.transition(handle, 3)).toEqual({ ok: false, refusal: 'ILLEGAL', from: 2 })
  })

  it('embedding: until limits are set nothing is admitted', () => {
    const { events, reservations } = made()
    const event = events.register('early', 0, 0)
    if (!event.ok) throw new Error(event.refusal)
    const request = { handle: event.handle, capitalMinor: 1, leaseUntilNs: 1 }
    expect(reservations.reserve(request)).toEqual({ ok: false, refusal: 'SLOT_TAKEN' })
    reservations.setLimits(limits)
    expect(reservations.reserve(request)).toMatchObject({ ok: true })
  })

  it('embedding: a position is submitted and opened although its event has ended meanwhile', () => {
    const { events, reservations } = made()
    reservations.setLimits(limits)
    const event = events.register('short', 0, 0)
    if (!event.ok) throw new Error(event.refusal)
    const reserved = reservations.reserve({ handle: event.handle, capitalMinor: 1, leaseUntilNs: 1 })
    if (!reserved.ok) throw new Error(reserved.refusal)
    events.transition(event.handle, 4)
    expect(reservations.submit(reserved.token)).toEqual({ ok: true })
    events.retire(event.handle)
    expect(reservations.open(reserved.token)).toEqual({ ok: true })
  })

  it('embedding: requests and steps say what they got, and a set which of its requests it was', () => {
    const { events, reservations } = made()
    reservations.setLimits(limits)
    const event = events.register('one', 0, 0)
    if (!event.ok) throw new Error(event.refusal)
    const request = { handle: event.handle, capitalMinor: 1, leaseUntilNs: 1 }
    const reserved = (value: unknown) => errorOf(() => reservations.reserve(anything(value)))
    const reservedAll = (value: unknown) => errorOf(() => reservations.reserveAll(anything(value)))
    expect(reserved(undefined)).toMatchObject(invalid(/^request must be an object \{ handle, .* got undefined$/))
    expect(reserved({ ...request, capitalMinor: 5n })).toMatchObject(
      invalid(/^capitalMinor must be .* got 5n \(a bigint; a number is expected\)$/),
    )
    expect(reserved({ ...request, capitalMinor: '5' })).toMatchObject(invalid(/got "5"$/))
    expect(reserved({ ...request, leaseUntilNs: -0 })).toMatchObject(invalid(/got -0$/))
    expect(reservedAll(undefined)).toMatchObject(invalid('requests must be an array, got undefined'))
    expect(reservedAll({ length: 1 })).toMatchObject(invalid('requests must be an array, got an object'))
    expect(reservedAll([request, null])).toMatchObject(invalid(/^requests\[1\] must be an object \{ handle/))
    expect(reservedAll([request, { ...request, capitalMinor: 0 }])).toMatchObject({
      ...invalid(/^requests\[1\]\.capitalMinor must be an integer in 1 … 9007199254740991, got 0$/),
      field: 'requests[1].capitalMinor',
      value: 0,
    })
    for (const settled of ['yes', 1, null]) {
      expect(errorOf(() => reservations.release(1, anything(settled)))).toMatchObject(
        invalid(/^settled must be a boolean/),
      )
    }
    expect(reservations.account()).toEqual({ capitalMinor: 1_000, positions: [] })
    expect(errorOf(() => events.register(anything(Object.create(null)), 0, 0))).toMatchObject(invalid(/got an object$/))
  })

  it('embedding: asked twice for a reader the region gives the same; a writer released twice is released once', () => {
    const region = made()
    const copy: SnapshotSchema = structuredClone(prices)
    expect(region.reader(copy)).toBe(region.reader(prices))
    const writer = region.claimWriter(prices)
    writer.release()
    const next = region.claimWriter(prices)
    writer.release()
    expect(next.publish()).toBe(1)
    expect(errorOf(() => region.claimWriter(prices)).code).toBe('ERR_WRITER_CLAIMED')
  })

  it('embedding: a row that is read by itself leaves the head and the other rows as they were', () => {
    const region = made()
    const writer = region.claimWriter(prices)
    const reader = region.reader(prices)
    writer.head.fill(1)
    for (const row of writer.rows) row.fill(1)
    writer.publish()
    reader.read()
    writer.head.fill(2)
    for (const row of writer.rows) row.fill(2)
    writer.publish()
    expect(reader.readRow(1)).toBe(2)
    expect([reader.head[0], ...reader.rows.map(([last]) => last)]).toEqual([1, 1, 2])
  })
})
