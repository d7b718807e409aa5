/**
 * A channel: a bounded queue of fixed-size records from one thread, or several, to one. The creator makes it and hands
 * `channel.descriptor` to its workers (`workerData` or a message); each attaches for itself and opens its end. A Channel object
 * belongs to the thread that made it; an end to the thread that opened it.
 *
 * What "full" means is chosen at creation (`WhenFull`), and whatever is lost, merged or waited for is counted.
 */
import { threadId, type Worker } from 'node:worker_threads'
import { SignalboxError } from '../base/errors.ts'
import { receiverParking } from './bell.ts'
import {
  type ChannelDescriptor,
  type ChannelMemory,
  type ChannelOptions,
  channelOptions,
  channelWord,
  counter,
  counterAt,
  createMemory,
  laneWord,
  laneWordAt,
  viewMemory,
} from './channel-memory.ts'
import type { Codec } from './codec.ts'
import { initialiseKeys } from './mailbox.ts'
import { Parking } from './parking.ts'
import { Receiver } from './receiver.ts'
import { Sender } from './sender.ts'

/** What a channel counted, of all its senders together. Observations: each was true a moment ago, not all at one moment. */
export interface ChannelCounters {
  /** Sends that were admitted. sent = received + waiting + dropped + conflated, when nobody is at it. */
  readonly sent: number
  readonly received: number
  /** Sent and not received. */
  readonly waiting: number
  /** Sends that were turned down: `refuse`, or `block` and the time was over. */
  readonly refused: number
  /** Records that made room for newer ones: `drop-oldest`. */
  readonly dropped: number
  /** Records that a newer one of their key replaced: `conflate`. */
  readonly conflated: number
  /** Sends, and waits for room, that had to wait, and for how long altogether: `block`. */
  readonly blocked: number
  readonly blockedNs: number
}

export class Channel {
  readonly descriptor: ChannelDescriptor
  readonly #memory: ChannelMemory

  private constructor(descriptor: ChannelDescriptor) {
    this.#memory = viewMemory(descriptor)
    this.descriptor = descriptor
  }

  /**
   * Makes a channel over new shared memory, for the records of `codec`.
   *
   * @param bell - A channel with a bell of its own, which this one's senders ring as well: for receivers of one thread, which waits for any of
   *   them (`waitForAny`).
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming the option that is out of range; for a `bell` that is no channel or has another's.
   */
  static create(
    options: ChannelOptions,
    codec: Pick<Codec<never>, 'size'>,
    { bell }: { readonly bell?: Channel } = {},
  ): Channel {
    const checked = channelOptions(options)
    const descriptor = {
      ...{ memory: createMemory(checked, codec.size), options: checked, size: codec.size },
      ...(bell === undefined ? {} : { bell: bellOf(bell, checked.name) }),
    }
    if (checked.whenFull === 'conflate') initialiseKeys(viewMemory(descriptor))
    return new Channel(descriptor)
  }

  /**
   * Attaches this thread to a channel that another one created.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a descriptor that is none.
   */
  static attach(descriptor: ChannelDescriptor): Channel {
    return new Channel(descriptor)
  }

  /**
   * Opens a sending end for this thread.
   *
   * @param keyOf - With `conflate` and several keys, required: a record's key, 0 … keys − 1.
   * @throws {SignalboxError} `ERR_CHANNEL_CLAIMED` while all senders' places are taken; `ERR_CLOSED`; `ERR_INVALID_ARGUMENT` for a codec of
   *   another size.
   */
  sender<T>(codec: Codec<T>, keyOf: (record: T) => number = this.#keyOfOne()): Sender<T> {
    this.#requireFitting(codec)
    const { words, options } = this.#memory
    for (let lane = 0; lane < options.senders; lane += 1) {
      const owner = laneWordAt(lane, laneWord.owner)
      // As acquire it brings the lane's positions as its last owner left them.
      if (Atomics.compareExchange(words, owner, 0, threadId + 1) === 0) {
        return new Sender(this.#memory, lane, threadId + 1, codec, keyOf)
      }
    }
    const message = `channel ${options.name} has ${options.senders} senders, and all places are taken`
    throw new SignalboxError('ERR_CHANNEL_CLAIMED', message, { field: options.name })
  }

  /**
   * Opens the receiving end for this thread.
   * @throws {SignalboxError} `ERR_CHANNEL_CLAIMED` while another has it, or another thread the bell; `ERR_INVALID_ARGUMENT` for a codec of
   *   another size.
   */
  receiver<T>(codec: Codec<T>): Receiver<T> {
    this.#requireSize(codec)
    const { words, bellWords, options } = this.#memory
    const ownerTag = threadId + 1
    const field = options.name
    if (Atomics.compareExchange(words, channelWord.receiverOwner, 0, ownerTag) !== 0) {
      throw new SignalboxError('ERR_CHANNEL_CLAIMED', `channel ${field} has its receiver already`, { field })
    }
    const bellOwner = Atomics.compareExchange(bellWords, channelWord.bellOwner, 0, ownerTag)
    if (bellOwner !== 0 && bellOwner !== ownerTag) {
      Atomics.store(words, channelWord.receiverOwner, 0)
      throw new SignalboxError('ERR_CHANNEL_CLAIMED', `the bell of channel ${field} is another thread's`, { field })
    }
    return new Receiver(this.#memory, ownerTag, codec)
  }

  /** Ends the channel: sends throw `ERR_CLOSED`, whoever waits is woken, what was sent can still be received. Any thread; idempotent. */
  close(): void {
    Atomics.store(this.#memory.words, channelWord.closed, 1)
    this.#ringAll()
  }

  get isClosed(): boolean {
    return Atomics.load(this.#memory.words, channelWord.closed) === 1
  }

  /**
   * When the worker ends, gives back the ends that it had open: what it sent stays, what it received is gone with it, and another thread
   * may take its place. The channel stays open: close it if nobody will. Call it once, after starting a worker that attaches.
   *
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a worker that has ended already: who it was cannot be told any more.
   */
  watchWorker(worker: Worker): void {
    const ownerTag = worker.threadId + 1
    if (ownerTag < 1) {
      throw new SignalboxError('ERR_INVALID_ARGUMENT', 'the worker has ended already', { field: 'worker' })
    }
    worker.once('exit', () => this.freeOwner(ownerTag))
  }

  /** Gives back the ends of a thread (its id + 1) whose end the caller has confirmed. */
  freeOwner(ownerTag: number): void {
    const { words, bellWords, options } = this.#memory
    for (let lane = 0; lane < options.senders; lane += 1) {
      Atomics.compareExchange(words, laneWordAt(lane, laneWord.owner), ownerTag, 0)
    }
    // The bell first: who finds the end free finds the bell free.
    Atomics.compareExchange(bellWords, channelWord.bellOwner, ownerTag, 0)
    Atomics.compareExchange(words, channelWord.receiverOwner, ownerTag, 0)
    // It may have died between what it did and the bell: whoever waits looks again.
    this.#ringAll()
  }

  get counters(): ChannelCounters {
    const { counts, options } = this.#memory
    const sum = (which: number): number => {
      let total = 0
      for (let lane = 0; lane < options.senders; lane += 1) total += counts[counterAt(lane, which)]!
      return total
    }
    const received = counts[counterAt(options.senders, counter.received)]!
    const [sent, dropped, conflated] = [sum(counter.sent), sum(counter.dropped), sum(counter.conflated)]
    return {
      sent,
      received,
      waiting: Math.max(0, sent - received - dropped - conflated),
      refused: sum(counter.refused),
      dropped,
      conflated,
      blocked: sum(counter.blocked),
      blockedNs: sum(counter.blockedNs),
    }
  }

  /** Where there is one key, every record has it; where there are several, somebody must say. */
  #keyOfOne(): () => number {
    const { name, keys } = this.#memory.options
    if (keys === 1) return () => 0
    const message = `channel ${name} has ${keys} keys: the sender takes a function of a record's key`
    throw new SignalboxError('ERR_INVALID_ARGUMENT', message, { field: 'keyOf' })
  }

  #ringAll(): void {
    const { words, options } = this.#memory
    receiverParking(this.#memory).ring()
    for (let lane = 0; lane < options.senders; lane += 1) {
      new Parking(words, laneWordAt(lane, laneWord.senderFlag), laneWordAt(lane, laneWord.senderBell), 0).ring()
    }
  }

  #requireFitting(codec: Pick<Codec<never>, 'size'>): void {
    this.#requireSize(codec)
    if (this.isClosed) throw new SignalboxError('ERR_CLOSED', `channel ${this.#memory.options.name} was closed`)
  }

  #requireSize({ size }: Pick<Codec<never>, 'size'>): void {
    if (size === this.descriptor.size) return
    const { name } = this.#memory.options
    const message = `channel ${name} has records of ${this.descriptor.size} doubles, and the codec's have ${size}`
    throw new SignalboxError('ERR_INVALID_ARGUMENT', message, { field: 'codec', value: size })
  }
}

/** The memory of the bell that a new channel shares. */
function bellOf(bell: Channel, name: string): SharedArrayBuffer {
  if (!(bell instanceof Channel) || bell.descriptor.bell !== undefined) {
    const message = `channel ${name}: bell is a channel that has a bell of its own`
    throw new SignalboxError('ERR_INVALID_ARGUMENT', message, { field: 'bell' })
  }
  return bell.descriptor.memory
}
