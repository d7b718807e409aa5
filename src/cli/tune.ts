/** `signalbox tune JOURNAL`: the weight search with its gates, one step at a time. */
import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { systemClock } from '../base/clock.ts'
import { inputError, messageOf, SignalboxError } from '../base/errors.ts'
import type { EngineConfig } from '../config.ts'
import { losslessText } from '../domain/lossless-text.ts'
import type { Policy } from '../domain/policy.ts'
import { type NumberedWeightSet, weightSetText } from '../domain/weight-set.ts'
import { readTuningHistory } from '../journal/challenges.ts'
import { appendWeightsLine, rollbackWeightSet } from '../journal/weight-appender.ts'
import { scanWeightSets } from '../journal/weight-sets.ts'
import { readCounterfactualsInSteps } from '../learn/entry-reader.ts'
import { duelIn } from '../learn/tuning/adaptation.ts'
import type { ArbitrationSet } from '../learn/tuning/arbitration-set.ts'
import { nextWeightsOf } from '../learn/tuning/next-weights.ts'
import { type SearchName, searchNames, tuningRequestOf } from '../learn/tuning/tuning-request.ts'
import { readConfig } from './command-input.ts'
import { Page } from './explain/page.ts'
import { Interrupt } from './interrupt.ts'
import { layoutOf } from './terminal/layout.ts'
import { ProgressBar } from './terminal/progress-bar.ts'
import { applyStep, nextStepMs } from './tune/application.ts'
import type { Standing } from './tune/challenge-text.ts'
import { replayBoth } from './tune/replayed.ts'
import { rollbackJson, tuneJson } from './tune/tune-json.ts'
import { type Application, spanOf, type TuneResult } from './tune/tune-result.ts'
import { tuneText } from './tune/tune-text.ts'
import { tuneWatched } from './tune/tuning-thread.ts'
import { type Watch, watchReading } from './watched.ts'

interface TuneOptions {
  readonly search: string
  readonly config?: string
  readonly policy?: string
  readonly apply?: boolean
  readonly rollback?: boolean
  readonly data?: readonly string[]
  readonly threads?: string
  readonly json?: boolean
}

const threadsMax = 64

/** The command, for `main.ts` to add. */
export function tuneCommand(): Command {
  return new Command('tune')
    .description('better weights from what was and was not chosen, and whether to believe them: keep, or one step')
    .argument('<journal>', 'a journal folder, or one counterfactuals-….ndjson')
    .option('--search <name>', 'grid: 76 combinations; simplex: all weights in whole percents', 'grid')
    .option('--config <file>', 'configuration (JSON), for its policy and for --data')
    .option('--policy <file>', "policy (JSON): its tuning has the gates' thresholds; it overrides the configuration's")
    .option('--apply', 'take the step, if all gates are passed, as a numbered weight set in weights.ndjson')
    .option('--rollback', 'go back to the weight set before the current one; nothing is searched')
    .option('--data <files...>', 'recordings to replay with the current and with the found weights')
    .option('--threads <n>', 'threads that search, 1 … 64 (default: one a core); the result is the same')
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', '\nThe journal comes before --data, which takes all that follows.')
    .addHelpText('after', '\nExample:\n  $ signalbox tune out --search simplex')
    .action(async (journal: string, options: TuneOptions) => {
      if (options.rollback === true) rollBack(journal, options)
      else await tune(journal, options)
    })
}

const say = (line: string): void => void process.stderr.write(`signalbox: ${line}\n`)
const nowMs = (): number => Number(systemClock.wallNs() / 1_000_000n)

async function tune(journal: string, options: TuneOptions): Promise<void> {
  const search = searchOf(options.search)
  const threads = threadsOf(options.threads)
  const config = readConfig(options.config, options.policy)
  const isFolder = isFolderOf(journal)
  if (options.apply === true && !isFolder) throw needsFolder('--apply', journal)
  const interrupt = new Interrupt()
  const watch = { interrupt, say, bar: new ProgressBar(process.stderr, systemClock.monotonicNs) }
  try {
    const sets = isFolder ? soundSets(journal) : []
    const data = options.data ?? []
    const result = await resultOf(watch, journal, { search, threads, config, sets, data, shown: shownOptions(options) })
    if (result === null) {
      say('interrupted: nothing was searched to its end, nothing is written')
      process.exitCode = 130
      return
    }
    conclude(result, sets, { ...options, isFolder })
  } finally {
    interrupt.dispose()
  }
}

interface Asked {
  readonly search: SearchName
  readonly threads: number
  readonly config: EngineConfig
  readonly sets: readonly NumberedWeightSet[]
  readonly data: readonly string[]
  /** What the step would have to be asked with again. */
  readonly shown: string
}

/** Reads, searches, judges and replays. Null: interrupted. */
async function resultOf(watch: Watch, journal: string, asked: Asked): Promise<TuneResult | null> {
  const { search, threads, config, sets, data } = asked
  const read = await watchReading(watch, (report) => readCounterfactualsInSteps(journal, { report }))
  if (read === null) return null
  const inForce = sets.at(-1) ?? null
  const request = tuningRequestOf(read.entries, search, config.policy, inForce)
  const tuning = await tuneWatched(watch, request, threads)
  if (tuning === null) return null
  const replayed = data.length === 0 ? null : await replayBoth(watch, data, config, tuning)
  if (watch.interrupt.isRequested) return null
  const { set, currentByRegime, rules } = request
  const span = spanOf(set)
  const next = nextWeightsOf(tuning, inForce, rules)
  const { skipped } = read
  const standing = standingOf(journal, request.set, config.policy)
  return {
    ...{ journal, search, tuning, currentByRegime, rules, skipped, span, inForce, next, standing, replayed },
    ...{ application: null, options: asked.shown, stepDueMs: nextStepMs(sets, rules.stepEveryDays, nowMs()) },
    newestNs: read.entries.count === 0 ? 0n : read.entries.timestampNs(read.entries.count - 1),
  }
}

function shownOptions({ search, policy, config }: TuneOptions): string {
  const parts = Object.entries({ search: search === 'grid' ? undefined : search, config, policy })
  return parts.flatMap(([name, value]) => (value === undefined ? [] : [` --${name} ${value}`])).join('')
}

/** Null: no comparison goes on, or it is a single file. */
function standingOf(journal: string, set: ArbitrationSet, policy: Policy): Standing | null {
  const { challenge, faults } = readTuningHistory(journal)
  for (const fault of faults) say(`passed over: ${fault}`)
  return challenge === null ? null : { challenge, duel: duelIn(set, challenge, policy) }
}

/** Writes the result beside the journal, applies the step where that is asked, and prints. */
function conclude(
  result: TuneResult,
  sets: readonly NumberedWeightSet[],
  { apply, json, isFolder }: TuneOptions & { readonly isFolder: boolean },
): void {
  if (isFolder) record(result)
  let application: Application | null = null
  try {
    if (apply === true) application = applyStep(result, sets, nowMs())
  } finally {
    // Also where the step could not be written: it was searched for.
    const whole = { ...result, application }
    const text = json === true ? losslessText(tuneJson(whole)) : tuneText(whole, layoutOf(process.stdout))
    process.stdout.write(`${text}\n`)
  }
  if (application?.status !== 'refused') return
  say(`nothing is applied: ${application.why}; ${application.remedy}`)
  process.exitCode = 1
}

/** The result stands on standard output whether or not it can be noted. */
function record(result: TuneResult): void {
  const at = new Date(nowMs()).toISOString()
  try {
    appendWeightsLine(result.journal, losslessText({ ...tuneJson(result), at }))
  } catch (thrown) {
    if (!(thrown instanceof SignalboxError)) throw thrown
    say(`the result is not noted: ${messageOf(thrown)}`)
  }
}

/** As a running engine sees them: what is wrong is named and passed over. */
function soundSets(journal: string): readonly NumberedWeightSet[] {
  const { sets, faults } = scanWeightSets(journal)
  for (const { error } of faults) say(`passed over: ${error.message}`)
  return sets
}

function rollBack(journal: string, { apply, data, config, policy, threads, json }: TuneOptions): void {
  if (apply === true) throw inputError('--rollback', 'does not go with --apply: one step on, or one back')
  for (const [option, value] of Object.entries({ data, config, policy, threads })) {
    if (value !== undefined) throw inputError('--rollback', `searches for nothing: leave --${option} out`)
  }
  if (!isFolderOf(journal)) throw needsFolder('--rollback', journal)
  const sets = soundSets(journal)
  const outcome = rollbackWeightSet(journal, new Date(nowMs()).toISOString())
  if (outcome.status === 'nothing') {
    say(`${journal}: nothing to roll back: ${outcome.why}`)
    process.exitCode = 1
    return
  }
  const { set } = outcome
  const from = sets.find(({ version }) => version === set.version - 1) ?? set
  if (json === true) {
    process.stdout.write(`${losslessText(rollbackJson(from, set))}\n`)
    return
  }
  const page = new Page(layoutOf(process.stdout))
  page.line('Rolled back.', 'bold')
  page.words(`from ${weightSetText(from)}`, 2)
  page.words(`to ${weightSetText(set)}`, 2)
  process.stdout.write(`${page.text}\n`)
}

function searchOf(text: string): SearchName {
  const name = searchNames.find((each) => each === text)
  if (name !== undefined) return name
  throw inputError('--search', `must be ${searchNames.join(' or ')}, got ${JSON.stringify(text)}`)
}

function threadsOf(text: string | undefined): number {
  if (text === undefined) return Math.min(threadsMax, availableParallelism())
  const threads = Number(text)
  if (/^\d+$/.test(text) && threads >= 1 && threads <= threadsMax) return threads
  throw inputError('--threads', `must be an integer 1 … ${threadsMax}, got ${JSON.stringify(text)}`)
}

function isFolderOf(journal: string): boolean {
  const found = statSync(journal, { throwIfNoEntry: false })
  if (found === undefined) throw inputError(journal, 'there is no such file or folder', journal)
  return found.isDirectory()
}

function needsFolder(option: string, journal: string): SignalboxError {
  return inputError(option, `needs a journal folder, where weights.ndjson is; ${journal} is a file`)
}
