/** The example of a detector of one's own runs as it stands: its test on its tape, and the detector on the sample. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../support/command.ts'

it('example: a detector of one’s own passes its test and finds events in the sample', () => {
  const samples = readdirSync(join(root, 'samples'))
    .filter((name) => name.endsWith('.jsonl.gz'))
    .map((name) => join(root, 'samples', name))
  const run = spawnSync(process.execPath, [join(root, 'examples', 'own-detector.mjs'), ...samples], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  expect(run.stderr).toBe('')
  const [first, ...events] = run.stdout.trim().split('\n')
  expect(first).toBe('the detector fires once on its tape, and completes at its target')
  expect(events.filter((line) => line.includes('TRIGGERED')).length).toBeGreaterThan(5)
})
