/** A weight set that is appended while `demo` runs is what it decides with from then on, on whichever threads its stages are. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arbitrate } from '../../src/cli/arbitrate.ts'
import { appendWeightSet, rollbackWeightSet } from '../../src/journal/weight-appender.ts'
import { mainPath, root } from '../support/command.ts'
import { bareDecision, journalLines } from '../support/journal-lines.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from '../unit/stages/feed/recordings.ts'

const base = { priorityScore: 0.4, freshness: 0.3, regimeAlignment: 0.2, expectedValue: 0.1 }
const weights = { priorityScore: 0.1, freshness: 0.6, regimeAlignment: 0.2, expectedValue: 0.1 }
const ofTrend = { priorityScore: 0.8, freshness: 0.1, regimeAlignment: 0.1, expectedValue: 0 }
const at = '2026-06-17T18:00:00Z'

const decisionsIn = (folder: string): number => {
  const path = join(folder, 'decisions-000001.ndjson')
  return existsSync(path) ? readFileSync(path, 'latin1').split('\n').length - 1 : 0
}

describe('weight sets, live', () => {
  it.each(['inline', 'compact', 'spread'])(
    '%s: a set that is appended is said within the look and decides from then on; a rollback is a set like others',
    async (topology) => {
      const folder = join(temporaryFolder(), 'journal')
      const args = ['demo', '--loop', '--time-scale', '300', '--topology', topology, '--journal', folder]
      const child = spawn(process.execPath, [mainPath, ...args], { cwd: root })
      let said = ''
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          said += chunk.toString()
        })
      }
      const ended = once(child, 'close')
      /** Takes a step, waits until it is said, and until something was decided after that. */
      const stepped = async (step: () => void, line: string): Promise<number> => {
        step()
        const decidedBefore = decisionsIn(folder)
        await until(() => said.includes(line), `it says ${line}`)
        const decided = decisionsIn(folder)
        await until(() => decisionsIn(folder) > decided, 'another decision', 60_000)
        return decidedBefore
      }
      try {
        await until(() => decisionsIn(folder) > 0, 'the first decision', 60_000)
        const draft = { weights, byRegime: { trend: ofTrend }, reason: 'one step', at, base }
        const text =
          'weights 2: priority 0.1, freshness 0.6, regime 0.2, expected value 0.1; own weights in trend (one step)'
        const before = await stepped(() => appendWeightSet(folder, draft), text)
        const back = 'weights 3: priority 0.4, freshness 0.3, regime 0.2, expected value 0.1 (rollback of version 2'
        await stepped(() => rollbackWeightSet(folder, at), back)
        child.kill('SIGTERM')
        expect(await ended).toEqual([0, null])
        expect(said).toMatch(/^ +weights +version 3 at the end$/m)
        const decisions = journalLines(folder, 'decisions')
        const inputs = journalLines(folder, 'inputs')
        const versions = decisions.map((line) => (JSON.parse(line) as { weights_version: number }).weights_version)
        expect(versions).toEqual([...versions].sort())
        expect(versions.slice(0, before)).toEqual(Array(before).fill(1))
        expect([...new Set(versions)]).toEqual([1, 2, 3])
        for (const [index, decision] of decisions.entries()) {
          const scenario = /"scenario":(.*)\}$/.exec(inputs[index]!)![1]!
          expect(bareDecision(arbitrate(scenario, 'inputs'))).toBe(bareDecision(decision))
          const { regime, policy } = JSON.parse(scenario)
          const expected = versions[index] !== 2 ? base : regime === 'trend' ? ofTrend : weights
          expect(Object.values(policy.weights)).toEqual(Object.values(expected))
        }
        for (const line of journalLines(folder, 'counterfactuals')) {
          const entry = JSON.parse(line)
          const expected = entry.weights_version !== 2 ? base : entry.regime === 'trend' ? ofTrend : weights
          expect(Object.values(entry.weights)).toEqual(Object.values(expected))
        }
      } finally {
        child.kill('SIGKILL')
      }
    },
  )
})
