import { describe, expect, it } from 'vitest'
import { type EngineConfig, parseConfig } from '../../src/config.ts'
import { defaultPolicy } from '../../src/domain/policy.ts'

const configOf = (given: unknown, policy?: unknown): EngineConfig =>
  parseConfig(
    { text: JSON.stringify(given), name: 'engine.json' },
    policy === undefined ? null : { text: JSON.stringify(policy), name: 'policy.json' },
  )

describe('config', () => {
  it('without a file everything has its default', () => {
    expect(parseConfig(null, null)).toEqual({
      feed: 'hyperliquid',
      venue: 'paper',
      symbols: ['BTC', 'ETH', 'SOL', 'DOGE', 'AVAX'],
      capitalMinor: 1_000_000,
      policy: defaultPolicy,
      fill: { takerFeeBps: 4.5, makerFeeBps: 1.5, slippageBps: 1, entryLimitBps: 10, latencyNs: 50_000_000 },
      instruments: {},
      detectors: {},
      leaseMs: 5_000,
      positionsMax: 64,
      eventCapacity: 4096,
      journal: { durability: 'written', rotateMb: 256 },
    })
    expect(configOf({})).toEqual(parseConfig(null, null))
  })

  it('null is as good as left out', () => {
    const nothing = {
      feed: null,
      symbols: null,
      capital: null,
      fill: null,
      lease_ms: null,
      journal: null,
      policy: null,
    }
    expect(configOf(nothing)).toEqual(parseConfig(null, null))
    expect(configOf({ fill: { latency_ms: null }, journal: { durability: null } })).toEqual(parseConfig(null, null))
  })

  it('what is given is taken, in the units of the inside', () => {
    const config = configOf({
      feed: 'ws://127.0.0.1:1',
      symbols: ['X'],
      capital: 12.34,
      fill: { latency_ms: 0.5, entry_limit_bps: 0 },
      instruments: { X: { price_decimals: 3, size_decimals: 0 } },
      detectors: { cascade: null, snapback: { lifeS: 5 } },
      positions_max: 1,
      event_capacity: 64,
      journal: { durability: 'synced', rotate_mb: 1 },
    })
    expect(config).toMatchObject({
      feed: 'ws://127.0.0.1:1',
      symbols: ['X'],
      capitalMinor: 1_234,
      fill: { takerFeeBps: 4.5, entryLimitBps: 0, latencyNs: 500_000 },
      instruments: { X: { priceDecimals: 3, sizeDecimals: 0 } },
      detectors: { cascade: null, snapback: { lifeS: 5 } },
      positionsMax: 1,
      eventCapacity: 64,
      journal: { durability: 'synced', rotateMb: 1 },
    })
  })

  it('--policy goes over the configuration’s, key by key', () => {
    const { policy } = configOf(
      { policy: { max_open_positions: 3, weights: { freshness: 0.5 } } },
      { weights: { priority_score: 1 } },
    )
    expect(policy.maxOpenPositions).toBe(3)
    expect(policy.weights).toEqual({ ...defaultPolicy.weights, freshness: 0.5, priorityScore: 1 })
  })

  const refused: readonly [string, unknown, RegExp][] = [
    ['an unknown key', { capitel: 5 }, /^engine\.json: .*capitel/],
    ['an unknown key inside', { fill: { fee: 5 } }, /^engine\.json: fill.*fee/],
    ['half a cent', { capital: 0.005 }, /^engine\.json: capital/],
    ['negative capital', { capital: -1 }, /^engine\.json: capital/],
    ['capital as a word', { capital: '5' }, /^engine\.json: capital/],
    ['no symbol', { symbols: [] }, /^engine\.json: symbols: must name at least one/],
    ['a symbol twice', { symbols: ['BTC', 'BTC'] }, /^engine\.json: symbols: names BTC twice/],
    ['a symbol of 17 bytes', { symbols: ['X'.repeat(17)] }, /^engine\.json: symbols/],
    ['another venue', { venue: 'real' }, /^engine\.json: venue/],
    ['a capacity that is no power of two', { event_capacity: 100 }, /^engine\.json: event_capacity: .*power of two/],
    ['a capacity too small', { event_capacity: 32 }, /^engine\.json: event_capacity/],
    ['too many slots', { positions_max: 257 }, /^engine\.json: positions_max/],
    ['a lease of nothing', { lease_ms: 0 }, /^engine\.json: lease_ms/],
    ['fees beyond reason', { fill: { taker_fee_bps: 101 } }, /^engine\.json: fill\.taker_fee_bps/],
    ['an entry limit below nothing', { fill: { entry_limit_bps: -1 } }, /^engine\.json: fill\.entry_limit_bps/],
    ['latency beyond a minute', { fill: { latency_ms: 60_001 } }, /^engine\.json: fill\.latency_ms/],
    [
      'nine decimals',
      { instruments: { X: { price_decimals: 9, size_decimals: 0 } } },
      /instruments\.X\.price_decimals/,
    ],
    ['half an instrument', { instruments: { X: { price_decimals: 1 } } }, /instruments\.X\.size_decimals/],
    ['an unknown durability', { journal: { durability: 'maybe' } }, /^engine\.json: journal\.durability/],
    [
      'a detector’s option that is no number',
      { detectors: { cascade: { lifeS: 'long' } } },
      /detectors\.cascade\.lifeS/,
    ],
    ['a wrong policy', { policy: { leverage: 0 } }, /^engine\.json: policy\.leverage/],
    [
      'more positions than slots',
      { policy: { max_open_positions: 65 } },
      /max_open_positions.*at most positions_max \(64\)/,
    ],
    ['leverage beyond the fill model', { policy: { leverage: 1001 } }, /policy\.leverage.*1000/],
    ['an entry that is not built', { policy: { entry: 'completing' } }, /policy\.entry/],
    ['no object at all', [], /^engine\.json: /],
  ]
  it.each(refused)('%s is refused by name, as bad input', (_title, given, message) => {
    expect(() => configOf(given)).toThrow(
      expect.objectContaining({ code: 'ERR_INPUT', message: expect.stringMatching(message) }),
    )
  })

  it('text that is no JSON is refused by the file’s name', () => {
    expect(() => parseConfig({ text: '{"capital": }', name: 'engine.json' }, null)).toThrow(
      expect.objectContaining({ code: 'ERR_INPUT', message: expect.stringMatching(/^engine\.json/) }),
    )
    expect(() => parseConfig(null, { text: 'no', name: 'policy.json' })).toThrow(
      expect.objectContaining({ code: 'ERR_INPUT', message: expect.stringMatching(/^policy\.json/) }),
    )
  })
})
