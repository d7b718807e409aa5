/** Made-up runs whose weights change in mid-course, by regime too: what the journal says of each decision is what it was made with. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { arbitrate } from '../../src/cli/arbitrate.ts'
import type { Weights } from '../../src/domain/policy.ts'
import { type Regime, regimes } from '../../src/domain/regime.ts'
import type { WeightSet } from '../../src/domain/weight-set.ts'
import { missingEntries } from '../../src/journal/entry-recovery.ts'
import { Journal } from '../../src/journal/journal.ts'
import { InlineJournal } from '../../src/pipeline/run-journal.ts'
import { bareDecision, journalLines } from '../support/journal-lines.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { playMadeUpRun } from './made-up-market.ts'

type WeightsJson = Readonly<Record<string, number>>
interface InputsLine {
  readonly scenario: { readonly regime: Regime | null; readonly policy: { readonly weights: WeightsJson } }
}
interface EntryLine {
  readonly arbitration_id: string
  readonly regime: Regime | null
  readonly weights_version: number
  readonly weights: WeightsJson
}

const jsonOf = (weights: Weights): WeightsJson => ({
  priority_score: weights.priorityScore,
  freshness: weights.freshness,
  regime_alignment: weights.regimeAlignment,
  expected_value: weights.expectedValue,
})
const roundedOf = (weights: WeightsJson): WeightsJson =>
  Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, Number(weight.toPrecision(12))]))

/** A run whose arbitration is given another set now and then; the sets by version, from 2 on. */
async function playedWith(seed: number): Promise<{ folder: string; sets: Map<number, WeightSet>; own: Weights }> {
  const random = new Random(seed * 31)
  // Seventeen digits each, so that what is rounded and what is not can be told.
  const weights = (): Weights => ({
    priorityScore: random.fraction(),
    freshness: random.fraction(),
    regimeAlignment: random.fraction(),
    expectedValue: random.fraction(),
  })
  const sets = new Map<number, WeightSet>()
  const newWeights = (): WeightSet | null => {
    if (random.fraction() > 0.2) return null
    const own = regimes.filter(() => random.fraction() < 0.4)
    const byRegime = Object.fromEntries(own.map((regime) => [regime, weights()]))
    const set = { version: sets.size + 2, weights: weights(), byRegime }
    sets.set(set.version, set)
    return set
  }
  const folder = temporaryFolder()
  const journal = new InlineJournal(Journal.open(folder))
  const { rig } = playMadeUpRun(seed, { journal, newWeights })
  await journal.close()
  rig.close()
  return { folder, sets, own: rig.config.policy.weights }
}

const linesOf = <Line>(folder: string, series: string): Line[] =>
  journalLines(folder, series).map((line) => JSON.parse(line) as Line)

describe('weight sets of a run', () => {
  it('arbitrate on the inputs of each decision gives it, and number and weights are those of one set and one regime', async () => {
    const seen = { decisions: 0, versions: 0, ofRegime: 0 }
    for (let seed = 1; seed <= 30; seed += 1) {
      const { folder, sets, own } = await playedWith(seed)
      const texts = journalLines(folder, 'inputs')
      let before = 1
      for (const [index, decision] of journalLines(folder, 'decisions').entries()) {
        const scenario = /"scenario":(.*)\}$/.exec(texts[index]!)![1]!
        expect(bareDecision(arbitrate(scenario, 'inputs'))).toBe(bareDecision(decision))
        const { weights_version: version } = JSON.parse(decision) as { weights_version: number }
        expect(version).toBeGreaterThanOrEqual(before)
        const { regime, policy } = (JSON.parse(texts[index]!) as InputsLine).scenario
        const set = sets.get(version) ?? { version: 1, weights: own, byRegime: {} }
        const ofRegime = set.byRegime[regime!]
        expect(policy.weights).toEqual(jsonOf(ofRegime ?? set.weights))
        seen.decisions += 1
        seen.versions += version > before ? 1 : 0
        seen.ofRegime += ofRegime === undefined ? 0 : 1
        before = version
      }
    }
    expect(seen.decisions).toBeGreaterThan(500)
    expect(seen.versions).toBeGreaterThan(100)
    expect(seen.ofRegime).toBeGreaterThan(100)
  })

  it('an entry says them to twelve digits, and one that is recovered says the same', async () => {
    let recovered = 0
    for (let seed = 1; seed <= 15; seed += 1) {
      const { folder } = await playedWith(seed)
      const entries = linesOf<EntryLine>(folder, 'counterfactuals')
      const inputs = new Map(
        linesOf<InputsLine & { arbitration_id: string }>(folder, 'inputs').map((line) => [line.arbitration_id, line]),
      )
      const saidOf = ({ arbitration_id, regime, weights_version, weights }: EntryLine): object => ({
        ...{ arbitration_id, regime, weights_version, weights },
      })
      for (const { arbitration_id, regime, weights } of entries) {
        const { scenario } = inputs.get(arbitration_id)!
        expect([regime, weights]).toEqual([scenario.regime, roundedOf(scenario.policy.weights)])
      }
      writeFileSync(join(folder, 'counterfactuals-000001.ndjson'), '')
      const again = [...missingEntries(folder, 1, 1e9)].flatMap((line) => (line === null ? [] : [JSON.parse(line)]))
      const bySequence = (one: EntryLine, other: EntryLine): number =>
        Number(one.arbitration_id.split('_')[3]) - Number(other.arbitration_id.split('_')[3])
      expect(again.map(saidOf)).toEqual(entries.sort(bySequence).map(saidOf))
      recovered += again.length
    }
    expect(recovered).toBeGreaterThan(100)
  })

  it('canary: inputs with the weights of another decision are found', async () => {
    const { folder } = await playedWith(1)
    const path = join(folder, 'inputs-000001.ndjson')
    const pattern = /"weights":\{[^}]*\}/
    const [first] = pattern.exec(readFileSync(path, 'utf8'))!
    const differing = journalLines(folder, 'decisions').filter((decision, index) => {
      const scenario = /"scenario":(.*)\}$/.exec(journalLines(folder, 'inputs')[index]!)![1]!.replace(pattern, first)
      return bareDecision(arbitrate(scenario, 'inputs')) !== bareDecision(decision)
    })
    expect(differing.length).toBeGreaterThan(5)
  })
})
