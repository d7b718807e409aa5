/**
 * The channels of free-running threads: an inbox a thread, the records to the state, its updates to who hears them elsewhere, and decisions
 * to be shown. Made by the run's thread; the others attach by the descriptors.
 */
import { Channel, type ChannelCounters } from '../channel/channel.ts'
import type { ChannelDescriptor } from '../channel/channel-memory.ts'
import type { Codec } from '../channel/codec.ts'
import { recordCodec, updateCodec } from './flow-codec.ts'
import { updateThreads } from './flow-thread.ts'
import type { StageName, ThreadPlan } from './topology.ts'

/** What another thread attaches by: structured-cloneable. */
export interface FlowChannelDescriptors {
  /** By thread. */
  readonly inboxes: readonly ChannelDescriptor[]
  readonly records: ChannelDescriptor
  /** By thread; null: it hears of no state elsewhere. */
  readonly updates: readonly (ChannelDescriptor | null)[]
  readonly telemetry: ChannelDescriptor
}

export interface FlowChannelsOptions {
  readonly plan: ThreadPlan
  readonly symbolCount: number
  /** Messages that each sender of an inbox may have waiting there. */
  readonly eventsCapacity: number
  readonly spinUs: number
}

/** Records that may be on their way to the state: some 2 ms of its work. Each time it is full the feed has to be told twice, at a wake-up each. */
const recordsCapacity = 4_096
const telemetryCapacity = 64

export class FlowChannels {
  readonly inboxes: readonly Channel[]
  readonly records: Channel
  readonly updates: readonly (Channel | null)[]
  readonly telemetry: Channel

  constructor(options: FlowChannelsOptions, inbox: Pick<Codec<never>, 'size'>, shown: Pick<Codec<never>, 'size'>) {
    const { plan, symbolCount, eventsCapacity, spinUs } = options
    const senders = plan.length - 1
    const threadOf = (name: StageName): number => plan.findIndex((names) => names.includes(name))
    this.inboxes = plan.map((names, thread) =>
      Channel.create(
        {
          name: `to ${thread === 0 ? 'the run' : names[names.length - 1]}`,
          ...{ whenFull: 'block', capacity: eventsCapacity, senders, spinUs },
        },
        inbox,
      ),
    )
    this.records = Channel.create(
      { name: 'records', whenFull: 'block', capacity: recordsCapacity, spinUs },
      recordCodec,
      { bell: this.inboxes[threadOf('state')]! },
    )
    const hearers = updateThreads(plan)
    this.updates = plan.map((names, thread) =>
      hearers.includes(thread)
        ? Channel.create(
            { name: `state to ${names[names.length - 1]}`, whenFull: 'conflate', keys: symbolCount, spinUs },
            updateCodec,
            { bell: this.inboxes[thread]! },
          )
        : null,
    )
    this.telemetry = Channel.create(
      { name: 'decisions shown', whenFull: 'drop-oldest', capacity: telemetryCapacity, spinUs },
      shown,
      { bell: this.inboxes[0]! },
    )
  }

  get all(): Channel[] {
    return [...this.inboxes, this.records, ...this.updates, this.telemetry].filter((channel) => channel !== null)
  }

  get descriptors(): FlowChannelDescriptors {
    return {
      inboxes: this.inboxes.map(({ descriptor }) => descriptor),
      records: this.records.descriptor,
      updates: this.updates.map((channel) => channel?.descriptor ?? null),
      telemetry: this.telemetry.descriptor,
    }
  }

  /** What each counted, by name. */
  counters(): Readonly<Record<string, ChannelCounters>> {
    return Object.fromEntries(this.all.map((channel) => [channel.descriptor.options.name, channel.counters]))
  }

  /** What a thread (its id + 1) had open is free: its end is confirmed. */
  freeOwner(ownerTag: number): void {
    for (const channel of this.all) channel.freeOwner(ownerTag)
  }

  close(): void {
    for (const channel of this.all) channel.close()
  }
}
