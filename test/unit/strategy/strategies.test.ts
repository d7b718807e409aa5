import { describe, expect, it } from 'vitest'
import type { MarketEvent } from '../../../src/domain/event.ts'
import { cascadeContinuation } from '../../../src/strategy/cascade-continuation.ts'
import { distributionFade } from '../../../src/strategy/distribution-fade.ts'
import { huntReversal } from '../../../src/strategy/hunt-reversal.ts'
import { snapbackReversion } from '../../../src/strategy/snapback-reversion.ts'
import { Strategies } from '../../../src/strategy/strategies.ts'
import { rewardRiskLeft, type Strategy, type StrategyMarket } from '../../../src/strategy/strategy.ts'

const event: MarketEvent = {
  eventId: 'cascade_BTC_1781654400032',
  eventType: 'LIQUIDATION_CASCADE',
  typeIndex: 0,
  symbol: 'BTC',
  symbolIndex: 0,
  side: 'short',
  detectedAtNs: 0,
  waitingSinceNs: 0,
  expiresAtNs: 120e9,
  priorityScore: 0.7,
  regime: 'expansion',
  regimeAlignment: 1,
  rewardRisk: 2,
  winRate: 0.4,
  expectedValue: 0.8,
  capitalRequiredMinor: 0,
  referenceTicks: 600_000,
  targetTicks: 598_000,
  stopTicks: 601_000,
  evidence: {},
}

function market(lastTicks: number): StrategyMarket {
  return { lastTicks, row: new Float64Array(), nowNs: 1e9 }
}

describe('plans', () => {
  it('are copies: a strategy that fills the same object again changes no plan that it gave before', () => {
    const plan = { side: 'short' as const, sizeFraction: 1, targetTicks: 598_000, stopTicks: 601_000, timeStopNs: 1e9 }
    const reuses: Strategy = { name: 'reuses', eventTypes: ['LIQUIDATION_CASCADE'], onEvent: () => plan }
    const given = new Strategies([reuses]).plan(event, market(600_000))
    plan.targetTicks = 1
    expect(given).toEqual({ ...plan, targetTicks: 598_000 })
  })
})

describe('cascade continuation', () => {
  it('follows the cascade to its target with its stop', () => {
    expect(cascadeContinuation.onEvent(event, market(600_000))).toEqual({
      side: 'short',
      sizeFraction: 1,
      targetTicks: 598_000,
      stopTicks: 601_000,
      timeStopNs: 180e9,
    })
  })

  it('declines when the move has come so far that the stop is further than the target', () => {
    expect(cascadeContinuation.onEvent(event, market(599_500))).not.toHaveProperty('declined')
    // 1,499 to go and 1,501 to lose: 0.998…, and a number that was too little must not read as enough.
    const declined = 'reward-to-risk left 0.99, least 1'
    expect(cascadeContinuation.onEvent(event, market(599_499))).toEqual({ declined })
  })

  it('declines beyond target and stop', () => {
    const declined = 'reward-to-risk left 0, least 1'
    expect(cascadeContinuation.onEvent(event, market(598_000))).toEqual({ declined })
    expect(cascadeContinuation.onEvent(event, market(601_000))).toEqual({ declined })
  })
})

describe('hunt reversal and distribution fade', () => {
  it.each([
    [huntReversal, 'FAILED_HUNT', 0.75, 1],
    [distributionFade, 'INVENTORY_DISTRIBUTION', 0.5, 0.75],
  ])(
    '$name takes the plan of its event at its own size, and declines when too little of it is left',
    (strategy, eventType, sizeFraction, least) => {
      const own = { ...event, eventType }
      expect(strategy.eventTypes).toEqual([eventType])
      expect(strategy.onEvent(own, market(600_000))).toEqual({
        side: 'short',
        sizeFraction,
        targetTicks: 598_000,
        stopTicks: 601_000,
        timeStopNs: 900e9,
      })
      const declined = `reward-to-risk left 0.03, least ${least}`
      expect(strategy.onEvent(own, market(598_100))).toEqual({ declined })
    },
  )
})

describe('snapback reversion', () => {
  const snapback: MarketEvent = {
    ...event,
    eventType: 'FUNDING_SNAPBACK',
    side: 'long',
    targetTicks: 601_500,
    stopTicks: 599_000,
  }

  it('stands against the crowd at half size', () => {
    expect(snapbackReversion.onEvent(snapback, market(600_000))).toMatchObject({ side: 'long', sizeFraction: 0.5 })
  })

  it('declines when most of the way back is done', () => {
    const declined = 'reward-to-risk left 0.72, least 0.75'
    expect(snapbackReversion.onEvent(snapback, market(600_450))).toEqual({ declined })
  })
})

describe('reward-to-risk left', () => {
  it('is the event’s at its reference and 0 outside target and stop', () => {
    expect(rewardRiskLeft(event, 600_000)).toBe(2)
    expect(rewardRiskLeft(event, 597_000)).toBe(0)
    expect(rewardRiskLeft(event, 601_500)).toBe(0)
    expect(rewardRiskLeft(event, Number.NaN)).toBe(0)
  })
})

describe('strategies', () => {
  const own: Strategy = { name: 'own', eventTypes: ['OWN'], onEvent: () => null }

  it('answer by type; a type without a strategy has no plan', () => {
    const strategies = new Strategies()
    expect(strategies.strategyOf('LIQUIDATION_CASCADE')).toBe(cascadeContinuation)
    expect(strategies.strategyOf('FUNDING_SNAPBACK')).toBe(snapbackReversion)
    expect(strategies.strategyOf('VOLUME_SPIKE')).toBeNull()
    const declined = 'no strategy answers VOLUME_SPIKE'
    expect(strategies.plan({ ...event, eventType: 'VOLUME_SPIKE' }, market(600_000))).toEqual({ declined })
    expect(strategies.plan(event, market(600_000))).toMatchObject({ side: 'short' })
  })

  it('refuse two strategies for one type, two of one name, and one for no type', () => {
    const second: Strategy = { ...own, name: 'second', eventTypes: ['ELSE', 'OWN'] }
    expect(() => new Strategies([own, second])).toThrow('strategy second: OWN is already answered by own')
    expect(() => new Strategies([own, { ...own, eventTypes: ['ELSE'] }])).toThrow('strategy own: another strategy')
    expect(() => new Strategies([{ ...own, eventTypes: [] }])).toThrow('strategy own: it answers no event type')
  })

  it.each([
    ['no size', { sizeFraction: 0 }, /sizeFraction/],
    ['more than the whole size', { sizeFraction: 1.1 }, /sizeFraction/],
    ['a target behind the price', { targetTicks: 600_000 }, /targetTicks/],
    ['a stop before the price', { stopTicks: 599_000 }, /stopTicks/],
    ['no time', { timeStopNs: 0 }, /timeStopNs/],
  ])('refuse a plan with %s, naming strategy and event', (_what, changes, message) => {
    const plan = { side: 'short', sizeFraction: 1, targetTicks: 599_000, stopTicks: 601_000, timeStopNs: 1e9 } as const
    const wrong: Strategy = { ...own, eventTypes: [event.eventType], onEvent: () => ({ ...plan, ...changes }) }
    expect(() => new Strategies([wrong]).plan(event, market(600_000))).toThrow(message)
    expect(() => new Strategies([wrong]).plan(event, market(600_000))).toThrow(/strategy own on cascade_BTC_/)
  })

  const answering = (answer: ReturnType<Strategy['onEvent']>): Strategies =>
    new Strategies([{ ...own, eventTypes: [event.eventType], onEvent: () => answer }])

  it('pass on why a strategy declines, named; it need not say why', () => {
    const saidBy = (answer: ReturnType<Strategy['onEvent']>) => answering(answer).plan(event, market(600_000))
    expect(saidBy({ declined: 'spread 8 bp, at most 5' })).toEqual({ declined: 'own declines: spread 8 bp, at most 5' })
    expect(saidBy(null)).toEqual({ declined: 'own declines' })
  })

  it.each([
    ['no reason', ''],
    ['a blank one', '  '],
    ['more than a line', 'one\ntwo'],
    ['a character too many', 'x'.repeat(201)],
    ['a number', 5 as unknown as string],
  ])('refuse a decline with %s, naming strategy and event', (_what, declined) => {
    expect(() => answering({ declined }).plan(event, market(600_000))).toThrow(
      /strategy own on cascade_BTC_.*: declined must be one line of 1 … 200 characters/,
    )
    expect(answering({ declined: 'x'.repeat(200) }).plan(event, market(600_000))).toHaveProperty('declined')
  })

  it('pass on what a strategy throws, named', () => {
    const broken: Strategy = {
      ...own,
      eventTypes: [event.eventType],
      onEvent: () => {
        throw new Error('out of ideas')
      },
    }
    expect(() => new Strategies([broken]).plan(event, market(600_000))).toThrow(/strategy own on .*: out of ideas/)
  })
})
