/** Explanations of random decisions, through a journal on disk. fast-check prints the seed of a failure. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { explain, explanationText } from '../../../src/cli/explain.ts'
import { writeJournal } from '../../support/journal-of.ts'
import { scenarios } from '../decide/scenarios.ts'

test('explain: every rule has words, whatever was decided, with the inputs and without them', () => {
  const reasons = new Set<string>()
  fc.assert(
    fc.property(scenarios(4), scenarios(4), (before, after) => {
      const folder = mkdtempSync(join(tmpdir(), 'signalbox-explain-'))
      try {
        const written = writeJournal(folder, [{ ...before }, { ...after }], [])
        const ids = written.flatMap(({ arbitrationId, decision }) => [
          arbitrationId,
          ...decision.candidates.map(({ eventId }) => eventId),
        ])
        const say = (): void => {
          for (const id of ids) {
            const explanation = explain(folder, id, (line) => {
              throw new Error(line)
            })
            const text = explanationText(explanation, { columns: 100, isColoured: false })
            expect(text).not.toMatch(/undefined|NaN|\[object/)
            if (explanation.kind !== 'arbitration') continue
            reasons.add(explanation.selection_reason)
            for (const { reason, sentence } of explanation.rejected) {
              reasons.add(reason)
              expect(sentence.endsWith('.')).toBe(true)
            }
          }
        }
        say()
        rmSync(join(folder, 'inputs-000001.ndjson'))
        say()
      } finally {
        rmSync(folder, { recursive: true })
      }
    }),
    { numRuns: 120 },
  )
  // Of 7 selection reasons and 15 rejections; risk_limit is no scenario's, for what a lot costs is no part of one.
  expect(reasons.size).toBeGreaterThan(14)
})
