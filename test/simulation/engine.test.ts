/** The engine's stages on made-up markets, one seed a run, with an auditor that keeps its own books; and proof that it can fail. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { DecisionMade } from '../../src/domain/decision-made.ts'
import { decisionHeader } from '../../src/domain/decision-record.ts'
import type { PipelineMessage } from '../../src/domain/message.ts'
import type { AnyStage } from '../../src/pipeline/host.ts'
import { playMadeUpRun } from './made-up-market.ts'

const seeds = Array.from({ length: 160 }, (_, index) => index + 1)

/** Plays the seeds and names the first that the auditor objects to. */
function play(options: Parameters<typeof playMadeUpRun>[1] = {}, chosen: readonly number[] = seeds) {
  const total = { grants: 0, settled: 0, beyondLimit: 0, beyondMargin: 0, declined: 0, decisions: 0 }
  for (const seed of chosen) {
    try {
      const { rig, auditor } = playMadeUpRun(seed, options)
      total.grants += auditor.grants
      total.settled += auditor.settled
      total.beyondLimit += auditor.refused.beyond_limit
      total.beyondMargin += auditor.refused.beyond_margin
      total.declined += auditor.declined
      total.decisions += auditor.decisions
      rig.close()
    } catch (thrown) {
      throw new Error(`seed ${seed}: ${(thrown as Error).message}`, { cause: thrown })
    }
  }
  return total
}

describe('simulation', () => {
  it('160 made-up runs: capital, slots, limits, fills, lifecycle and sequence agree with the auditor after every record', () => {
    const total = play()
    // The runs are worth something only if much happens in them.
    expect(total.grants).toBeGreaterThan(400)
    expect(total.settled).toBeGreaterThan(250)
    expect(total.beyondLimit).toBeGreaterThan(25)
    expect(total.beyondMargin).toBeGreaterThan(3)
    expect(total.declined).toBeGreaterThan(100)
    expect(total.decisions).toBeGreaterThan(10_000)
  })

  it('both backends say the same, message by message', () => {
    const digestOf = (backend: 'auto' | 'js', seed: number): string => {
      const hash = createHash('sha256')
      const bend = (message: PipelineMessage): readonly PipelineMessage[] => {
        const text = JSON.stringify(message, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))
        hash.update(text)
        return [message]
      }
      playMadeUpRun(seed, { backend, bend }).rig.close()
      return hash.digest('hex')
    }
    for (const seed of seeds.slice(0, 10)) expect(digestOf('js', seed), `seed ${seed}`).toBe(digestOf('auto', seed))
  })
})

describe('canary: the auditor finds', () => {
  const few = seeds.slice(0, 60)

  it('a grant that was told twice', () => {
    const bend = (message: PipelineMessage): readonly PipelineMessage[] =>
      message.kind === 'reserved' && message.grants.length > 0
        ? [{ ...message, grants: [...message.grants, message.grants[0]!] }]
        : [message]
    expect(() => play({ bend }, few)).toThrow(/audit: not every success has its grant/)
  })

  it('profit and loss that was booked twice', () => {
    const bend = (message: PipelineMessage): readonly PipelineMessage[] =>
      message.kind === 'settled' && message.outcome !== null
        ? [{ ...message, outcome: { ...message.outcome, pnlMinor: message.outcome.pnlMinor * 2 } }]
        : [message]
    expect(() => play({ bend }, few)).toThrow(/audit: (the ledger's capital is|\d+ allocated)/)
  })

  it('an entry that was filled one tick beyond its limit', () => {
    const bend = (message: PipelineMessage): readonly PipelineMessage[] => {
      if (message.kind !== 'position' || message.outcome === null) return [message]
      const { plan, order } = message.position
      const entryTicks = order.limitTicks + (plan.side === 'long' ? 1 : -1)
      return [{ ...message, outcome: { ...message.outcome, entryTicks } }]
    }
    expect(() => play({ bend }, few)).toThrow(/audit: (FILL-1|FILL-2|token \d+ is filled at \d+, beyond)/)
  })

  it('FILL-1: an order stage that spends a hundredth more than it was granted', () => {
    const overspent = (message: PipelineMessage): PipelineMessage =>
      message.kind !== 'reserved'
        ? message
        : {
            ...message,
            grants: message.grants.map((grant) => ({
              ...grant,
              member: { ...grant.member, capitalMinor: Math.ceil(grant.member.capitalMinor * 1.01) },
            })),
          }
    const wrap = (name: string, stage: AnyStage): AnyStage =>
      name !== 'order'
        ? stage
        : {
            name,
            seesMarket: true,
            nextDueNs: () => stage.nextDueNs!(),
            onIdle: (nowNs, emit) => stage.onIdle!(nowNs, emit),
            onStop: (nowNs, emit) => stage.onStop!(nowNs, emit),
            onBatch(messages, count, emit) {
              const bent = (messages as readonly PipelineMessage[]).slice(0, count).map(overspent)
              stage.onBatch(bent as never[], count, emit)
            },
          }
    expect(() => play({ wrap }, few)).toThrow(/audit: FILL-1/)
  })

  it('FILL-2: a stop that was moved away from its entry', () => {
    const bend = (message: PipelineMessage): readonly PipelineMessage[] => {
      if (message.kind !== 'position') return [message]
      const { plan } = message.position
      const stopTicks = plan.side === 'long' ? 1 : plan.stopTicks * 2
      return [{ ...message, position: { ...message.position, plan: { ...plan, stopTicks } } }]
    }
    expect(() => play({ bend }, few)).toThrow(/audit: FILL-2/)
  })

  it('a decision that took a sequence twice', () => {
    const bend = (message: PipelineMessage): readonly PipelineMessage[] =>
      message.kind === 'decision' && message.stamp.sequence > 1 ? [onceMore(message)] : [message]
    expect(() => play({ bend }, few)).toThrow(/audit: sequence 1 after 1/)
  })

  it('an outcome stage that loses a closed position', () => {
    const wrap = (name: string, stage: AnyStage): AnyStage =>
      name !== 'outcome'
        ? stage
        : {
            name,
            onBatch(messages, _count, emit) {
              const kept = (messages as readonly PipelineMessage[]).filter(
                (message) => message.kind !== 'position' || message.to !== 'closed',
              )
              stage.onBatch(kept as never[], kept.length, emit)
            },
          }
    expect(() => play({ wrap }, few)).toThrow(/audit: token \d+ is in state 4, the messages say closed/)
  })

  it('an order stage that acts on each grant twice', () => {
    const wrap = (name: string, stage: AnyStage): AnyStage =>
      name !== 'order'
        ? stage
        : {
            name,
            seesMarket: true,
            nextDueNs: () => stage.nextDueNs!(),
            onIdle: (nowNs, emit) => stage.onIdle!(nowNs, emit),
            onStop: (nowNs, emit) => stage.onStop!(nowNs, emit),
            onBatch(messages, count, emit) {
              const twice = (messages.slice(0, count) as readonly PipelineMessage[]).flatMap(
                (message) => (message.kind === 'reserved' ? [message, message] : [message]) as PipelineMessage[],
              )
              stage.onBatch(twice as never[], twice.length, emit)
            },
          }
    expect(() => play({ wrap }, few)).toThrow(/audit: .* is declined without a reservation/)
  })

  it('a registry that forgets to retire what has ended', () => {
    const wrap = (name: string, stage: AnyStage): AnyStage =>
      name !== 'registry'
        ? stage
        : {
            name,
            nextDueNs: () => stage.nextDueNs!(),
            onIdle: (nowNs, emit) => stage.onIdle!(nowNs, emit),
            onBatch(messages, count, emit) {
              const said = messages.slice(0, count) as readonly PipelineMessage[]
              const kept = said.filter((message) => message.kind !== 'settled')
              stage.onBatch(kept as never[], kept.length, emit)
            },
          }
    expect(() => play({ wrap }, few)).toThrow(/audit: \d+ events are in the table, \d+ are live or held/)
  })
})

/** The decision with the sequence of the one before. */
function onceMore({ record, length, atNs, idlePots, members, names }: DecisionMade): DecisionMade {
  const copy = record.slice(0, length)
  copy[decisionHeader.sequence]! -= 1
  return new DecisionMade(copy, length, atNs, idlePots, members, names)
}
