/** What the engine refuses to put on threads, by name. */
import { expect, it } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { instrumentOf } from '../../src/domain/instrument.ts'
import { Timeline } from '../../src/domain/units.ts'
import { Engine } from '../../src/engine.ts'
import type { EngineOptions } from '../../src/engine-options.ts'
import { Journal } from '../../src/journal/journal.ts'
import { journalSeries } from '../../src/journal/series.ts'
import { temporaryFolder } from '../support/temporary.ts'

const options = (): EngineOptions => ({
  config: parseConfig(null, null),
  instruments: [instrumentOf('BTC')],
  timeline: new Timeline(0),
  backend: 'js',
  journal: null,
  monotonicNs: () => 0,
  mode: 'replay',
  topology: 'compact',
  report: () => undefined,
})

it.each([
  [
    'detectors',
    { detectors: [] },
    /topology: compact does not take detectors of your own but as a module \(detectorModule\): use inline/,
  ],
  ['a scorer', { scorer: () => 1 }, /topology: compact does not take a scorer of your own: use inline/],
] as const)('engine: %s is not put on threads, and the error says what to use', (_, extra, message) => {
  expect(() => new Engine({ ...options(), ...extra })).toThrow(message)
})

it('engine: inline takes detectors themselves, not the module that has them', () => {
  const detectorModule = new URL('file:///none.mjs')
  expect(() => new Engine({ ...options(), topology: 'inline', detectorModule })).toThrow(
    /detectorModule: inline takes the detectors themselves: use detectors/,
  )
})

it('engine: a journal that the caller’s thread writes is not put on threads either', () => {
  const journal = Journal.open(temporaryFolder(), { series: journalSeries })
  expect(() => new Engine({ ...options(), journal })).toThrow(/topology: a journal that this thread writes/)
  journal.close()
})

it('engine: types are left to strategies in workers only where there are such types, and such strategies', () => {
  const config = (leave: string): EngineOptions['config'] => {
    const json = { leave_to_strategies: [leave] }
    return parseConfig({ text: JSON.stringify(json), name: 'c' }, null)
  }
  const engine = (over: Partial<EngineOptions>): Engine =>
    new Engine({ ...options(), topology: 'inline', mode: 'live', ...over })
  expect(() => engine({ config: config('FAILED_HUNT') })).toThrow(/leave_to_strategies: there are no strategies/)
  const strategyWorkers = [{ module: 'mine.mjs' }]
  expect(() => engine({ config: config('HUNT'), strategyWorkers })).toThrow(
    /leave_to_strategies: HUNT is no event type/,
  )
  const url = [{ module: 'https://example.org/mine.mjs' }]
  expect(() => engine({ strategyWorkers: url })).toThrow(/strategyWorkers\[0\]\.module: must be a path or a file: URL/)
  expect(() => engine({ strategyWorkers: Array.from({ length: 129 }, () => strategyWorkers[0]!) })).toThrow(
    /at most 128/,
  )
})

it('engine: a replay takes no weights but its policy’s, and a live run none that are numbered below those in use', () => {
  const set = (version: number): NonNullable<EngineOptions['weights']> => ({
    ...{ version, byRegime: {} },
    weights: { priorityScore: 1, freshness: 0, regimeAlignment: 0, expectedValue: 0 },
  })
  const inline = { ...options(), topology: 'inline' } as const
  expect(() => new Engine({ ...inline, weights: set(2) })).toThrow(/a replay decides with its policy's weights/)
  const replay = new Engine(inline)
  expect(() => replay.publishWeights(set(2))).toThrow(/a replay decides with its policy's weights/)
  expect(replay.weightsVersion).toBe(1)
  expect(() => new Engine({ ...inline, mode: 'live', weights: set(1) })).toThrow(/must be an integer above 1/)
  const live = new Engine({ ...inline, mode: 'live', weights: set(3) })
  expect(() => live.publishWeights(set(3))).toThrow(/must be an integer above 3, which is in use; got 3/)
  live.publishWeights(set(4))
  expect(live.weightsVersion).toBe(4)
  for (const engine of [replay, live]) engine.close()
})
