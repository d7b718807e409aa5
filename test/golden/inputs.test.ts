/** Each journalled decision, taken again by `arbitrate` on its journalled inputs: the engine and the pure core say the same. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arbitrate } from '../../src/cli/arbitrate.ts'
import { readJournal } from '../../src/journal/reader.ts'
import { root, signalbox } from '../support/command.ts'
import { temporaryFolder } from '../support/temporary.ts'

const sampleFiles = readdirSync(join(root, 'samples'))
  .filter((name) => name.endsWith('.jsonl.gz'))
  .map((name) => join(root, 'samples', name))

/** The decision itself: without what the engine stamps on it. */
function bare(line: string): string {
  return line
    .replace(
      /^\{"timestamp":(\d+),"arbitration_id":"[^"]*","sequence":\d+,"weights_version":\d+,"state_version":\d+/,
      '$1',
    )
    .replaceAll(/"reservation_status":"[A-Z_]*"/g, '')
}

function linesOf(folder: string, series: string): string[] {
  const lines: string[] = []
  for (const read of readJournal(folder, series)) {
    if (read.kind !== 'line') throw new Error(`${series}: ${read.kind}`)
    lines.push(read.text)
  }
  return lines
}

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
    const decisions = linesOf(folder, 'decisions')
    const inputs = linesOf(folder, 'inputs')
    expect(inputs).toHaveLength(decisions.length)
    expect(decisions.length).toBeGreaterThan(20)
    // Sizing is part of it: what a lot costs stands in the inputs.
    if (policy?.startsWith('tiny-slots')) expect(decisions.some((line) => line.includes('"risk_limit"'))).toBe(true)
    decisions.forEach((decision, index) => {
      const scenario = /^\{"arbitration_id":"([^"]*)","scenario":(.*)\}$/.exec(inputs[index]!)!
      expect(decision).toContain(`"arbitration_id":"${scenario[1]}"`)
      expect(bare(arbitrate(scenario[2]!, 'inputs'))).toBe(bare(decision))
    })
  })
})
