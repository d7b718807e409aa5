import { describe, expect, it } from 'vitest'
import { type HotField, hotFieldIndex } from '../../../../src/domain/hot-state.ts'
import { builtInDetectorKinds, builtInDetectors } from '../../../../src/stages/detection/built-in-detectors.ts'
import type { Detector, DetectorContext, EventDraft } from '../../../../src/stages/detection/detector.ts'
import { exceedance } from '../../../../src/stages/detection/exceedance.ts'
import { epochMs, type Fields, Watched } from './watched.ts'

const fields: Fields = { lastTicks: 1000, regime: 1 }
const draft: EventDraft = {
  side: 'long',
  priorityScore: 0.5,
  targetTicks: 1030,
  stopTicks: 990,
  winRate: 0.4,
  lifeNs: 60e9,
  evidence: { ratio: 2 },
}

/** A detector whose step is a function, on the type that the tests declare. */
function detector(step: (context: DetectorContext) => void, kind = 'own'): Detector {
  return { eventType: 'OWN', kind, watch: () => ({ step: (_row, context) => step(context) }) }
}

function watched(...detectors: Detector[]): Watched {
  return new Watched(detectors, fields, ['LIQUIDATION_CASCADE', 'OWN'])
}

describe('detector set', () => {
  it('fills an event from draft, row and symbol', () => {
    const set = watched(detector((context) => void (context.live ?? context.fire(draft))))
    set.at(1.5)
    expect(set.events).toEqual([
      {
        kind: 'detected',
        eventId: `own_BTC_${epochMs + 1500}`,
        eventType: 'OWN',
        typeIndex: 1,
        symbol: 'BTC',
        symbolIndex: 0,
        side: 'long',
        detectedAtNs: 1.5e9,
        waitingSinceNs: 1.5e9,
        expiresAtNs: 61.5e9,
        priorityScore: 0.5,
        regime: 'contraction',
        rewardRisk: 3,
        winRate: 0.4,
        capitalRequiredMinor: 0,
        referenceTicks: 1000,
        targetTicks: 1030,
        stopTicks: 990,
        evidence: { ratio: 2 },
      },
    ])
  })

  it('keeps an event live until it ends or expires, and tells when', () => {
    const seen: (string | number)[] = []
    const set = watched(
      detector((context) => {
        seen.push(context.live?.state ?? context.lastEndedAtNs)
        if (context.nowNs === 1e9) context.fire(draft)
        if (context.nowNs === 2e9) context.advance('COMPLETING')
        if (context.nowNs === 100e9) context.fire(draft)
        if (context.nowNs === 101e9) context.advance('INVALIDATED', { why: 1 })
      }),
    )
    for (const second of [1, 2, 3, 60.9, 61, 100, 101, 102]) set.at(second)
    expect(seen).toEqual([
      Number.NEGATIVE_INFINITY,
      'TRIGGERED',
      'COMPLETING',
      'COMPLETING',
      61e9,
      61e9,
      'TRIGGERED',
      101e9,
    ])
    // Expiry is the registry's to say.
    expect(set.transitions.map(({ to, atNs, evidence }) => [to, atNs, evidence])).toEqual([
      ['COMPLETING', 2e9, {}],
      ['INVALIDATED', 101e9, { why: 1 }],
    ])
  })

  it('never gives an id twice: a second event in the same millisecond does not fire', () => {
    const fired: boolean[] = []
    const set = watched(
      detector((context) => {
        if (context.live !== null) context.advance('COMPLETED')
        fired.push(context.fire(draft))
      }),
    )
    set.at(1)
    set.at(1.0001)
    set.at(1.001)
    expect(fired).toEqual([true, false, true])
    expect(new Set(set.events.map((event) => event.eventId)).size).toBe(2)
  })

  it('a watch that throws is stopped, its live event invalidated, its error reported once, and the others go on', () => {
    const steps = { broken: 0, sound: 0 }
    const set = watched(
      detector((context) => {
        steps.broken += 1
        if (context.live === null) context.fire(draft)
        else throw new Error('no such luck')
      }, 'broken'),
      detector(() => {
        steps.sound += 1
      }, 'sound'),
    )
    expect(set.says(1)).toEqual(['detected'])
    const [transition, failure] = set.at(2)
    expect(transition).toMatchObject({ kind: 'transition', to: 'INVALIDATED', eventId: `broken_BTC_${epochMs + 1000}` })
    expect(failure).toMatchObject({ kind: 'failed', detectorKind: 'broken', symbol: 'BTC', atNs: 2e9 })
    expect(failure!.kind === 'failed' && failure.error.message).toBe('detector broken on BTC is stopped: no such luck')
    expect(set.says(3)).toEqual([])
    expect(steps).toEqual({ broken: 2, sound: 3 })
  })

  it.each<[string, Partial<EventDraft>, RegExp]>([
    ['a score above 1', { priorityScore: 1.01 }, /priorityScore/],
    ['a score that is no number', { priorityScore: Number.NaN }, /priorityScore/],
    ['a win rate below 0', { winRate: -0.1 }, /winRate/],
    ['a target on the wrong side', { targetTicks: 1000 }, /targetTicks/],
    ['a stop on the wrong side', { stopTicks: 1001 }, /stopTicks/],
    ['a price between ticks', { stopTicks: 990.5 }, /stopTicks/],
    ['a price of nothing', { side: 'short', targetTicks: 0, stopTicks: 1010 }, /targetTicks/],
    ['no life', { lifeNs: 0 }, /lifeNs/],
    ['evidence that is not finite', { evidence: { ratio: Number.POSITIVE_INFINITY } }, /evidence\.ratio/],
    [
      'more evidence than crosses threads',
      { evidence: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`number_${index}`, index])) },
      /evidence: its numbers must be an integer in 0 … 32, got 33/,
    ],
    [
      'evidence of a long name',
      { evidence: { ['é'.repeat(32)]: 1 } },
      /the bytes of the name must be an integer in 0 … 63/,
    ],
  ])('refuses a draft with %s', (_what, changes, message) => {
    const set = watched(detector((context) => void context.fire({ ...draft, ...changes })))
    const [failure] = set.at(1)
    expect(failure!.kind === 'failed' && failure.error.message).toMatch(message)
    expect(set.events).toEqual([])
  })

  it('refuses misuse of the context: a second live event, a step back, no event at all', () => {
    const messageOf = (step: (context: DetectorContext) => void): string => {
      const [failure] = watched(detector(step))
        .at(1)
        .filter((signal) => signal.kind === 'failed')
      return failure?.kind === 'failed' ? failure.error.message : ''
    }
    expect(messageOf((context) => [context.fire(draft), context.fire(draft)])).toMatch(/is live: at most one a watch/)
    expect(messageOf((context) => context.advance('ACTIVE'))).toMatch(/no event is live/)
    expect(
      messageOf((context) => {
        context.fire(draft)
        context.advance('COMPLETING')
        context.advance('ACTIVE')
      }),
    ).toMatch(/cannot go from COMPLETING to ACTIVE/)
  })

  it('the context is void outside a step', () => {
    let kept: DetectorContext | null = null
    watched(
      detector((context) => {
        kept = context
      }),
    ).at(1)
    expect(() => kept!.fire(draft)).toThrow(/valid only during step/)
  })

  it('does not fire while the regime is unknown', () => {
    let fired = true
    const set = watched(
      detector((context) => {
        fired = context.fire(draft)
      }),
    )
    set.at(1, { regime: Number.NaN })
    expect([fired, set.signals]).toEqual([false, []])
  })

  it('refuses a detector of a malformed kind, a kind twice, and a type that nobody declared', () => {
    const own = detector(() => {})
    expect(() => watched({ ...own, kind: 'Own_1' })).toThrow(/detector "Own_1": its kind must be/)
    expect(() => watched(own, own)).toThrow(/another detector has this kind/)
    expect(() => watched({ ...own, eventType: 'OTHER' })).toThrow(/event type OTHER is not declared/)
  })

  it('gives each symbol a watch of its own: memory is not shared', () => {
    let watches = 0
    const counting: Detector = {
      ...detector(() => {}),
      watch: () => {
        watches += 1
        return { step: () => {} }
      },
    }
    watched(counting)
    watched(counting)
    expect(watches).toBe(2)
  })
})

describe('built-in detectors', () => {
  it('come all by default, each with its own options, and none that is switched off', () => {
    expect(builtInDetectors().map(({ kind }) => kind)).toEqual(builtInDetectorKinds)
    expect(builtInDetectors({ snapback: null, cascade: { moveSigmas: 5 } }).map(({ kind }) => kind)).toEqual(
      builtInDetectorKinds.filter((kind) => kind !== 'snapback'),
    )
  })

  it('are refused by name when unknown', () => {
    expect(() => builtInDetectors({ casacde: {} })).toThrow(/detectors\.casacde: unknown detector/)
    expect(() => builtInDetectors({ cascade: { x: 1 } })).toThrow(/detectors\.cascade\.x/)
  })

  it('say nothing on a row of which nothing is known', () => {
    const all = new Watched(builtInDetectors(), {})
    expect(all.says(1)).toEqual([])
  })

  it('survive any field being unknown, zero or huge', () => {
    const extremes = [Number.NaN, 0, -1, 1e-300, 1e300]
    for (const field of Object.keys(hotFieldIndex) as HotField[]) {
      if (field === 'updatedAtNs' || field === 'lastTicks') continue
      for (const value of extremes) {
        const all = new Watched(builtInDetectors(), {
          lastTicks: 600_000,
          regime: 0,
          volatility60sLong: 0.001,
          volumeLots1sLong: 10,
          return60s: -0.004,
          return15s: -0.003,
          signedLots15s: -800,
          volumeLots15s: 1000,
          signedLots60s: -1200,
          volumeLots60s: 2000,
          openInterestLots: 3_000_000,
          openInterestChange5m: 0,
          low5m: 599_000,
          high5m: 603_000,
          fundingRate: -2.75e-5,
          fundingZ: -6,
          premium: -0.001,
        })
        all.at(1, { [field]: value })
        all.at(100, { fundingRate: -1.7e-5, [field]: value })
        all.at(101, { [field]: value })
        expect(
          all.signals.filter(({ kind }) => kind === 'failed'),
          `${field} = ${value}`,
        ).toEqual([])
      }
    }
  })
})

describe('exceedance', () => {
  it('is 0 at the threshold, a half at twice, and never reaches 1', () => {
    expect([0, 1, 2, 4].map((value) => exceedance(value, 1))).toEqual([0, 0, 0.5, 0.75])
    expect(exceedance(1e9, 1)).toBeLessThan(1)
  })
})
