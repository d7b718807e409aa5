/** `detect --json` prints what a replay of the same recordings journals as events, line by line, when nothing is traded. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, signalbox } from '../support/command.ts'
import { describeWithShared } from '../support/shared.ts'
import { temporaryFolder } from '../support/temporary.ts'

const sampleFiles = readdirSync(join(root, 'samples'))
  .filter((name) => name.endsWith('.jsonl.gz'))
  .map((name) => join(root, 'samples', name))

/** Short lives, so that many events expire; and none is ever chosen, so that no strategy declines one. */
const config = {
  policy: { min_priority_score: 1 },
  detectors: { cascade: { life_s: 20, complete_s: 90 }, snapback: { life_s: 60 } },
}

interface Lines {
  readonly detect: string
  readonly replay: string
}

function linesOf(files: readonly string[], configuration: object): Lines {
  const folder = temporaryFolder()
  const configFile = join(folder, 'config.json')
  writeFileSync(configFile, JSON.stringify(configuration))
  const detect = signalbox(['detect', ...files, '--json', '--config', configFile])
  expect(detect.stderr).toBe('')
  expect(detect.status).toBe(0)
  const journal = join(folder, 'journal')
  const replay = signalbox(['replay', ...files, '--json', '--config', configFile, '--journal', journal])
  expect(replay.status).toBe(0)
  expect((JSON.parse(replay.stdout) as { trades: number }).trades).toBe(0)
  const events = readdirSync(journal)
    .filter((name) => name.startsWith('events-'))
    .sort()
    .map((name) => readFileSync(join(journal, name), 'utf8'))
  return { detect: detect.stdout, replay: events.join('') }
}

describe('detect on the sample', () => {
  it("detect: its lines are those of the replay's journal, expiries included", () => {
    const { detect, replay } = linesOf(sampleFiles, config)
    expect(detect.split('\n').length).toBeGreaterThan(50)
    expect(detect).toContain('"state":"INVALIDATED"')
    expect(detect).toContain('"evidence":{"expired":1}')
    expect(detect).toBe(replay)
  })

  it('canary: lines with one expiry left out would have been told apart', () => {
    const { detect, replay } = linesOf(sampleFiles, config)
    const lines = detect.split('\n')
    const expiry = lines.findIndex((line) => line.includes('"expired":1'))
    expect(lines.toSpliced(expiry, 1).join('\n')).not.toBe(replay)
  })

  it('detect: two runs and any order of the files print the same', () => {
    const first = signalbox(['detect', ...sampleFiles, '--json']).stdout
    expect(signalbox(['detect', ...sampleFiles.toReversed(), '--json']).stdout).toBe(first)
  })
})

describeWithShared('detect on recorded days', (shared) => {
  it.each(['20260614', '20260617'])("detect: on %s its lines are those of the replay's journal", (day) => {
    const folder = join(shared, 'data/hyperliquid')
    const files = readdirSync(folder)
      .filter((name) => /^(trades|ctx)_/.test(name) && name.includes(day))
      .map((name) => join(folder, name))
    const { detect, replay } = linesOf(files, { policy: { min_priority_score: 1 } })
    expect(detect.split('\n').length).toBeGreaterThan(100)
    expect(detect).toBe(replay)
  })
})
