/**
 * The tracker against one that is plain: after a made-up run every candidate of every decision is followed by itself, from the decision to the
 * run's end, over everything that the counterfactual stage heard. And its selected side against the journal's trades.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HypotheticalAllocation } from '../../src/decide/hypothetical-allocation.ts'
import {
  decisionCandidate,
  decisionCandidateSize,
  decisionHeader,
  decisionParts,
} from '../../src/domain/decision-record.ts'
import { lifecycle, type MarketEvent } from '../../src/domain/event.ts'
import { type MarketRecord, recordKinds } from '../../src/domain/market.ts'
import type { PipelineMessage } from '../../src/domain/message.ts'
import type { TradePlan } from '../../src/domain/order.ts'
import type { TradeOutcome } from '../../src/domain/outcome.ts'
import { createFillModel } from '../../src/fill/model.ts'
import { entryOrderOf, riskBudgetOf } from '../../src/fill/sizing.ts'
import { SimulatedTrade } from '../../src/fill/trade.ts'
import { Journal } from '../../src/journal/journal.ts'
import { outcomeText } from '../../src/journal/trade-line.ts'
import type { AnyStage } from '../../src/pipeline/host.ts'
import { InlineJournal } from '../../src/pipeline/run-journal.ts'
import { Strategies } from '../../src/strategy/strategies.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { madeUpStrategy, playMadeUpRun } from './made-up-market.ts'

type Heard = MarketRecord | PipelineMessage

interface Entry {
  readonly arbitration_id: string
  readonly selected: readonly { event_id: string; outcome: object | null; simulated_outcome?: object }[]
  readonly rejected: readonly { event_id: string; hypothetical_outcome: object | null; admissible: boolean }[]
}

interface Run {
  readonly entries: readonly Entry[]
  readonly trades: readonly { event_id: string; arbitration_id: string; outcome: object }[]
  readonly heard: readonly Heard[]
  readonly rig: ReturnType<typeof playMadeUpRun>['rig']
}

/** @param bend - What the stage is to hear of it: the canary's fault. */
async function play(seed: number, bend: (heard: Heard) => boolean = () => true): Promise<Run> {
  const folder = temporaryFolder()
  const journal = new InlineJournal(Journal.open(folder))
  const heard: Heard[] = []
  const wrap = (name: string, stage: AnyStage): AnyStage =>
    name !== 'counterfactual'
      ? stage
      : {
          name,
          seesMarket: true,
          onStop: (nowNs, emit) => stage.onStop!(nowNs, emit),
          onBatch(messages, count, emit) {
            const batch = (messages as readonly Heard[]).slice(0, count)
            heard.push(...batch.map((one) => (typeof one.kind === 'number' ? { ...(one as MarketRecord) } : one)))
            const told = batch.filter(bend)
            stage.onBatch(told as never[], told.length, emit)
          },
        }
  const { rig } = playMadeUpRun(seed, { journal, wrap })
  await journal.close()
  const read = (series: string) =>
    readFileSync(join(folder, `${series}-000001.ndjson`), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  const run = { entries: read('counterfactuals'), trades: read('trades'), heard, rig }
  rig.close()
  return run
}

/** What each written entry should say of its rejected candidates, by arbitration id and event id. */
function naive({ heard, rig }: Run): Map<string, Map<string, object | null>> {
  const { policy, fill, eventCapacity, positionsMax } = rig.config
  const model = createFillModel(fill)
  const strategies = new Strategies([madeUpStrategy])
  const allocation = new HypotheticalAllocation(policy, rig.types, eventCapacity, positionsMax)
  const events = new Map<number, MarketEvent>()
  const expected = new Map<string, Map<string, object | null>>()
  let before = new Map<number, string>()
  for (const [index, message] of heard.entries()) {
    if (message.kind === 'event') events.set(message.handle, message.event)
    if (message.kind !== 'reserved') continue
    const { record, atNs } = message.decision
    const { candidates, end } = decisionParts(record, 0)
    const now = new Map<number, string>()
    const outcomes = new Map<string, object | null>()
    allocation.load(record, 0)
    for (let at = candidates; at < end; at += decisionCandidateSize) {
      const rank = (at - candidates) / decisionCandidateSize
      const field = (name: keyof typeof decisionCandidate): number => record[at + decisionCandidate[name]]!
      const handle = field('handle')
      now.set(handle, `${rank}:${field('rejection')}`)
      if (field('rejection') < 0) continue
      if (field('admissible') !== 1 && before.get(handle) === now.get(handle)) continue
      const event = events.get(handle)!
      const capitalMinor = allocation.capitalOf(rank)
      const capital = record[decisionHeader.capitalMinor]!
      const riskBudgetMinor = riskBudgetOf(capital, policy.riskPerTrade)
      const instrument = rig.instruments[event.symbolIndex]!
      const sizing = { leverage: policy.leverage, riskBudgetMinor }
      const isWaiting = policy.entry === 'completing' && field('lifecycle') !== lifecycle.COMPLETING
      const outcome = follow(heard, index, event, handle, atNs, isWaiting, {
        plan(lastTicks) {
          try {
            const plan = strategies.plan(event, { lastTicks, row: new Float64Array(0), nowNs: atNs })
            return 'declined' in plan ? null : plan
          } catch {
            return null
          }
        },
        enter(plan, lastTicks, nowNs) {
          const order = entryOrderOf(model, { instrument, plan, lastTicks, ...sizing }, capitalMinor)
          return order === null ? null : new SimulatedTrade(instrument, model, plan, order, nowNs, rig.timeline)
        },
      })
      outcomes.set(event.eventId, outcome === null ? null : JSON.parse(outcomeText(instrument, outcome)))
    }
    before = now
    if (outcomes.size > 0 || message.decision.members.length > 0) {
      expected.set(message.decision.arbitrationId, outcomes)
    }
  }
  return expected
}

/** One trade from the place `from` in what was heard, as plainly as can be. */
function follow(
  heard: readonly Heard[],
  from: number,
  { symbolIndex, eventId, expiresAtNs }: MarketEvent,
  ofHandle: number,
  beganNs: number,
  isWaiting: boolean,
  how: {
    plan(lastTicks: number): TradePlan | null
    enter(plan: TradePlan, lastTicks: number, nowNs: number): SimulatedTrade | null
  },
): TradeOutcome | null {
  let plan: TradePlan | null = null
  let isDeclined = false
  const market = { lastTicks: Number.NaN, oracleTicks: Number.NaN, fundingRate: Number.NaN }
  let trade: SimulatedTrade | null = null
  let nowNs = 0
  for (const [index, input] of heard.entries()) {
    const atNs = index === from ? beganNs : timeOf(input)
    nowNs = Math.max(nowNs, atNs)
    while (trade !== null && trade.nextDueNs <= nowNs) trade.onDue(market)
    if (trade?.state === 'closed') return trade.outcome
    if (index === from) {
      if (!(market.lastTicks >= 1)) return null
      plan = how.plan(market.lastTicks)
      if (plan === null) return null
      if (!isWaiting) {
        trade = how.enter(plan, market.lastTicks, nowNs)
        if (trade === null) return null
      }
    }
    // Its detector's word: told by the registry, or after it was declined by the detector itself until it would have expired.
    let said: string | null = null
    if (input.kind === 'event' && input.handle === ofHandle) {
      if (input.cause === 'declined') isDeclined = true
      else if (input.cause === 'detector') said = input.state
      else if (trade === null && plan !== null) return null
    } else if (input.kind === 'transition' && input.eventId === eventId && isDeclined && expiresAtNs > nowNs) {
      said = input.to
      if (said === 'COMPLETED' || said === 'INVALIDATED') isDeclined = false
    }
    if (plan !== null && trade === null && said !== null) {
      if (said === 'COMPLETED' || said === 'INVALIDATED') return null
      if (said === 'COMPLETING') {
        trade = how.enter(plan, market.lastTicks, nowNs)
        if (trade === null) return null
      }
      continue
    }
    if (typeof input.kind === 'number') {
      const record = input as MarketRecord
      if (record.symbolIndex !== symbolIndex) continue
      if (record.kind === recordKinds.trade) {
        market.lastTicks = record.priceTicks
        trade?.onTrade(record.priceTicks, nowNs)
      } else if (record.kind === recordKinds.context) {
        if (!Number.isNaN(record.oracleTicks)) market.oracleTicks = record.oracleTicks
        if (!Number.isNaN(record.fundingRate)) market.fundingRate = record.fundingRate
      }
    } else {
      if (said === 'COMPLETED') trade?.onEventEnded('event_completed', nowNs)
      if (said === 'INVALIDATED') trade?.onEventEnded('invalidated', nowNs)
    }
    if (trade?.state === 'closed') return trade.outcome
  }
  return null
}

function timeOf(input: Heard): number {
  if (input.kind === 'reserved') return input.decision.atNs
  return (input as { atNs: number }).atNs
}

function checkRejected(run: Run): void {
  const said = new Map(
    run.entries.map((entry) => [
      entry.arbitration_id,
      new Map(entry.rejected.map(({ event_id, hypothetical_outcome }) => [event_id, hypothetical_outcome])),
    ]),
  )
  expect(said.size).toBe(run.entries.length)
  expect([...said].sort(byKey)).toEqual([...naive(run)].sort(byKey))
}

const byKey = ([one]: [string, unknown], [other]: [string, unknown]): number => (one < other ? -1 : 1)

function checkSelected({ entries, trades }: Run): number {
  const earned = new Map(trades.map((trade) => [`${trade.arbitration_id} ${trade.event_id}`, trade.outcome]))
  let count = 0
  for (const { arbitration_id, selected } of entries) {
    for (const { event_id, outcome, simulated_outcome } of selected) {
      expect(outcome).toEqual(earned.get(`${arbitration_id} ${event_id}`) ?? null)
      if (outcome === null) continue
      count += 1
      const isCensored = (outcome as { exit_reason: string }).exit_reason === 'end_of_data'
      expect(simulated_outcome ?? null).toEqual(isCensored ? null : outcome)
    }
  }
  expect(count).toBe(trades.length)
  return count
}

describe('counterfactual tracker', () => {
  it('says of every rejected candidate what following it by itself says, over 60 made-up runs', async () => {
    let rejected = 0
    let finished = 0
    for (let seed = 1; seed <= 60; seed += 1) {
      const run = await play(seed)
      checkRejected(run)
      for (const entry of run.entries) {
        rejected += entry.rejected.length
        finished += entry.rejected.filter(({ hypothetical_outcome }) => hypothetical_outcome !== null).length
      }
    }
    expect(rejected).toBeGreaterThan(2_000)
    expect(finished).toBeGreaterThan(400)
  })

  it('its selected side is the journal’s trades to the minor unit, and the model says the same as the venue', async () => {
    let trades = 0
    for (let seed = 200; seed < 300; seed += 1) trades += checkSelected(await play(seed))
    expect(trades).toBeGreaterThan(200)
  })

  it('canary: without the events’ ends, or without one record in ten, the plain one says something else', async () => {
    const failing = async (bend: (heard: Heard) => boolean): Promise<boolean> => {
      for (let seed = 1; seed <= 30; seed += 1) {
        try {
          checkRejected(await play(seed, bend))
        } catch {
          return true
        }
      }
      return false
    }
    expect(await failing((heard) => heard.kind !== 'event')).toBe(true)
    let count = 0
    const losesRecords = (heard: Heard): boolean => {
      if (typeof heard.kind === 'number') count += 1
      return typeof heard.kind !== 'number' || count % 10 !== 0
    }
    expect(await failing(losesRecords)).toBe(true)
  })
})
