/** The lockstep's rules, each by itself: who gets the baton when, what others know of a thread, and who does not answer. */
import { afterEach, describe, expect, it } from 'vitest'
import { Channel } from '../../../src/channel/channel.ts'
import { createMarketRecord, type MarketRecord } from '../../../src/domain/market.ts'
import type { PipelineMessage } from '../../../src/domain/message.ts'
import { type BatonBox, batonCodec } from '../../../src/pipeline/baton-codec.ts'
import type { AnyStage, StageSet } from '../../../src/pipeline/host.ts'
import { boardOf, createBoardMemory, LockstepThread } from '../../../src/pipeline/lockstep-thread.ts'
import { type StageName, stageIndex, type ThreadPlan } from '../../../src/pipeline/topology.ts'
import { wireCodec } from '../../../src/pipeline/wire-codec.ts'

const codec = batonCodec(wireCodec({ types: ['A'], symbols: ['BTC'] }, 2))
const update: PipelineMessage = { kind: 'state', symbolIndex: 0, atNs: 7, stateVersion: 1 }
const recovered: PipelineMessage = { kind: 'recovered', count: 1 }

const open: Channel[] = []
afterEach(() => {
  for (const channel of open.splice(0)) channel.close()
})

/** Two threads, both of which the test plays: one call at a time, as in lockstep. */
function pair(plan: ThreadPlan, says: Partial<Record<StageName, PipelineMessage>>, slicesMax = 2) {
  const calls: string[] = []
  const measured: string[] = []
  const channels = plan.map(() => Channel.create({ name: 'inbox', whenFull: 'block', spinUs: 0 }, codec))
  open.push(...channels)
  const board = boardOf(createBoardMemory())
  const threads = plan.map((names, thread) => {
    const stages = Object.fromEntries(
      names.map((name): [StageName, AnyStage] => [
        name,
        {
          name,
          onBatch(messages, count, emit) {
            calls.push(`${thread} ${name} ${count} ${(messages as readonly { kind: unknown }[])[0]!.kind}`)
            const said = says[name]
            if (said !== undefined) emit(said)
          },
          onIdle: (nowNs) => void calls.push(`${thread} ${name} idle ${nowNs}`),
          nextDueNs: () => (name === 'registry' ? 50 : Number.POSITIVE_INFINITY),
        },
      ]),
    )
    return new LockstepThread({
      ...{ plan, thread, board, observer: null, box: codec.create() },
      latency: {
        monotonicNs: () => 1_000,
        record: (stage, atNs) => void measured.push(`${thread} ${stage} ${1_000 - atNs}`),
      },
      stages: stages as StageSet,
      inbox: channels[thread]!.receiver(codec),
      outboxes: channels.map((channel, other) => (other === thread ? null : channel.sender(codec))),
      onWaiting: { sliceMs: 1, slicesMax, look: () => void calls.push('looked') },
    })
  })
  return { calls, measured, board, channels, threads: threads as [LockstepThread, LockstepThread] }
}

function record(): MarketRecord {
  return { ...createMarketRecord(), atNs: 7 }
}

describe('lockstep', () => {
  it('the baton goes to the thread of the first stage that has messages, behind them, and comes back at rest', () => {
    const plan: ThreadPlan = [['order'], ['state', 'detection', 'arbitration']]
    const { threads, calls } = pair(plan, { state: update })
    const [main, other] = threads
    main.handOn(1, 'show', 0, 7, record())
    const box = other.receiveBaton()!
    expect(box.task).toBe('show')
    expect(other.obey(box)).toBe(true)
    expect(other.run()).toBe(true)
    other.handOn(0, 'goOn')
    expect(main.receiveBaton()).toMatchObject({ task: 'goOn' })
    expect(main.run()).toBe(true)
    expect(calls).toEqual(['1 state 1 2', '1 detection 1 state', '1 arbitration 1 state'])
  })

  it('a stage elsewhere that comes first is run first, and what waits here is known there', () => {
    const plan: ThreadPlan = [
      ['order', 'arbitration'],
      ['state', 'detection'],
    ]
    const { threads, calls, board } = pair(plan, { state: update, detection: recovered })
    const [main, other] = threads
    main.handOn(1, 'show', 0, 7, record())
    other.obey(other.receiveBaton()!)
    // The update went to arbitration too, over there: detection is first.
    expect(board.waiting[stageIndex.arbitration]).toBe(1)
    expect(other.run()).toBe(false)
    expect(main.receiveBaton()).toMatchObject({ task: 'goOn' })
    expect(main.run()).toBe(true)
    expect(calls).toEqual(['1 state 1 2', '1 detection 1 state', '0 arbitration 2 state'])
    expect(board.waiting[stageIndex.detection]).toBe(0)
  })

  it('a record’s intended time goes with the baton, and with what is said of it from thread to thread', () => {
    const plan: ThreadPlan = [
      ['order', 'arbitration'],
      ['state', 'detection'],
    ]
    const { threads, measured } = pair(plan, { state: update, detection: recovered })
    const [main, other] = threads
    const { state, detection, arbitration } = stageIndex
    for (const [intendedNs, expected] of [
      [400, [`1 ${state} 600`, `1 ${detection} 600`, `0 ${arbitration} 600`]],
      [Number.NaN, []],
    ] as const) {
      measured.length = 0
      main.handOn(1, 'show', 0, 7, record(), intendedNs)
      other.obey(other.receiveBaton()!)
      other.run()
      main.receiveBaton()
      expect(main.run()).toBe(true)
      expect(measured).toEqual(expected)
    }
  })

  it('when something falls due elsewhere is known, and its thread does it when it is told', () => {
    const { threads, calls } = pair([['order'], ['registry']], {})
    const [main, other] = threads
    expect(main.dueNs(stageIndex.registry)).toBe(50)
    expect(main.dueNs(stageIndex.order)).toBe(Number.POSITIVE_INFINITY)
    main.handOn(1, 'idle', stageIndex.registry, 50)
    other.obey(other.receiveBaton()!)
    expect(calls).toEqual(['1 registry idle 50'])
  })

  it('a thread that does not answer is an error in the end, and until then it is looked at why', () => {
    const { threads, calls } = pair([['order'], ['state']], {}, 3)
    expect(() => threads[0].receiveBaton()).toThrow(
      expect.objectContaining({ code: 'ERR_IO', message: 'a thread of the pipeline has not answered for 0.003 s' }),
    )
    expect(calls).toEqual(['looked', 'looked', 'looked'])
  })

  it('a closed inbox ends the wait without a baton', () => {
    const { threads, channels } = pair([['order'], ['state']], {})
    channels[1]!.close()
    expect(threads[1].receiveBaton()).toBe(null)
  })

  it('figures are asked for with the baton, and are no stage’s affair', () => {
    const { threads, calls } = pair([['order'], ['state']], {})
    threads[0].handOn(1, 'tell')
    const box: BatonBox = threads[1].receiveBaton()!
    expect(threads[1].obey(box)).toBe(false)
    expect(calls).toEqual([])
  })
})
