/** What the last search for weights said, from `weights.ndjson` of a journal folder. Any thread; blocks on the disk. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readJournal } from '../journal/reader.ts'
import type { Weights } from './entry-store.ts'

const weights = z.looseObject({
  priority_score: z.number(),
  freshness: z.number(),
  regime_alignment: z.number(),
  expected_value: z.number(),
})
/** Of a line that `tune` appended; those of `--apply` and `--rollback` are not this. */
const schema = z.looseObject({
  current: weights,
  in_sample: z.looseObject({
    weights,
    current_total_pnl: z.number(),
    improvement: z.number(),
  }),
  entries: z.number().optional(),
  recommendation: z.string().optional(),
})

/** The last result of `signalbox tune`. Shares of 1; money in units. All of it is in-sample. */
export interface TunedWeights {
  readonly current: Weights
  readonly optimal: Weights
  readonly improvement: number
  readonly currentTotalPnl: number
  /** Entries that took part; null: the result does not say. */
  readonly entries: number | null
  /** `keep` or `step`; null: the result does not say. */
  readonly recommendation: string | null
}

/** Null: nobody has tuned this journal, or it is a single file. Lines that are something else are passed over. */
export function readTunedWeights(journal: string): TunedWeights | null {
  const path = join(journal, 'weights.ndjson')
  if (!existsSync(path)) return null
  let found: TunedWeights | null = null
  for (const read of readJournal(path, 'weights')) {
    const parsed = read.kind === 'line' ? schema.safeParse(read.value) : null
    if (parsed?.success !== true) continue
    const { current, in_sample: best, entries, recommendation } = parsed.data
    found = {
      current,
      optimal: best.weights,
      improvement: best.improvement,
      currentTotalPnl: best.current_total_pnl,
      entries: entries ?? null,
      recommendation: recommendation ?? null,
    }
  }
  return found
}
