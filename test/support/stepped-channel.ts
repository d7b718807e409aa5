/** The channel's own sources, turned into steps, as a play works with them; for `channel-plays.ts`. */
import type { Channel as RealChannel } from '../../src/channel/channel.ts'
import type { ChannelOptions } from '../../src/channel/channel-memory.ts'
import type { Codec } from '../../src/channel/codec.ts'
import { type Fault, loadInterleaved } from './interleaved-source.ts'
import { Machine, type Thread } from './interleavings.ts'

/** A step by step call that comes to a `T`. */
export type Steps<T> = Generator<unknown, T, unknown>

const files = [
  'codec.ts',
  'deadline.ts',
  'parking.ts',
  'spin-budget.ts',
  'channel-memory.ts',
  'lane.ts',
  'mailbox.ts',
  'bell.ts',
  'sender.ts',
  'receiver.ts',
  'channel.ts',
  'wait.ts',
  'broadcast.ts',
]

/** A number and its double: a record whose halves do not agree is torn. */
export interface Stamp {
  value: number
}
export const codec: Codec<Stamp> = {
  size: 2,
  write(record, values, at) {
    values[at] = record.value
    values[at + 1] = record.value * 2
  },
  read(values, at, into) {
    into.value = values[at + 1] === values[at]! * 2 ? values[at]! : Number.NaN
  },
  create: () => ({ value: 0 }),
}

/** The channel's ends, turned: every call is a generator. */
export interface Stepped {
  send(record: Stamp, timeoutMs?: number): Steps<boolean>
  sendMany(records: readonly Stamp[]): Steps<number>
  sendAsync(record: Stamp): Steps<boolean>
  waitForRoom(): Steps<boolean>
  receive(into: readonly Stamp[]): Steps<number>
  wait(): Steps<boolean>
  get_hasNews(): Steps<boolean>
  get_isAtEnd(): Steps<boolean>
  waitAsync(): Steps<boolean>
  close(): Thread
  batch(count: number): Stamp[]
}
export interface SteppedBroadcast {
  readonly descriptor: { readonly memory: SharedArrayBuffer }
  now(): Steps<number>
  announce(): Thread
  wait(seen: number): Steps<number>
  waitAsync(seen: number): Steps<number>
}
export interface SteppedChannel {
  sender(codec: Codec<Stamp>, keyOf?: (record: Stamp) => number): Steps<Stepped>
  receiver(codec: Codec<Stamp>): Steps<Stepped>
  freeOwner(tag: number): Thread
  close(): Thread
  readonly counters: RealChannel['counters']
}

/** What a play works with. */
export interface Stage {
  readonly machine: Machine
  /** @param bell - A channel whose bell it shares. */
  channel(options: Omit<ChannelOptions, 'name' | 'spinUs'>, bell?: SteppedChannel): SteppedChannel
  waitForAny(receivers: readonly Stepped[]): Steps<boolean>
  waitForAnyAsync(receivers: readonly Stepped[]): Steps<boolean>
  broadcast(): SteppedBroadcast
}

/** A stage over the sources, or over sources with a fault. */
export function stageOf(fault: Fault | null): Stage {
  const machine = new Machine()
  const modules = loadInterleaved(
    'src/channel',
    files,
    {
      '../base/clock.ts': { monotonicNs: () => 0 },
      '../base/assert.ts': {
        requireInteger: (_: string, value: number) => value,
        requireNumber: (_: string, value: number) => value,
      },
      '../base/errors.ts': {
        SignalboxError: class extends Error {
          readonly code: string
          constructor(code: string, message: string) {
            super(`${code}: ${message}`)
            this.code = code
          }
        },
      },
      '../domain/units.ts': { nsPerMs: 1e6 },
      'node:worker_threads': {
        get threadId() {
          return machine.current
        },
      },
    },
    machine.atomics,
    fault,
  )
  const memoryModule = modules['channel-memory.ts'] as unknown as {
    viewMemory: (descriptor: object) => { payload: Float64Array; options: ChannelOptions }
  }
  const { viewMemory } = memoryModule
  memoryModule.viewMemory = (descriptor) => {
    const memory = viewMemory(descriptor)
    // What a sender gives up may be read meanwhile, by design: the compare-and-swap behind the read throws it away.
    return memory.options.whenFull === 'drop-oldest' ? memory : { ...memory, payload: machine.checked(memory.payload) }
  }
  const { Channel } = modules['channel.ts'] as unknown as {
    Channel: { create(options: ChannelOptions, codec: Codec<Stamp>, shared: object): SteppedChannel }
  }
  const { waitForAny, waitForAnyAsync } = modules['wait.ts'] as unknown as Pick<Stage, 'waitForAny' | 'waitForAnyAsync'>
  const { Broadcast } = modules['broadcast.ts'] as unknown as { Broadcast: { create(): SteppedBroadcast } }
  return {
    machine,
    broadcast: () => Broadcast.create(),
    channel: (options, bell) => Channel.create({ ...options, name: 'model', spinUs: 0 }, codec, { bell }),
    waitForAny,
    waitForAnyAsync,
  }
}
