/** Results of `tune` in this process, without the command line: from a journal's folder or file. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TuneResult } from '../../src/cli/tune/tune-result.ts'
import { defaultPolicy } from '../../src/domain/policy.ts'
import type { TuningRules } from '../../src/domain/tuning-rules.ts'
import type { NumberedWeightSet } from '../../src/domain/weight-set.ts'
import { readCounterfactuals } from '../../src/learn/entry-reader.ts'
import { nextWeightsOf } from '../../src/learn/tuning/next-weights.ts'
import { answerOf, type SearchName, tuningRequestOf } from '../../src/learn/tuning/tuning-request.ts'
import { linesText } from './counterfactuals.ts'
import { temporaryFolder } from './temporary.ts'

export interface TuneCase {
  readonly search?: SearchName
  readonly rules?: Partial<TuningRules>
  readonly inForce?: NumberedWeightSet | null
}

export function resultOf(journal: string, { search = 'grid', rules = {}, inForce = null }: TuneCase = {}): TuneResult {
  const policy = { ...defaultPolicy, tuning: { ...defaultPolicy.tuning, ...rules } }
  const { entries, skipped } = readCounterfactuals(journal)
  const request = tuningRequestOf(entries, search, policy, inForce)
  const tuning = answerOf(request)
  const { atSeconds, count } = request.set
  return {
    ...{ journal, search, tuning, skipped, inForce, standing: null, replayed: null, application: null },
    ...{ options: '', newestNs: 0n, stepDueMs: Number.NEGATIVE_INFINITY },
    ...{ currentByRegime: request.currentByRegime, rules: request.rules },
    span: count === 0 ? null : { fromSeconds: atSeconds[0]!, toSeconds: atSeconds[count - 1]! },
    next: nextWeightsOf(tuning, inForce, request.rules),
  }
}

/** A folder with such entries. */
export function folderOf(entries: readonly unknown[]): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'counterfactuals-000001.ndjson'), linesText(entries))
  return folder
}
