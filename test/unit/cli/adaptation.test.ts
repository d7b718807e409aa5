import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ScheduledAdaptation } from '../../../dist/cli/adaptation/scheduled-adaptation.js'
import { Random } from '../../../src/base/random.ts'
import { type AdaptationRules, adaptFolder } from '../../../src/cli/adaptation/adaptation.ts'
import { defaultPolicy } from '../../../src/domain/policy.ts'
import { readTuningHistory } from '../../../src/journal/challenges.ts'
import { appendWeightSet, appendWeightsLine, rollbackWeightSet } from '../../../src/journal/weight-appender.ts'
import { readWeightSets } from '../../../src/journal/weight-sets.ts'
import { roughlyNormal } from '../../support/made-up-arbitrations.ts'

const policy = { ...defaultPolicy, tuning: { ...defaultPolicy.tuning, resamples: 200 } }
const day = 86_400_000
const monday = Date.UTC(2026, 5, 22)
const rules = (mode: AdaptationRules['mode']): AdaptationRules => ({ policy, mode, everyMs: 7 * day })

let folder: string
let random: Random
let written: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-adaptation-'))
  random = new Random(51)
  written = 0
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Arbitrations in which what more expected value would choose earns so much more than what the policy's weights choose. */
function write(count: number, advantage: number): void {
  const lines = Array.from({ length: count }, () => {
    const at = 1_781_600_000_000_000_000n + BigInt(written) * 600_000_000_000n
    written += 1
    const near = (value: number): number => value + (random.fraction() - 0.5) * 0.1
    const candidate = (name: string, raw: number[], pnl: number) => ({
      ...{ event_id: `${name}_${written}`, event_type: 'FAILED_HUNT', symbol: 'BTC', tier: 2 },
      ...{ detected_at_ns: 0, score: 0.5, age_bonus: 0 },
      raw: { priority_score: raw[0], freshness: raw[1], regime_alignment: raw[2], expected_value: raw[3] },
      outcome: { entry_price: 1, exit_price: 1, pnl, hold_time_ms: 60_000, exit_reason: 'target_hit' },
    })
    const first = candidate('a', [near(0.7), near(0.5), near(0.5), near(0.4)], 10 * roughlyNormal(random))
    const second = candidate(
      'b',
      [near(0.4), near(0.6), near(0.5), near(0.7)],
      10 * (roughlyNormal(random) + advantage),
    )
    const { outcome, ...rejected } = second
    return JSON.stringify({
      ...{ arbitration_id: `arb_${String(written).padStart(6, '0')}`, timestamp: 'AT' },
      ...{ selection_reason: 'highest_score', regime: 'trend', weights_version: 1 },
      weights: { priority_score: 0.4, freshness: 0.3, regime_alignment: 0.2, expected_value: 0.1 },
      selected: [first],
      rejected: [
        {
          ...{ ...rejected, reason: 'lower_score', admissible: true, hypothetical_outcome: outcome },
          ...{ opportunity_cost: outcome.pnl - first.outcome.pnl, filtered: null },
        },
      ],
      analysis: { selected_better: true, best_alternative: null, total_opportunity_cost: 0, regret: 0 },
    }).replace('"AT"', String(at))
  })
  appendFileSync(join(folder, 'counterfactuals-000001.ndjson'), `${lines.join('\n')}\n`)
}

const inForce = () => readWeightSets(folder).at(-1) ?? null

describe('adaptation of a journal', () => {
  it('gradual: one step a week through the gates, and back when the advantage has gone', () => {
    write(400, 0.6)
    const said = adaptFolder(folder, rules('gradual'), monday)
    expect(said).toMatch(/^weights 2: /)
    const step = inForce()!
    expect(step.weights.expectedValue).toBeGreaterThan(0.1)
    expect(readTuningHistory(folder).challenge).toMatchObject({ kind: 'adopted', version: 2, champion: policy.weights })
    // A look is not a search: nothing happens within the week, nor from arbitrations that were there before.
    for (const hours of [0, 1, 167])
      expect(adaptFolder(folder, rules('gradual'), monday + hours * 3_600_000)).toBeNull()
    write(60, 0.6)
    expect(adaptFolder(folder, rules('gradual'), monday + day)).toBeNull()
    write(150, -0.6)
    expect(adaptFolder(folder, rules('gradual'), monday + 2 * day)).toMatch(
      /^weights 3, rolled back to 1: .* beside the champion over /,
    )
    expect(inForce()).toMatchObject({ version: 3, returnsTo: 1, weights: policy.weights })
    expect(readTuningHistory(folder).challenge).toBeNull()
    expect(adaptFolder(folder, rules('gradual'), monday + 3 * day)).toBeNull()
  })

  it('gradual: the next step comes a week later and goes on from the first', () => {
    write(400, 0.6)
    adaptFolder(folder, rules('gradual'), monday)
    const first = inForce()!
    // The same arbitrations would say the same again.
    expect(adaptFolder(folder, rules('gradual'), monday + 7 * day)).toBeNull()
    write(40, 0.6)
    expect(adaptFolder(folder, rules('gradual'), monday + 7 * day)).toMatch(/^weights 3: /)
    expect(inForce()!.weights.expectedValue).toBeGreaterThan(first.weights.expectedValue)
  })

  it('where nothing is better it keeps the weights, says why, and notes what it found as tune does', () => {
    write(400, 0)
    expect(adaptFolder(folder, rules('gradual'), monday)).toMatch(/^the weights are kept: /)
    expect(inForce()).toBeNull()
    const [line] = readFileSync(join(folder, 'weights.ndjson'), 'utf8').trim().split('\n')
    expect(JSON.parse(line!)).toMatchObject({ recommendation: 'keep', next: null, entries: 400 })
  })

  it('challenger: in shadow until it is known to be better, then in force and watched, then given up', () => {
    write(200, 0.6)
    expect(adaptFolder(folder, rules('challenger'), monday)).toMatch(/^a challenger decides in shadow: /)
    expect(inForce()).toBeNull()
    expect(adaptFolder(folder, rules('challenger'), monday + day)).toBeNull()
    write(200, 0.6)
    expect(adaptFolder(folder, rules('challenger'), monday + day)).toMatch(/^weights 2: .*promoted: /)
    expect(readTuningHistory(folder).challenge).toMatchObject({ kind: 'adopted', version: 2 })
    write(150, -0.6)
    expect(adaptFolder(folder, rules('challenger'), monday + 2 * day)).toMatch(/^weights 3, rolled back to 1: /)
  })

  it('tune tells how a comparison stands: totals, win rates, what was missed, the evidence', () => {
    write(200, 0.6)
    adaptFolder(folder, rules('challenger'), monday)
    write(40, 0.1)
    const tune = (...options: string[]) =>
      spawnSync(process.execPath, ['dist/cli/main.js', 'tune', folder, ...options], { encoding: 'utf8' }).stdout
    const { comparison } = JSON.parse(tune('--json'))
    expect(comparison).toMatchObject({ kind: 'shadow', arbitrations: 40, verdict: 'undecided' })
    expect(comparison.champion.opportunity_cost - comparison.challenger.opportunity_cost).toBeCloseTo(
      comparison.challenger.total_pnl - comparison.champion.total_pnl,
      6,
    )
    const text = tune()
    expect(text).toContain('CHALLENGER\n  decides the same candidates in shadow')
    expect(text).toMatch(/over 40 arbitrations since 2026-06-22T00:00:00\.000Z, /)
  })

  it('challenger: one that is worse than it looked is given up without ever having been in force', () => {
    write(200, 0.6)
    adaptFolder(folder, rules('challenger'), monday)
    write(150, -0.6)
    expect(adaptFolder(folder, rules('challenger'), monday + day)).toMatch(/^the challenger is given up: /)
    expect(readWeightSets(folder)).toEqual([])
  })

  it('a set of somebody else ends the comparison with the old one', () => {
    write(200, 0.6)
    adaptFolder(folder, rules('challenger'), monday)
    const weights = { priorityScore: 0.25, freshness: 0.25, regimeAlignment: 0.25, expectedValue: 0.25 }
    const at = new Date(monday).toISOString()
    appendWeightSet(folder, { weights, byRegime: {}, reason: 'by hand', at, base: policy.weights })
    write(200, 0.6)
    expect(adaptFolder(folder, rules('challenger'), monday + day)).toBeNull()
    expect(inForce()).toMatchObject({ version: 2, reason: 'by hand' })
    // A week later it begins anew, against what is in force then.
    expect(adaptFolder(folder, rules('challenger'), monday + 7 * day)).toMatch(/^a challenger decides in shadow: /)
    expect(readTuningHistory(folder).challenge).toMatchObject({ version: 2, champion: weights })
  })

  it('another policy ends what was compared with the old one', () => {
    write(200, 0.6)
    adaptFolder(folder, rules('challenger'), monday)
    write(200, 0.6)
    const other = {
      ...policy,
      weights: { priorityScore: 0.1, freshness: 0.1, regimeAlignment: 0.1, expectedValue: 0.7 },
    }
    expect(adaptFolder(folder, { ...rules('challenger'), policy: other }, monday + day)).toBeNull()
    expect(readWeightSets(folder)).toEqual([])
  })

  it('only the set that was watched is rolled back: another one that came in between stays', () => {
    write(400, 0.6)
    adaptFolder(folder, rules('gradual'), monday)
    const at = new Date(monday).toISOString()
    const weights = { priorityScore: 0.25, freshness: 0.25, regimeAlignment: 0.25, expectedValue: 0.25 }
    appendWeightSet(folder, { weights, byRegime: {}, reason: 'by hand', at, base: policy.weights })
    expect(rollbackWeightSet(folder, at, { version: 2, also: [] })).toMatchObject({ status: 'nothing' })
    expect(inForce()).toMatchObject({ version: 3, reason: 'by hand' })
  })

  it('beside weights by regime no challenger begins: it would be compared with what does not decide', () => {
    write(200, 0.6)
    const at = new Date(monday).toISOString()
    appendWeightSet(folder, {
      weights: policy.weights,
      byRegime: { sideways: policy.weights },
      reason: 'x',
      at,
      base: policy.weights,
    })
    expect(adaptFolder(folder, rules('challenger'), monday)).toMatch(/^the weights are kept: /)
    expect(readTuningHistory(folder).challenge).toBeNull()
  })

  it('a clock that ran ahead once stops neither searches nor comparisons, nor does a search of a person', () => {
    write(200, 0.6)
    appendWeightsLine(folder, `{"in_sample":{},"at":"2099-01-01T00:00:00Z","by":"adaptation"}`)
    appendWeightsLine(folder, `{"in_sample":{},"at":"${new Date(monday).toISOString()}"}`)
    const path = join(folder, 'counterfactuals-000001.ndjson')
    const [first, ...others] = readFileSync(path, 'utf8').split('\n')
    writeFileSync(path, [first!.replace('1781600000000000000', '4000000000000000000'), ...others].join('\n'))
    expect(adaptFolder(folder, rules('challenger'), monday)).toMatch(/^a challenger decides in shadow: /)
    write(200, 0.6)
    expect(adaptFolder(folder, rules('challenger'), monday + day)).toMatch(/^weights 2: /)
  })

  it('what is done is one append: a note is not there without its set, nor a set without its watch', () => {
    write(400, 0.6)
    adaptFolder(folder, rules('gradual'), monday)
    const lines = readFileSync(join(folder, 'weights.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map((line) => ('version' in line ? line.version : 'in_sample' in line ? line.by : line.kind))).toEqual(
      [...[1, 2, 'adaptation', 'adopted']],
    )
  })

  it('a line that means to be a comparison and is none is named and passed over', () => {
    write(200, 0.6)
    adaptFolder(folder, rules('challenger'), monday)
    appendWeightsLine(folder, '{"challenger":{"priority_score":1}}')
    expect(adaptFolder(folder, rules('challenger'), monday + 1)).toMatch(
      /^passed over: .*weights\.ndjson:3: challenger\./,
    )
    expect(readTuningHistory(folder).challenge).toMatchObject({ kind: 'shadow' })
  })

  it('manual: nothing is searched and nothing is written', () => {
    write(400, 0.6)
    expect(adaptFolder(folder, rules('manual'), monday)).toBeNull()
    expect(existsSync(join(folder, 'weights.ndjson'))).toBe(false)
  })

  it('two looks at the same journal write the same lines: nothing but the journal is asked', () => {
    write(300, 0.6)
    const bytes = ['one', 'other'].map(() => {
      adaptFolder(folder, rules('gradual'), monday)
      const text = readFileSync(join(folder, 'weights.ndjson'), 'utf8')
      rmSync(join(folder, 'weights.ndjson'))
      return text
    })
    expect(bytes[1]).toBe(bytes[0])
  })

  it('beside a run it looks on a thread of its own, tells what it did, and stops', async () => {
    write(400, 0.6)
    const line = await new Promise<string>((report) => {
      const looking = new ScheduledAdaptation({
        folder,
        ...rules('gradual'),
        lookMs: 3_600_000,
        report: (said: string) => {
          void looking.stop().then(() => report(said))
        },
      })
      looking.look()
    })
    expect(line).toMatch(/^weights 2: /)
    expect(inForce()!.version).toBe(2)
  })
})
