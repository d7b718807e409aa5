/**
 * A strategy's worker: attaches to the region, loads the strategy, and lets it have turn after turn until the board is closed. A worker's
 * entry; started by `strategy-workers.ts` only.
 */
import { setPriority } from 'node:os'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { monotonicNs } from './base/clock.ts'
import { messageOf, SignalboxError } from './base/errors.ts'
import { Broadcast, type BroadcastDescriptor } from './channel/broadcast.ts'
import { Channel } from './channel/channel.ts'
import type { ChannelDescriptor } from './channel/channel-memory.ts'
import type { Instrument } from './domain/instrument.ts'
import { nsPerSecond } from './domain/units.ts'
import type { BackendName } from './region/backend/backend.ts'
import { Region, type RegionDescriptor } from './region/region.ts'
import type { StrategyContext, WorkerStrategy } from './strategy/worker-strategy.ts'
import { claimCodec } from './workers/claim-codec.ts'
import { StrategyBoard } from './workers/strategy-board.ts'
import { StrategyLoop, throwsMax } from './workers/strategy-loop.ts'
import { strategyOf } from './workers/strategy-module.ts'

/** What the worker is started with. */
export interface StrategyWorkerData {
  readonly index: number
  readonly strategies: number
  /** A `file:` URL. */
  readonly module: string
  readonly name: string | null
  readonly data: unknown
  readonly instruments: readonly Instrument[]
  readonly leaseNs: number
  readonly region: RegionDescriptor
  readonly backend: BackendName
  readonly board: SharedArrayBuffer
  /** Something has happened in the region, or the board was closed. */
  readonly news: BroadcastDescriptor
  readonly claims: ChannelDescriptor
  readonly port: MessagePort
}

/** What it says: it has loaded; it cannot; a line that its author should hear, at most one a second; it gives up. */
export type StrategyWorkerWord =
  | { readonly kind: 'loaded'; readonly name: string }
  | { readonly kind: 'failed' | 'told' | 'stopped'; readonly text: string }

/** A turn at least so often: what nobody announced is seen, and the board sees that it goes on. Milliseconds. */
const turnMs = 100
/** So often while the strategy waits for the market. */
const marketTurnMs = 20
const textMax = 500
/** As many share the cores with the pipeline on equal terms. */
const fewStrategies = 8
/** The least weight that a thread may have. */
const leastPriority = 19

const { port, ...data } = workerData as StrategyWorkerData
const say = (word: StrategyWorkerWord): void => port.postMessage(word)

/** What happens at every event need not be told at every one. */
function teller(): (kind: 'threw' | 'invalid', text: string) => void {
  let toldNs = Number.NEGATIVE_INFINITY
  let isNonsenseTold = false
  return (kind, text) => {
    if (kind === 'invalid' && isNonsenseTold) return
    const nowNs = monotonicNs()
    if (kind === 'threw' && nowNs - toldNs < nsPerSecond) return
    if (kind === 'threw') toldNs = nowNs
    else isNonsenseTold = true
    const what = kind === 'threw' ? 'threw' : 'claims nonsense'
    say({ kind: 'told', text: `${what} ${text}`.slice(0, textMax) })
  }
}

async function load(context: StrategyContext): Promise<WorkerStrategy> {
  let module: { readonly default?: unknown }
  try {
    module = (await import(data.module)) as { default?: unknown }
  } catch (thrown) {
    throw new Error(`cannot be loaded: ${messageOf(thrown)}`, { cause: thrown })
  }
  return await strategyOf(module, context)
}

async function run(): Promise<void> {
  const { index, instruments, leaseNs } = data
  const region = Region.attach(data.region, { backend: data.backend })
  const board = new StrategyBoard(data.board, data.strategies)
  const news = Broadcast.attach(data.news)
  const sender = Channel.attach(data.claims).sender(claimCodec)
  board.setParticipant(index, region.participant)
  const eventTypes = region.schema.events.types
  const context = { name: data.name, data: data.data, instruments, eventTypes }
  const strategy = await load(context)
  const send = sender.send.bind(sender)
  const loop = new StrategyLoop({ region, board, index, strategy, instruments, leaseNs, send, tell: teller() })
  say({ kind: 'loaded', name: strategy.name })
  while (!board.isClosed) {
    const seen = news.now()
    loop.turn()
    if (loop.isFailing) {
      say({ kind: 'stopped', text: `threw ${throwsMax} times in a row` })
      break
    }
    await nextTurn()
    news.wait(seen, loop.isWaitingForMarket ? marketTurnMs : turnMs)
  }
  // What it had reserved and nobody submitted is free again.
  region.close()
  sender.close()
}

// Many would take the pipeline's time, so they get what it leaves: on Linux a priority is a thread's, elsewhere the whole process's. A few keep
// their share of a machine that others use too.
if (process.platform === 'linux' && data.strategies > fewStrategies) setPriority(leastPriority)
// What the worker was started with is no affair of the strategy's.
for (const key of Object.keys(workerData)) delete workerData[key]
// A strategy that talks to its parent would be heard by the engine's thread, as often as it likes.
parentPort!.close()
try {
  await run()
} catch (thrown) {
  // The channel is closed when the run ends.
  if (!(thrown instanceof SignalboxError && thrown.code === 'ERR_CLOSED')) {
    say({ kind: 'failed', text: messageOf(thrown).slice(0, textMax) })
  }
}
// Whatever the strategy has left running ends with it.
process.exit()
