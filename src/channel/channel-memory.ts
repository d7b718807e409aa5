/** A channel's options and where its parts lie in shared memory. Pure; any thread. */
import { requireInteger, requireNumber } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import { recordDoublesMax } from './codec.ts'

/** What a send to a full channel does. */
export const fullPolicies = ['block', 'refuse', 'drop-oldest', 'conflate'] as const
export type WhenFull = (typeof fullPolicies)[number]

export interface ChannelOptions {
  /** Stands in errors and counters. */
  readonly name: string
  /**
   * `block`: the sender waits; nothing is lost. `refuse`: the send returns false. `drop-oldest`: the oldest record makes room.
   * `conflate`: one record a key, the latest wins; such a channel is never full. All of it is counted.
   */
  readonly whenFull: WhenFull
  /** Records that each sender may have waiting, 1 … 65,536. Default 100. With `conflate` it is `keys` that counts. */
  readonly capacity?: number
  /** Senders at one time, 1 … 128. Default 1. With `conflate` always 1. */
  readonly senders?: number
  /** With `conflate`: how many keys there are, 1 … 65,536. Default 1. */
  readonly keys?: number
  /**
   * How long an end spins at most before it parks, microseconds, 0 … 10,000. Spinning costs a core, parking 20 to 50 µs at the wake-up. Spins
   * that do not pay become shorter by themselves; on a machine with fewer cores than threads that wait, 0 is right. Default 100: less than two wake-ups, so that two ends do not put each other to sleep in turns.
   */
  readonly spinUs?: number
}

/** What another thread needs to attach: structured-cloneable, and shares the memory. */
export interface ChannelDescriptor {
  readonly memory: SharedArrayBuffer
  readonly options: Required<ChannelOptions>
  /** Doubles of a record: the codec's. */
  readonly size: number
  /** The memory of the channel whose bell this one shares; without it the bell is its own. */
  readonly bell?: SharedArrayBuffer
}

/** Words of the channel's own page: what one end writes has a cache line of its own. Those of a bell: `bell.ts`. */
export const channelWord = {
  closed: 0,
  receiverOwner: 1,
  bellOwner: 2,
  receiverFlag: 16,
  bellWaiter: 17,
  bellMark: 18,
  receiverBell: 32,
  tickets: 48,
} as const
/** Words of a lane. */
export const laneWord = { owner: 0, head: 16, tail: 32, senderBell: 33, senderFlag: 48 } as const
/**
 * Counters are doubles; each has one writer, the lane's owner (the last one: the receiver). Others read what may be out of date; a
 * machine of 64 bits stores a double whole.
 */
export const counter = {
  sent: 0,
  refused: 1,
  dropped: 2,
  conflated: 3,
  blocked: 4,
  blockedNs: 5,
  received: 0,
  parked: 1,
} as const

const channelWords = 64
const laneWords = 64
const counters = 8
/** A record begins on a cache line: two ends at neighbouring records do not share one. */
const lineDoubles = 8

const defaults = { capacity: 100, senders: 1, keys: 1, spinUs: 100 } as const

/** The parts of a channel's memory. */
export interface ChannelMemory {
  readonly options: Required<ChannelOptions>
  readonly words: Int32Array
  /** The page with the receiver's flag and bell: this channel's, or the one's whose bell it shares. */
  readonly bellWords: Int32Array
  readonly counts: Float64Array
  readonly payload: Float64Array
  /** Doubles from one record to the next. */
  readonly stride: number
  /** Slots of a lane: a power of two, at least its capacity. */
  readonly slots: number
}

/** @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming the option that is out of range. */
export function channelOptions(options: ChannelOptions): Required<ChannelOptions> {
  const { name, whenFull } = options
  const field = (key: string): string => `channel ${name}: ${key}`
  if (typeof name !== 'string' || name === '') throw invalid('name', 'a channel has a name', name)
  if (!fullPolicies.includes(whenFull)) {
    throw invalid(field('whenFull'), `${field('whenFull')} is one of ${fullPolicies.join(', ')}`, whenFull)
  }
  const checked = { ...defaults, ...options }
  requireInteger(field('capacity'), checked.capacity, 1, 65_536)
  requireInteger(field('senders'), checked.senders, 1, 128)
  requireInteger(field('keys'), checked.keys, 1, 65_536)
  requireNumber(field('spinUs'), checked.spinUs, 0, 10_000)
  if (whenFull === 'conflate' && checked.senders !== 1) {
    throw invalid(
      field('senders'),
      `${field('senders')}: "the latest" of several senders means nothing`,
      checked.senders,
    )
  }
  if (whenFull !== 'conflate' && checked.keys !== 1) {
    throw invalid(field('keys'), `${field('keys')} belong to whenFull 'conflate'`, checked.keys)
  }
  return checked
}

function invalid(field: string, message: string, value: unknown): SignalboxError {
  return new SignalboxError('ERR_INVALID_ARGUMENT', message, { field, value })
}

/** Three boxes a key: one of the sender, one of the receiver, one between. */
const boxesPerKey = 3

function sizesOf(options: Required<ChannelOptions>, size: number) {
  const isConflating = options.whenFull === 'conflate'
  // Tickets of records from several senders lie before the record.
  const stride = Math.ceil((size + (options.senders > 1 ? 1 : 0)) / lineDoubles) * lineDoubles
  const slots = 2 ** Math.ceil(Math.log2(options.capacity))
  const extraWords = isConflating ? roundUp(options.keys + Math.ceil(options.keys / 32), 16) : 0
  const words = channelWords + options.senders * laneWords + extraWords
  const counts = (options.senders + 1) * counters
  const payload = stride * (isConflating ? options.keys * boxesPerKey : options.senders * slots)
  return { stride, slots, words, counts, payload, bytes: words * 4 + (counts + payload) * 8 }
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple
}

/** Makes a channel's memory, all zero. */
export function createMemory(options: Required<ChannelOptions>, size: number): SharedArrayBuffer {
  requireInteger(`channel ${options.name}: codec.size`, size, 1, recordDoublesMax)
  return new SharedArrayBuffer(sizesOf(options, size).bytes)
}

/** @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for memory that is not this channel's. */
export function viewMemory({ memory, options, size, bell }: ChannelDescriptor): ChannelMemory {
  const checked = channelOptions(options)
  const { stride, slots, words, counts, payload, bytes } = sizesOf(checked, size)
  if (!(memory instanceof SharedArrayBuffer) || memory.byteLength !== bytes) {
    throw invalid('memory', `channel ${checked.name}: the memory is not this channel's`, undefined)
  }
  if (bell !== undefined && !(bell instanceof SharedArrayBuffer && bell.byteLength > channelWords * 4)) {
    throw invalid('bell', `channel ${checked.name}: the bell's memory is no channel's`, undefined)
  }
  const ownWords = new Int32Array(memory, 0, words)
  return {
    options: checked,
    words: ownWords,
    bellWords: bell === undefined ? ownWords : new Int32Array(bell, 0, channelWords),
    counts: new Float64Array(memory, words * 4, counts),
    payload: new Float64Array(memory, words * 4 + counts * 8, payload),
    stride,
    slots,
  }
}

/** Where lane `lane`'s word lies. */
export function laneWordAt(lane: number, word: number): number {
  return channelWords + lane * laneWords + word
}

/** Where lane `lane`'s counter lies; `senders` itself: the receiver's. */
export function counterAt(lane: number, which: number): number {
  return lane * counters + which
}

/** Where the words of a conflating channel's keys begin: one each, then the bits of those that have news. */
export function keyWordsAt({ senders }: Required<ChannelOptions>): number {
  return channelWords + senders * laneWords
}
