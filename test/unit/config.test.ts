import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type EngineConfig, parseConfig } from '../../src/config.ts'
import { defaultPolicy } from '../../src/domain/policy.ts'
import { builtInDetectorKinds, detectorOptionTables } from '../../src/stages/detection/built-in-detectors.ts'
import { optionKeyOf, optionLines } from '../../src/stages/detection/detector-options.ts'

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
      strategies: [],
      leaveToStrategies: [],
      symbols: ['BTC', 'ETH', 'SOL', 'DOGE', 'AVAX'],
      capitalMinor: 1_000_000,
      policy: defaultPolicy,
      fill: { takerFeeBps: 4.5, makerFeeBps: 1.5, slippageBps: 1, entryLimitBps: 10, latencyNs: 50_000_000 },
      instruments: {},
      detectors: {},
      pipeline: { topology: 'compact', onThreadEnd: 'halt', eventsCapacity: 100, hangMs: 10_000 },
      leaseMs: 5_000,
      positionsMax: 64,
      eventCapacity: 4096,
      journal: { durability: 'written', rotateMb: 256 },
      counterfactuals: { isTracked: true, pendingMax: 10_000, reportEveryHours: 168 },
      adaptation: { mode: 'manual', everyHours: 168, lookS: 600 },
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
      detectors: { cascade: null, snapback: { life_s: 5, capital_required: 50.25, win_rate: null } },
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
      detectors: { cascade: null, snapback: { lifeS: 5, capitalRequiredMinor: 5_025 } },
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
      'an unknown detector',
      { detectors: { cascades: {} } },
      /^engine\.json: detectors\.cascades: unknown detector; known: cascade, /,
    ],
    [
      'a detector that is no object',
      { detectors: { cascade: 4 } },
      /^engine\.json: detectors\.cascade: must be an object, got 4$/,
    ],
    [
      'a misspelt detector’s option',
      { detectors: { cascade: { move_sigma: 4 } } },
      /^engine\.json: detectors\.cascade\.move_sigma: unknown option; known: sigma_min, move_sigmas, .*capital_required$/,
    ],
    [
      'a detector’s option in camelCase',
      { detectors: { cascade: { moveSigmas: 4 } } },
      /cascade\.moveSigmas: unknown option/,
    ],
    [
      'a detector’s option out of its range',
      { detectors: { cascade: { move_sigmas: 51 } } },
      /^engine\.json: detectors\.cascade\.move_sigmas: must be a number in 1 … 50 \(σ of 60 s\), got 51$/,
    ],
    [
      'a unit that names another option names its key',
      { detectors: { cascade: { rearm_ratio: 2 } } },
      /rearm_ratio: must be a number in 0 … 1 \(× move_sigmas\), got 2$/,
    ],
    [
      'a detector’s option that is no number',
      { detectors: { cascade: { life_s: 'long' } } },
      /^engine\.json: detectors\.cascade\.life_s: must be a number in 1 … 86400 \(s\), got "long"$/,
    ],
    [
      'a detector’s money in half a cent',
      { detectors: { snapback: { capital_required: 0.005 } } },
      /^engine\.json: detectors\.snapback\.capital_required: must be money in 0 … .* with at most 2 decimals, got 0\.005$/,
    ],
    [
      'a detector’s money beyond its range',
      { detectors: { snapback: { capital_required: 90_000_000_000_001 } } },
      /capital_required: must be a number in 0 … 90000000000000 \(quote currency\)/,
    ],
    [
      'a feed that is no address',
      { feed: 'http://x' },
      /^engine\.json: feed: must be hyperliquid, or a ws:\/\/ or wss:\/\/ address/,
    ],
    [
      'a fraction of a part per million',
      { fill: { taker_fee_bps: 4.555 } },
      /^engine\.json: fill\.taker_fee_bps: .*at most 2 decimals/,
    ],
    [
      'more pots than the ledger has',
      {
        policy: {
          types: Object.fromEntries(Array.from({ length: 17 }, (_, type) => [`T${type}`, { tier: 9 }])),
          capital_slots: Object.fromEntries(Array.from({ length: 17 }, (_, type) => [`T${type}`, 0.01])),
        },
      },
      /^engine\.json: policy\.capital_slots: may name at most 16 pots/,
    ],
    ['a wrong policy', { policy: { leverage: 0 } }, /^engine\.json: policy\.leverage/],
    [
      'more positions than slots',
      { policy: { max_open_positions: 65 } },
      /max_open_positions.*at most positions_max \(64\)/,
    ],
    ['leverage beyond the fill model', { policy: { leverage: 1001 } }, /policy\.leverage.*1000/],
    ['no object at all', [], /^engine\.json: /],
  ]
  it.each(refused)('%s is refused by name, as bad input', (_title, given, message) => {
    expect(() => configOf(given)).toThrow(
      expect.objectContaining({ code: 'ERR_INPUT', message: expect.stringMatching(message) }),
    )
  })

  it('every built-in detector can be configured, and every option of it by a key of its own', () => {
    expect(Object.keys(detectorOptionTables)).toEqual(builtInDetectorKinds)
    for (const [kind, table] of Object.entries(detectorOptionTables)) {
      const keys = Object.keys(table).map(optionKeyOf)
      expect(keys.every((key) => /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(key))).toBe(true)
      expect(new Set(keys).size).toBe(keys.length)
      const given = Object.entries(table).map(([name, { default: value }]) => [
        optionKeyOf(name),
        name.endsWith('Minor') ? value / 100 : value,
      ])
      const defaults = Object.fromEntries(Object.entries(table).map(([name, spec]) => [name, spec.default]))
      expect(configOf({ detectors: { [kind]: Object.fromEntries(given) } }).detectors).toEqual({ [kind]: defaults })
    }
  })

  it('the help lists each option with its default and range, money in units', () => {
    const lines = optionLines(detectorOptionTables.cascade!)
    expect(lines).toHaveLength(Object.keys(detectorOptionTables.cascade!).length)
    expect(lines.find((line) => line.startsWith('move_sigmas '))).toMatch(
      /^move_sigmas +3\.5 +1 … 50 +σ of 60 s: least move/,
    )
    expect(lines.find((line) => line.startsWith('capital_required '))).toMatch(
      / 0 +0 … 90000000000000 +quote currency: /,
    )
  })

  it('what the engine cannot do of a policy is refused where it was written', () => {
    const both = [{ policy: { max_open_positions: 65 } }, { leverage: 1001 }] as const
    expect(() => configOf(both[0], {})).toThrow(/^engine\.json: policy\.max_open_positions: /)
    expect(() => configOf({}, both[1])).toThrow(/^policy\.json: leverage: /)
  })

  it('text that is no JSON is refused by the file’s name', () => {
    expect(() => parseConfig({ text: '{"capital": }', name: 'engine.json' }, null)).toThrow(
      expect.objectContaining({ code: 'ERR_INPUT', message: expect.stringMatching(/^engine\.json/) }),
    )
    expect(() => parseConfig(null, { text: 'no', name: 'policy.json' })).toThrow(
      expect.objectContaining({ code: 'ERR_INPUT', message: expect.stringMatching(/^policy\.json/) }),
    )
  })

  it('strategies: modules lie beside the file, numbers have their ranges, data comes as it is', () => {
    const strategies = [
      { module: 'mine.mjs', name: 'mine', budget_ms: 500, memory_mb: 64, data: { list: [1, 'two', null] } },
      { module: 'file:///elsewhere/theirs.mjs' },
    ]
    const text = JSON.stringify({ strategies, leave_to_strategies: ['FAILED_HUNT'] })
    const config = parseConfig({ text, name: 'folder/config.json' }, null)
    expect(config.leaveToStrategies).toEqual(['FAILED_HUNT'])
    expect(config.strategies).toEqual([
      {
        module: resolve('folder/mine.mjs'),
        ...{ name: 'mine', budgetMs: 500, memoryMb: 64, data: { list: [1, 'two', null] } },
        place: 'folder/config.json: strategies[0]',
      },
      { module: 'file:///elsewhere/theirs.mjs', data: undefined, place: 'folder/config.json: strategies[1]' },
    ])
  })

  it.each([
    [{}, /^c: strategies\[0\]\.module: must be text/],
    [{ module: 'a', budget_ms: 1 }, /^c: strategies\[0\]\.budget_ms: must be an integer in 200 … 600000, got 1$/],
    [{ module: 'a', memory_mb: 1 }, /^c: strategies\[0\]\.memory_mb: must be an integer in 16 … 65536, got 1$/],
    [{ module: 'a', modul: 'b' }, /^c: strategies\[0\]\.modul: unknown key; module is one$/],
  ])('strategies: %j is refused by its key', (strategy, message) => {
    const text = JSON.stringify({ strategies: [strategy] })
    expect(() => parseConfig({ text, name: 'c' }, null)).toThrow(message)
  })
})
