import { describe, expect, it } from 'vitest'
import type { Stage } from '../../../src/channel/stage.ts'
import { createMarketRecord, type MarketRecord } from '../../../src/domain/market.ts'
import type { PipelineMessage } from '../../../src/domain/message.ts'
import type { AnyStage, StageSet } from '../../../src/pipeline/host.ts'
import { InlinePipeline } from '../../../src/pipeline/inline.ts'
import { routes, type StageName, stageNames } from '../../../src/pipeline/topology.ts'

type Emit = (message: PipelineMessage) => void
type Body = (messages: readonly PipelineMessage[], emit: Emit) => void

/** Stages that note every call; what they do is said by name. The messages' contents are of no matter to the pipeline. */
function setUp(bodies: Partial<Record<StageName, Body>> = {}, extra: Partial<Record<StageName, object>> = {}) {
  const calls: string[] = []
  let depth = 0
  const stages = Object.fromEntries(
    stageNames.map((name): [StageName, AnyStage] => [
      name,
      {
        name,
        seesMarket: name === 'order',
        onBatch(messages: readonly PipelineMessage[], count: number, emit: Emit) {
          if (depth !== 0) throw new Error(`${name} is called within another call`)
          if (count !== messages.length) throw new Error('the count is another than the length')
          depth += 1
          calls.push(`${name} ${messages.map((message) => message.kind ?? 'record').join(' ')}`)
          bodies[name]?.(messages, emit)
          depth -= 1
        },
        ...extra[name],
      } as unknown as AnyStage,
    ]),
  ) as unknown as Required<StageSet>
  return { calls, pipeline: new InlinePipeline(stages) }
}

const message = (kind: PipelineMessage['kind'], more: object = {}): PipelineMessage =>
  ({ kind, ...more }) as unknown as PipelineMessage

const recordAt = (atNs: number): MarketRecord => Object.assign(createMarketRecord(), { atNs, kind: 2 })

describe('inline pipeline', () => {
  it('the venue sees a record before the state does, and arbitration decides after everybody else', () => {
    const { calls, pipeline } = setUp({
      state: (_, emit) => emit(message('state')),
      detection: (_, emit) => emit(message('detected')),
      registry: (inputs, emit) => inputs.some(({ kind }) => kind === 'detected') && emit(message('event')),
    })
    pipeline.process(recordAt(5))
    expect(calls).toEqual([
      'order 2',
      'state 2',
      'detection state',
      'registry detected',
      'order event',
      'journal event',
      'hypothesis event',
      'counterfactual event',
      'arbitration state event',
    ])
  })

  it('what one stage says is one batch of the next, in order, however many said it', () => {
    const { calls, pipeline } = setUp({
      state: (_, emit) => emit(message('state')),
      detection: (_, emit) => {
        emit(message('detected'))
        emit(message('transition'))
        emit(message('failed'))
      },
    })
    pipeline.process(recordAt(5))
    expect(calls).toContain('registry detected transition failed')
  })

  it('a decision runs down to its end before arbitration is asked again', () => {
    let rounds = 0
    const { calls, pipeline } = setUp({
      state: (_, emit) => emit(message('state')),
      arbitration: (_, emit) => {
        rounds += 1
        if (rounds === 1) emit(message('decision'))
      },
      reservation: (_, emit) => emit(message('reserved')),
      order: (inputs, emit) => inputs.some(({ kind }) => kind === 'reserved') && emit(message('position')),
      outcome: (_, emit) => emit(message('settled')),
    })
    pipeline.process(recordAt(5))
    expect(calls.slice(2)).toEqual([
      'detection state',
      'arbitration state',
      'reservation decision',
      'order reserved',
      'outcome position',
      'registry settled',
      'journal reserved settled',
      'hypothesis reserved',
      'counterfactual reserved position',
      'arbitration reserved settled',
    ])
  })

  it('a message that its sender reuses is consumed before the next record', () => {
    const reused = message('state') as { kind: 'state'; atNs: number }
    const heard: number[] = []
    const hear: Body = (inputs) => {
      for (const input of inputs) heard.push((input as unknown as { atNs: number }).atNs)
    }
    const { pipeline } = setUp({
      state: (records, emit) => {
        reused.atNs = (records[0] as unknown as MarketRecord).atNs
        emit(reused as unknown as PipelineMessage)
      },
      detection: hear,
      arbitration: hear,
    })
    for (const atNs of [1, 2, 3]) pipeline.process(recordAt(atNs))
    expect(heard).toEqual([1, 1, 2, 2, 3, 3])
  })

  it('a batch is the stage’s only during the call: the pipeline fills the same arrays again', () => {
    const batches = new Set<unknown>()
    const { pipeline } = setUp({
      state: (_, emit) => emit(message('state')),
      detection: (inputs) => batches.add(inputs),
    })
    for (let atNs = 0; atNs < 100; atNs += 1) pipeline.process(recordAt(atNs))
    expect(batches.size).toBeLessThanOrEqual(2)
  })

  it('what falls due runs before the record that passes it, each at its own time, earliest first', () => {
    const due: Record<string, number[]> = { registry: [30, 10], reservation: [20], order: [10, 40] }
    const ran: string[] = []
    const timed = (name: string) => ({
      nextDueNs: () => Math.min(...due[name]!, Number.POSITIVE_INFINITY),
      onIdle: (nowNs: number) => {
        ran.push(`${name} ${nowNs} at ${pipeline.nowNs}`)
        due[name] = due[name]!.filter((atNs) => atNs > nowNs)
      },
    })
    const { calls, pipeline } = setUp(
      {},
      { registry: timed('registry'), reservation: timed('reservation'), order: timed('order') },
    )
    pipeline.process(recordAt(5))
    expect(ran).toEqual([])
    pipeline.process(recordAt(30))
    // Ties by the order of the stages; what is due at the record's own time runs before it too.
    expect(ran).toEqual(['registry 10 at 10', 'order 10 at 10', 'reservation 20 at 20', 'registry 30 at 30'])
    expect(calls).toHaveLength(4)
    pipeline.advance(39)
    expect(ran).toHaveLength(4)
    pipeline.advance(1_000)
    expect(ran.at(-1)).toBe('order 40 at 40')
    expect(pipeline.nowNs).toBe(40)
  })

  it('what falls due may make something due at the same instant, and time does not move on without it', () => {
    const ran: number[] = []
    const queue = [10, 10, 10, 25]
    const { pipeline } = setUp(
      {},
      {
        order: {
          nextDueNs: () => queue[0] ?? Number.POSITIVE_INFINITY,
          onIdle: () => ran.push(queue.shift()!),
        },
      },
    )
    pipeline.process(recordAt(20))
    expect(ran).toEqual([10, 10, 10])
    expect(pipeline.nowNs).toBe(20)
  })

  it('warming up shows records to the venue and the state, and what they say is not heard', () => {
    const { calls, pipeline } = setUp({
      state: (_, emit) => emit(message('state')),
      order: (_, emit) => emit(message('position')),
    })
    pipeline.warmUp(recordAt(7))
    expect(calls).toEqual(['order 2', 'state 2'])
    expect(pipeline.nowNs).toBe(7)
    pipeline.advance(100)
    expect(calls).toHaveLength(2)
  })

  it('stages that never come to rest are an error, not an endless run', () => {
    const { pipeline } = setUp({
      state: (_, emit) => emit(message('state')),
      arbitration: (_, emit) => emit(message('decision')),
      reservation: (_, emit) => emit(message('reserved')),
    })
    expect(() => pipeline.process(recordAt(1))).toThrow(/do not come to rest/)
  })

  it('each stage is started once, before the first batch, and stopped once', () => {
    const told: string[] = []
    const ear = (name: StageName): Partial<Stage<never, PipelineMessage>> => ({
      onStart: () => told.push(`start ${name}`),
      onStop: (nowNs: number) => told.push(`stop ${name} ${nowNs}`),
    })
    const { pipeline } = setUp({}, Object.fromEntries(stageNames.map((name) => [name, ear(name)])))
    expect(told).toEqual(stageNames.map((name) => `start ${name}`))
    pipeline.process(recordAt(9))
    pipeline.stop()
    expect([...told.slice(stageNames.length)].sort()).toEqual(stageNames.map((name) => `stop ${name} 9`).sort())
  })

  it('every kind of message has its hearers, and nobody hears a stage that does not exist', () => {
    for (const [kind, hearers] of Object.entries(routes)) {
      // What became of a claim is for whoever watches; that its slot is free, `recovered` says.
      expect(hearers.length > 0).toBe(kind !== 'dismissed')
      for (const name of hearers) expect(stageNames).toContain(name)
    }
    expect(stageNames.at(-1)).toBe('arbitration')
  })
})
