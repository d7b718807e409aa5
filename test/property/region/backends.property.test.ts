/**
 * Differential: random sequences of every operation of a region, done on the addon and on the js backend, each by two
 * attachments in turns. After each step both backends say the same, and at the end the bytes of both regions are the same.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SignalboxError } from '../../../src/base/errors.ts'
import type { BackendName } from '../../../src/region/backend/backend.ts'
import { Region } from '../../../src/region/region.ts'
import type { RegionSchema } from '../../../src/region/schema.ts'
import type { SnapshotReader, SnapshotWriter } from '../../../src/region/snapshot.ts'

const hot = { name: 'hot', head: ['version'], fields: ['last', 'mark'], rows: ['BTC', 'ETH'] } as const
const types = ['CASCADE', 'HUNT', 'SNAPBACK']
const schema = {
  snapshots: [hot],
  events: { types, fields: ['score', 'detectedAtNs'], capacity: 64 },
  positionsMax: 5,
  participantsMax: 4,
} satisfies RegionSchema

/** More than there are entries; some of the longest there are, and beyond ASCII. */
const ids = [...Array.from({ length: 70 }, (_, index) => `event_${index}`), 'x'.repeat(63), 'ä😀', 'é'.repeat(31)]

/** How many sequences are drawn. `test/native/addon-arm64.test.ts` has them drawn under an emulator, and fewer. */
const sequences = Number(process.env.SIGNALBOX_SEQUENCES ?? 1_500)

/** A region of one backend under two attachments, and what it handed out so far. */
class Desk {
  readonly regions: readonly [Region, Region]
  readonly readers: readonly [SnapshotReader, SnapshotReader]
  readonly writer: SnapshotWriter
  readonly handles: number[] = [0]
  readonly tokens: number[] = [0]

  constructor(backend: BackendName) {
    const one = Region.create(schema, { backend })
    this.regions = [one, Region.attach(one.descriptor, { backend })]
    this.writer = one.claimWriter(hot)
    this.readers = [one.reader(hot), this.regions[1].reader(hot)]
    one.reservations.setLimits({
      capitalMinor: 2_000,
      maxOpenPositions: 5,
      maxPositionsPerSymbol: 2,
      interlock: null,
      pots: null,
    })
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.regions[0].descriptor.bytes)
  }

  close(): void {
    for (const region of this.regions) region.close()
  }
}

interface Operation {
  readonly name: string
  readonly values: unknown
  readonly run: (desk: Desk, who: number) => unknown
}

/** `desk` may be asked for anything; `region` is the attachment whose turn it is. */
function operation<Values>(
  name: string,
  values: fc.Arbitrary<Values>,
  run: (region: Region, values: Values, desk: Desk, who: number) => unknown,
): fc.Arbitrary<Operation> {
  return values.map((drawn) => ({
    name,
    values: drawn,
    run: (desk, who) => run(desk.regions[who]!, drawn, desk, who),
  }))
}

const pick = <Item>(items: readonly Item[], index: number): Item => items[index % items.length]!
const at = fc.nat({ max: 1_000 })
const number = fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.double({ noNaN: true }), fc.constantFrom(-0, Infinity))
const money = fc.oneof(fc.integer({ min: 1, max: 400 }), fc.constantFrom(0, 1_000, Number.MAX_SAFE_INTEGER))
const typeIndex = fc.nat({ max: types.length - 1 })
const handleOf = (desk: Desk, index: number): number => pick(desk.handles, index)
const tokenOf = (desk: Desk, index: number): number => pick(desk.tokens, index)

const eventOperations = [
  {
    weight: 6,
    arbitrary: operation(
      'register',
      fc.record({ at, typeIndex, symbol: fc.nat({ max: 3 }), number }),
      ({ events }, drawn, desk) => {
        events.record[0] = drawn.number
        events.record[1] = drawn.at
        const result = events.register(pick(ids, drawn.at), drawn.typeIndex, drawn.symbol)
        if (result.ok) desk.handles.push(result.handle)
        return result
      },
    ),
  },
  {
    weight: 2,
    arbitrary: operation('getById', at, ({ events }, index) => {
      if (!events.getById(pick(ids, index))) return false
      return [events.handle, events.lifecycle, events.spent, events.typeIndex, events.symbolIndex, [...events.record]]
    }),
  },
  {
    weight: 2,
    arbitrary: operation('get', at, ({ events }, index, desk) => {
      if (!events.get(handleOf(desk, index))) return [false, events.idOf(handleOf(desk, index))]
      return [
        events.lifecycle,
        events.spent,
        events.typeIndex,
        events.symbolIndex,
        [...events.record],
        events.idOf(events.handle),
      ]
    }),
  },
  { weight: 2, arbitrary: operation('retire', at, ({ events }, index, desk) => events.retire(handleOf(desk, index))) },
  {
    weight: 2,
    arbitrary: operation('transition', fc.record({ at, to: fc.nat({ max: 7 }) }), ({ events }, drawn, desk) =>
      events.transition(handleOf(desk, drawn.at), drawn.to),
    ),
  },
  {
    weight: 1,
    arbitrary: operation('scan', fc.integer({ min: -1, max: 2 }), ({ events }, wanted) => {
      const rows: unknown[] = []
      const count = events.scan(wanted, (event) => rows.push({ ...event, record: [...event.record] }))
      return [count, rows]
    }),
  },
]

const ledgerOperations = [
  {
    weight: 5,
    arbitrary: operation(
      'reserve',
      fc.record({ at, capitalMinor: money, leaseUntilNs: fc.nat({ max: 100 }) }),
      ({ reservations }, { at: index, ...request }, desk) => {
        const result = reservations.reserve({ handle: handleOf(desk, index), ...request })
        if (result.ok) desk.tokens.push(result.token)
        return result
      },
    ),
  },
  {
    weight: 2,
    arbitrary: operation(
      'reserveAll',
      fc.record({
        set: fc.array(fc.record({ at, capitalMinor: money }), { minLength: 0, maxLength: 5 }),
        idle: fc.nat({ max: 7 }),
      }),
      ({ reservations }, { set, idle }, desk) => {
        const requests = set.map(({ at: index, capitalMinor }) => ({
          handle: handleOf(desk, index),
          capitalMinor,
          leaseUntilNs: index % 100,
        }))
        const result = reservations.reserveAll(requests, idle)
        if (result.ok) desk.tokens.push(...result.tokens)
        return result
      },
    ),
  },
  {
    weight: 5,
    arbitrary: operation(
      'step',
      fc.record({ at, step: fc.constantFrom('submit', 'open', 'close') }),
      ({ reservations }, drawn, desk) => reservations[drawn.step](tokenOf(desk, drawn.at)),
    ),
  },
  {
    weight: 4,
    arbitrary: operation(
      'release',
      fc.record({ at, settled: fc.boolean(), change: fc.integer({ min: -500, max: 500 }) }),
      ({ reservations }, drawn, desk) => reservations.release(tokenOf(desk, drawn.at), drawn.settled, drawn.change),
    ),
  },
  {
    weight: 1,
    arbitrary: operation('recover', fc.nat({ max: 100 }), ({ reservations }, nowNs) => reservations.recover(nowNs)),
  },
  {
    weight: 1,
    arbitrary: operation(
      'setLimits',
      fc.record({
        capitalMinor: fc.integer({ min: -10, max: 3_000 }),
        maxOpenPositions: fc.integer({ min: 1, max: 5 }),
        maxPositionsPerSymbol: fc.integer({ min: 1, max: 3 }),
        interlock: fc.option(
          fc.record({
            scope: fc.constantFrom('account', 'symbol'),
            compatible: fc.array(fc.array(typeIndex, { maxLength: 2 }), { minLength: 3, maxLength: 3 }),
          }),
        ),
        pots: fc.option(
          fc.record({
            sharesPpm: fc.array(fc.nat({ max: 300_000 }), { minLength: 3, maxLength: 3 }),
            ofType: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 3, maxLength: 3 }),
          }),
        ),
      }),
      ({ reservations }, limits) => reservations.setLimits(limits),
    ),
  },
  { weight: 1, arbitrary: operation('account', fc.constant(null), ({ reservations }) => reservations.account()) },
]

const snapshotOperations = [
  {
    weight: 1,
    arbitrary: operation('publish', fc.record({ at, number }), (_, drawn, { writer }) => {
      writer.rows[drawn.at % 2]![drawn.at % 2] = drawn.number
      writer.head[0] = drawn.at
      return writer.publish()
    }),
  },
  {
    weight: 1,
    arbitrary: operation('read', fc.constant(null), (_region, _values, desk, who) => {
      const reader = desk.readers[who]!
      return [reader.read(), [...reader.head], reader.rows.map((row) => [...row])]
    }),
  },
]

const steps = fc.array(
  fc.record({
    who: fc.nat({ max: 1 }),
    operation: fc.oneof(...eventOperations, ...ledgerOperations, ...snapshotOperations),
  }),
  { minLength: 1, maxLength: 300, size: 'max' },
)
type Step = { readonly who: number; readonly operation: Operation }

/** What a step came to: a value, or the code of what it threw. */
function outcome(desk: Desk, { who, operation: { run } }: Step): unknown {
  try {
    return run(desk, who)
  } catch (thrown) {
    if (!(thrown instanceof SignalboxError)) throw thrown
    return `${thrown.code} ${thrown.field}`
  }
}

/** Runs the steps on both. @returns How many steps there were of each name and how many of them succeeded. */
function compare(drawn: readonly Step[], counts: Map<string, number>, spoil = (_desk: Desk): void => undefined): void {
  const native = new Desk('native')
  const js = new Desk('js')
  try {
    for (const [index, step] of drawn.entries()) {
      const said = outcome(native, step)
      expect([index, outcome(js, step)]).toEqual([index, said])
      const { name } = step.operation
      const isGood = said !== false && (said as { ok?: boolean } | undefined)?.ok !== false && typeof said !== 'string'
      counts.set(name, (counts.get(name) ?? 0) + (isGood ? 1 : 0))
    }
    spoil(js)
    expect(Buffer.compare(native.bytes(), js.bytes())).toBe(0)
  } finally {
    native.close()
    js.close()
  }
}

describe('differential: the addon and the js backend', () => {
  it('differential: the same results step by step, and the same bytes at the end', () => {
    const counts = new Map<string, number>()
    fc.assert(
      fc.property(steps, (drawn) => compare(drawn, counts)),
      { numRuns: sequences },
    )
    // Every operation succeeded often enough for the agreement to mean something: 100 times in 1,500 sequences.
    for (const [name, succeeded] of counts) expect([name, succeeded > sequences / 15]).toEqual([name, true])
    expect(counts.size).toBe(15)
  })

  it('canary: one word that differs is seen', () => {
    const [drawn] = fc.sample(steps, { seed: 3, numRuns: 1 })
    expect(() =>
      compare(drawn!, new Map(), (desk) => {
        desk.bytes()[desk.bytes().length - 1]! ^= 1
      }),
    ).toThrow()
  })
})
