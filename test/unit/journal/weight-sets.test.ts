/** The `weights.ndjson` of a journal's folder: who reads it, who appends to it, who watches it. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Weights } from '../../../src/domain/policy.ts'
import {
  appendWeightSet,
  appendWeightSetAfter,
  appendWeightsLine,
  rollbackWeightSet,
  type WeightSetDraft,
} from '../../../src/journal/weight-appender.ts'
import { currentWeightSet, readWeightSets, scanWeightSets } from '../../../src/journal/weight-sets.ts'
import { WeightWatch } from '../../../src/journal/weight-watch.ts'
import { temporaryFolder } from '../../support/temporary.ts'

const base: Weights = { priorityScore: 0.4, freshness: 0.3, regimeAlignment: 0.2, expectedValue: 0.1 }
const at = '2026-06-17T18:00:00Z'
const withPriority = (priorityScore: number): Weights => ({ ...base, priorityScore })
const draft = (priorityScore: number, over: Partial<WeightSetDraft> = {}): WeightSetDraft => ({
  weights: withPriority(priorityScore),
  byRegime: {},
  reason: `priority ${priorityScore}`,
  at,
  base,
  ...over,
})
const fileOf = (folder: string): string => join(folder, 'weights.ndjson')
const linesOf = (folder: string): string[] => readFileSync(fileOf(folder), 'utf8').split('\n').slice(0, -1)
const prioritiesOf = (folder: string): number[] => readWeightSets(folder).map(({ weights }) => weights.priorityScore)
const setLine = (version: number): string =>
  JSON.stringify({ version, weights: jsonWeights, by_regime: {}, at, reason: 'by hand' })
const jsonWeights = { priority_score: 0.4, freshness: 0.3, regime_alignment: 0.2, expected_value: 0.1 }

/** `versions` sets, the first the policy's. */
function folderWith(versions: number): string {
  const folder = temporaryFolder()
  for (let version = 2; version <= versions; version += 1) appendWeightSet(folder, draft(version))
  return folder
}

describe('appended weight sets', () => {
  it('after a version: appended while that is the newest, else nothing is', () => {
    const folder = temporaryFolder()
    expect(appendWeightSetAfter(folder, 2, draft(0.5))).toBeNull()
    expect(appendWeightSetAfter(folder, 0, draft(0.5))).toMatchObject({ version: 2 })
    expect(appendWeightSetAfter(folder, 0, draft(0.6))).toBeNull()
    expect(appendWeightSetAfter(folder, 2, draft(0.6))).toMatchObject({ version: 3 })
    expect(prioritiesOf(folder)).toEqual([0.4, 0.5, 0.6])
  })

  it('are numbered from 2, behind the policy’s own as version 1, and read back as they were given', () => {
    const folder = temporaryFolder()
    expect([readWeightSets(folder), currentWeightSet(folder)]).toEqual([[], null])
    const byRegime = { trend: withPriority(0.7) }
    const second = appendWeightSet(folder, draft(0.5, { byRegime }))
    expect(second).toEqual({
      version: 2,
      weights: withPriority(0.5),
      byRegime,
      at,
      reason: 'priority 0.5',
      returnsTo: null,
    })
    expect(appendWeightSet(folder, draft(0.6)).version).toBe(3)
    const sets = readWeightSets(folder)
    expect(sets.map(({ version, weights }) => [version, weights.priorityScore])).toEqual([
      [1, 0.4],
      [2, 0.5],
      [3, 0.6],
    ])
    expect(sets[1]).toEqual(second)
    expect(currentWeightSet(folder)).toEqual(sets[2])
    expect(readdirSync(folder)).toEqual(['weights.ndjson'])
  })

  it('stand among the lines of tune, which are passed over', () => {
    const folder = folderWith(2)
    appendWeightsLine(folder, '{"current":{},"in_sample":{"weights":{}},"by_regime":{}}')
    appendWeightsLine(folder, '{"challenger":{"weights":{}},"version":1}')
    expect(appendWeightSet(folder, draft(3)).version).toBe(3)
    expect(linesOf(folder)).toHaveLength(5)
    expect(prioritiesOf(folder)).toEqual([0.4, 2, 3])
  })

  it.each([
    ['two lines', '{"in_sample":{}}\n{}'],
    ['no object', '[1]'],
    ['a set', setLine(2)],
  ])('a line of tune that is %s is refused', (_, text) => {
    expect(() => appendWeightsLine(temporaryFolder(), text)).toThrow(/^jsonText /)
  })

  it('a torn end is cut off; an end that only lacks its newline counts and gets it', () => {
    const folder = folderWith(2)
    appendFileSync(fileOf(folder), '{"version":3,"weights":{"prio')
    expect(prioritiesOf(folder)).toEqual([0.4, 2])
    expect(appendWeightSet(folder, draft(3)).version).toBe(3)
    appendFileSync(fileOf(folder), setLine(4))
    expect(readWeightSets(folder).map(({ version }) => version)).toEqual([1, 2, 3, 4])
    expect(appendWeightSet(folder, draft(5)).version).toBe(5)
    expect(linesOf(folder).every((line) => JSON.parse(line).version > 0)).toBe(true)
    expect(linesOf(folder)).toHaveLength(5)
  })

  it.each([
    ['a number that is not the next', setLine(7), 'version: must be 3, got 7'],
    ['a number that was given before', setLine(2), 'version: must be 3, got 2'],
    ['weights of another kind', '{"version":3,"weights":{}}', 'weights.priority_score: must be'],
    ['no JSON', 'oops', 'is not JSON'],
  ])(
    'a line with %s is refused with file and line by readers; whoever appends goes on from what an engine sees',
    (_, line, message) => {
      const folder = folderWith(2)
      appendFileSync(fileOf(folder), `${line}\n`)
      for (const use of [() => readWeightSets(folder), () => currentWeightSet(folder)]) {
        expect(use).toThrow(
          expect.objectContaining({
            code: 'ERR_INPUT',
            message: expect.stringContaining(`weights.ndjson:3: ${message}`),
          }),
        )
      }
      const { sets, faults } = scanWeightSets(folder)
      expect([sets.length, faults.length]).toEqual([2, 1])
      expect(appendWeightSet(folder, draft(3)).version).toBe(3)
      expect(rollbackWeightSet(folder, at)).toMatchObject({ status: 'ok', set: { version: 4 } })
      expect(scanWeightSets(folder).sets.map(({ version }) => version)).toEqual([1, 2, 3, 4])
      expect(readdirSync(folder)).toEqual(['weights.ndjson'])
    },
  )

  it('the first may be 2, where the policy’s own were never written', () => {
    const folder = temporaryFolder()
    writeFileSync(fileOf(folder), `${setLine(2)}\n`)
    expect(currentWeightSet(folder)).toMatchObject({ version: 2 })
    expect(rollbackWeightSet(folder, at)).toMatchObject({ status: 'nothing' })
    writeFileSync(fileOf(folder), `${setLine(3)}\n`)
    expect(() => readWeightSets(folder)).toThrow(/version: must be 1 or 2: it is the first, got 3/)
  })

  it('a draft that would be no set is refused by its key, and nothing is written', () => {
    const folder = temporaryFolder()
    for (const [over, message] of [
      [{ weights: withPriority(-1) }, 'weights.priority_score: must be'],
      [{ base: withPriority(Number.NaN) }, 'weights.priority_score: must be'],
      [{ reason: '\u0007' }, 'reason: must be'],
      [{ at: 'now' }, 'at: must be'],
      [{ byRegime: { calm: base } as object }, 'by_regime.calm: unknown key'],
    ] as const) {
      expect(() => appendWeightSet(folder, draft(0.5, over))).toThrow(message)
    }
    expect(readdirSync(folder)).toEqual([])
  })

  it('a folder that is none, or that is a file, is refused by its name', () => {
    const folder = temporaryFolder()
    expect(() => appendWeightSet(join(folder, 'none'), draft(0.5))).toThrow(/none: is no folder of a journal/)
    writeFileSync(join(folder, 'file'), '')
    expect(() => appendWeightSet(join(folder, 'file'), draft(0.5))).toThrow(/file: is no folder of a journal/)
    expect(readWeightSets(join(folder, 'file'))).toEqual([])
    mkdirSync(fileOf(folder))
    expect(() => readWeightSets(folder)).toThrow(/weights.ndjson: is no file/)
  })

  it('what another holds is waited for, and told in the end; a dead one’s lock is no hindrance', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'weights-elsewhere-1-unknown.lock'), '')
    expect(() => appendWeightSet(folder, draft(0.5))).toThrow(
      /process 1 of elsewhere is appending .* remove weights-elsewhere/,
    )
    rmSync(join(folder, 'weights-elsewhere-1-unknown.lock'))
    appendWeightSet(folder, draft(0.5))
    expect(readdirSync(folder)).toEqual(['weights.ndjson'])
  })
})

describe('a rollback', () => {
  const rolled = (folder: string): readonly [number, number, number | null] | string => {
    const back = rollbackWeightSet(folder, at)
    if (back.status === 'nothing') return back.why
    const { version, weights, returnsTo } = back.set
    expect(currentWeightSet(folder)).toEqual(back.set)
    return [version, weights.priorityScore, returnsTo]
  }

  it('goes one step back each time, not to and fro, down to the policy’s own', () => {
    const folder = folderWith(4)
    expect(rolled(folder)).toEqual([5, 3, 3])
    expect(rolled(folder)).toEqual([6, 2, 2])
    expect(rolled(folder)).toEqual([7, 0.4, 1])
    expect(rolled(folder)).toBe('version 7 has the weights of version 1, the first')
    expect(readWeightSets(folder)).toHaveLength(7)
  })

  it('behind a rollback and another set goes to what was in use when that set came', () => {
    const folder = folderWith(3)
    expect(rolled(folder)).toEqual([4, 2, 2])
    expect(appendWeightSet(folder, draft(5)).version).toBe(5)
    expect(rolled(folder)).toEqual([6, 2, 2])
    expect(rolled(folder)).toEqual([7, 0.4, 1])
  })

  it('brings the weights by regime back too', () => {
    const folder = folderWith(2)
    const byRegime = { sideways: withPriority(0.9) }
    appendWeightSet(folder, draft(3, { byRegime }))
    appendWeightSet(folder, draft(4))
    expect(rollbackWeightSet(folder, at)).toMatchObject({
      set: { byRegime, reason: 'rollback of version 4 to version 3' },
    })
  })

  it('of nothing is refused as a value', () => {
    expect(rolled(temporaryFolder())).toBe('no weight set was ever applied')
  })

  it('that returns to a set that is not there is refused', () => {
    const folder = temporaryFolder()
    const line = { ...JSON.parse(setLine(2)), returns_to: 1 }
    writeFileSync(fileOf(folder), `${JSON.stringify(line)}\n`)
    expect(() => rollbackWeightSet(folder, at)).toThrow(/version 2 returns to 1, which is not there/)
  })
})

describe('the watch of a running engine', () => {
  const watched = (folder: string) => {
    const reports: string[] = []
    const watch = new WeightWatch(folder, (line) => reports.push(line))
    return { reports, look: () => watch.look()?.version ?? null }
  }

  it('gives the newest set once, and each later one', () => {
    const folder = temporaryFolder()
    const { reports, look } = watched(folder)
    expect(look()).toBeNull()
    appendWeightsLine(folder, '{"in_sample":{}}')
    expect(look()).toBeNull()
    appendWeightSet(folder, draft(2))
    expect([look(), look()]).toEqual([2, null])
    for (const priority of [3, 4]) appendWeightSet(folder, draft(priority))
    expect([look(), look()]).toEqual([4, null])
    appendFileSync(fileOf(folder), '{"version":5')
    expect(look()).toBeNull()
    expect(reports).toEqual([])
  })

  it('tells a wrong line once, with file and line, and passes it over; the next right one counts', () => {
    const folder = folderWith(2)
    const { reports, look } = watched(folder)
    expect(look()).toBe(2)
    appendFileSync(fileOf(folder), '{"version":3,"weights":{"priority_score":-1}}\n')
    expect([look(), look()]).toEqual([null, null])
    expect(reports).toEqual([
      expect.stringMatching(/^passed over: .*weights\.ndjson:3: weights\.priority_score: must be/),
    ])
    appendFileSync(fileOf(folder), `${setLine(9)}\n${setLine(3)}\n`)
    expect([look(), look()]).toEqual([3, null])
    expect(reports[1]).toMatch(/weights\.ndjson:4: version: must be 3, got 9/)
    expect(reports).toHaveLength(2)
  })

  it('of many wrong lines tells three, and how many there are more', () => {
    const folder = temporaryFolder()
    writeFileSync(fileOf(folder), 'oops\n'.repeat(1_000))
    const { reports, look } = watched(folder)
    expect([look(), look()]).toEqual([null, null])
    expect(reports).toHaveLength(4)
    expect(reports[3]).toBe('passed over: 997 more lines of weights.ndjson')
  })

  it('a file that goes, or comes again with older sets, changes nothing; that is told once', () => {
    const folder = folderWith(4)
    const { reports, look } = watched(folder)
    expect(look()).toBe(4)
    rmSync(fileOf(folder))
    expect([look(), reports.length]).toEqual([null, 0])
    appendWeightSet(folder, draft(2))
    expect([look(), look()]).toEqual([null, null])
    expect(reports).toEqual([expect.stringMatching(/its newest weight set is 2 now; version 4 stays in use/)])
  })

  it('what cannot be read is told once, and read when it can be', () => {
    const folder = temporaryFolder()
    const { reports, look } = watched(folder)
    mkdirSync(fileOf(folder))
    expect([look(), look()]).toEqual([null, null])
    expect(reports).toEqual([expect.stringMatching(/weights\.ndjson: is no file/)])
    rmSync(fileOf(folder), { recursive: true })
    appendWeightSet(folder, draft(2))
    expect(look()).toBe(2)
  })

  it('of versions below 2 in the file knows nothing: 1 are the policy’s own', () => {
    const folder = temporaryFolder()
    writeFileSync(fileOf(folder), `${setLine(1)}\n`)
    const { reports, look } = watched(folder)
    expect([look(), reports]).toEqual([null, []])
  })
})
