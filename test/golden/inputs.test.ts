/** Each journalled decision, taken again by `arbitrate` on its journalled inputs: the engine and the pure core say the same. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arbitrate } from '../../src/cli/arbitrate.ts'
import { root, signalbox } from '../support/command.ts'
import { bareDecision, journalLines } from '../support/journal-lines.ts'
import { temporaryFolder } from '../support/temporary.ts'

const sampleFiles = readdirSync(join(root, 'samples'))
  .filter((name) => name.endsWith('.jsonl.gz'))
  .map((name) => join(root, 'samples', name))

describe.each([
  ['the default policy', null],
  ['a portfolio of two', 'two-positions.policy.json'],
  ['capital slots that lend, a deficit queue', 'slots.policy.json'],
  ['a slot that hardly buys a lot', 'tiny-slots.policy.json'],
])('inputs under %s', (_title, policy) => {
  it('inputs: arbitrate on each gives the decision of the journal', () => {
    const folder = temporaryFolder()
    const args = policy === null ? [] : ['--policy', join(root, 'test/fixtures', policy)]
    const run = signalbox(['replay', ...sampleFiles, '--journal', folder, ...args])
    expect(run.stderr).toBe('')
    const decisions = journalLines(folder, 'decisions')
    const inputs = journalLines(folder, 'inputs')
    expect(inputs).toHaveLength(decisions.length)
    expect(decisions.length).toBeGreaterThan(20)
    // Sizing is part of it: what a lot costs stands in the inputs.
    if (policy?.startsWith('tiny-slots')) expect(decisions.some((line) => line.includes('"risk_limit"'))).toBe(true)
    decisions.forEach((decision, index) => {
      const scenario = /^\{"arbitration_id":"([^"]*)","scenario":(.*)\}$/.exec(inputs[index]!)!
      expect(decision).toContain(`"arbitration_id":"${scenario[1]}"`)
      expect(bareDecision(arbitrate(scenario[2]!, 'inputs'))).toBe(bareDecision(decision))
    })
  })
})
