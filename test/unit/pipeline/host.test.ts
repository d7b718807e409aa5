/** The host's intended times: what they are inherited from, what is measured by them, and that no clock is read without one. */
import { describe, expect, it } from 'vitest'
import { createMarketRecord, type MarketRecord } from '../../../src/domain/market.ts'
import type { PipelineMessage } from '../../../src/domain/message.ts'
import { type AnyStage, StageHost, type StageSet } from '../../../src/pipeline/host.ts'
import { InlinePipeline } from '../../../src/pipeline/inline.ts'
import { type StageName, stageIndex, stageNames } from '../../../src/pipeline/topology.ts'

type Kind = PipelineMessage['kind']

const message = (kind: Kind): PipelineMessage => ({ kind }) as unknown as PipelineMessage
const recordAt = (atNs: number): MarketRecord => Object.assign(createMarketRecord(), { atNs, kind: 2 })

/** What a stage says whenever it runs, and what it costs by the scripted clock. */
interface Script {
  readonly says?: readonly Kind[]
  readonly takesNs?: number
  readonly throws?: () => boolean
}

/** A clock that only the stages move, and what was measured by it: `stage ns`. */
function setUp(scripts: Partial<Record<StageName, Script>>, here: readonly StageName[] = stageNames) {
  const measured: string[] = []
  const away: [kind: Kind, intendedNs: number][] = []
  const clock = { nowNs: 1_000, readings: 0 }
  const stages = Object.fromEntries(
    here.map((name): [StageName, AnyStage] => {
      const { says = [], takesNs = 1, throws = () => false } = scripts[name] ?? {}
      const run = (emit: (said: PipelineMessage) => void): void => {
        clock.nowNs += takesNs
        if (throws()) throw new Error(`${name} throws`)
        for (const kind of says) emit(message(kind))
      }
      return [
        name,
        { name, onBatch: (_, __, emit) => run(emit), onIdle: (_, emit) => run(emit), onStop: (_, emit) => run(emit) },
      ]
    }),
  )
  const latency = {
    monotonicNs: () => {
      clock.readings += 1
      return clock.nowNs
    },
    record: (stage: number, intendedNs: number) => {
      clock.readings += 1
      measured.push(`${stageNames[stage]} ${clock.nowNs - intendedNs}`)
    },
  }
  const sendAway = (said: PipelineMessage, intendedNs: number): void => void away.push([said.kind, intendedNs])
  const host = new StageHost(stages as StageSet, { sendAway, latency })
  return { host, clock, measured, away, stages: stages as Required<StageSet>, latency }
}

describe('intended times', () => {
  it('what a stage says has that of the record, however far it goes, and each stage is measured when it is done', () => {
    const { host, measured } = setUp({
      state: { says: ['state'], takesNs: 10 },
      detection: { says: ['detected'], takesNs: 20 },
      registry: { says: ['event'], takesNs: 30 },
      order: { takesNs: 5 },
    })
    host.show(stageIndex.state, recordAt(7), true, 900)
    host.settle()
    expect(measured).toEqual([
      'state 110',
      'detection 130',
      'registry 160',
      'order 165',
      'journal 166',
      'hypothesis 167',
      'counterfactual 168',
      'arbitration 169',
    ])
  })

  it('a batch has the oldest of its messages, and what is said of it too', () => {
    const { host, measured, away } = setUp({ registry: { says: ['event'] } }, ['registry'])
    for (const intendedNs of [500, 300, 400]) host.deliver(message('detected'), intendedNs)
    host.settle()
    expect([measured, away]).toEqual([['registry 701'], [['event', 300]]])
  })

  it('what waits beside a measured message without being measured does not hide it, before or behind it', () => {
    for (const intendedNs of [
      [Number.NaN, 600, Number.NaN],
      [600, Number.NaN],
      [Number.NaN, 600],
    ]) {
      const { host, measured } = setUp({}, ['registry'])
      for (const one of intendedNs) host.deliver(message('detected'), one)
      host.settle()
      expect(measured).toEqual(['registry 401'])
    }
  })

  it('without one nothing is measured and no clock is read, whatever was measured before', () => {
    const { host, clock, measured, away } = setUp({ registry: { says: ['event', 'event'] } }, ['registry', 'state'])
    host.deliver(message('detected'), 1)
    host.settle()
    host.show(stageIndex.state, recordAt(7), true, 2)
    const readings = clock.readings
    host.deliver(message('detected'))
    host.show(stageIndex.state, recordAt(8))
    host.runIdle(stageIndex.registry, 5)
    host.runStop(stageIndex.registry, 6)
    host.settle()
    expect([readings, clock.readings, measured.length]).toEqual([2, 2, 2])
    expect(away.map(([, intendedNs]) => intendedNs)).toEqual([1, 1, ...Array(6).fill(Number.NaN)])
  })

  it('what falls due, and a stop, have the one that they are given', () => {
    const { host, measured, away } = setUp({ registry: { says: ['event'] } }, ['registry'])
    host.runIdle(stageIndex.registry, 5, 800)
    host.runStop(stageIndex.registry, 6, 700)
    expect(measured).toEqual(['registry 201', 'registry 302'])
    expect(away).toEqual([
      ['event', 800],
      ['event', 700],
    ])
  })

  it('a stage that throws is not measured, and its batch’s time goes with the batch', () => {
    let isBroken = true
    const { host, measured, away } = setUp({ registry: { says: ['event'], throws: () => isBroken } }, ['registry'])
    host.deliver(message('detected'), 100)
    expect(() => host.settle()).toThrow('registry throws')
    isBroken = false
    host.deliver(message('detected'))
    host.settle()
    expect([measured, away]).toEqual([[], [['event', Number.NaN]]])
  })

  it('without a probe they are passed on all the same', () => {
    const away: number[] = []
    const registry: AnyStage = { name: 'registry', onBatch: (_, __, emit) => emit(message('event')) }
    const host = new StageHost({ registry }, { sendAway: (_, intendedNs) => void away.push(intendedNs) })
    host.deliver(message('detected'), 3)
    host.settle()
    expect(away).toEqual([3])
  })

  it('inline, the venue’s move is no step of the record’s way, and what falls due before it is not measured by it', () => {
    const { stages, latency, measured } = setUp({ state: { says: ['state'] }, order: { says: ['position'] } })
    const due = { atNs: 5 }
    const registry: AnyStage = {
      ...stages.registry,
      nextDueNs: () => due.atNs,
      onIdle: (_, emit) => {
        due.atNs = Number.POSITIVE_INFINITY
        emit(message('event'))
      },
    }
    new InlinePipeline({ ...stages, registry }, null, latency).process(recordAt(7), 990)
    expect(measured.map((line) => line.split(' ')[0])).toEqual(['state', 'detection', 'arbitration'])
  })
})
