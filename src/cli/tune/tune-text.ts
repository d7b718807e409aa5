/** The result of `tune` as a page of text: what was searched and found, each gate, and the answer in one sentence. Pure. */
import { regimes } from '../../domain/regime.ts'
import { tuningJson } from '../../domain/tuning-codec.ts'
import { weightSetText } from '../../domain/weight-set.ts'
import { gateNames } from '../../learn/tuning/judgement.ts'
import type { RegimeTuning } from '../../learn/tuning/tuning.ts'
import { policyPercents } from '../../learn/tuning/tuning-request.ts'
import type { WholeWeights } from '../../learn/tuning/weight-lattice.ts'
import { countText, timeText, unitsText } from '../explain/figures.ts'
import { Page, type PageLayout } from '../explain/page.ts'
import { facts, headed, plainText, table } from '../report/table-text.ts'
import { cell, piece, rendered, type StyledLine } from '../terminal/styled-line.ts'
import { writeChallenge } from './challenge-text.ts'
import { gateTextOf, gateWord, percent, refusalText, signedMoney } from './gate-texts.ts'
import { writeReplayed } from './replay-text.ts'
import type { TuneResult } from './tune-result.ts'
import { barLegend, shortWeights, weightLines } from './weight-bars.ts'

const secondsPerDay = 86_400
/** On fewer columns tables have fewer too. */
const narrow = 80

/** @param layout - Where nobody told: 80 columns, no colours. */
export function tuneText(result: TuneResult, layout: PageLayout = { columns: 80, isColoured: false }): string {
  const page = new Page(layout)
  const styled = (line: StyledLine): void => page.line(rendered(line, page.columns, layout.isColoured))
  writeHead(page, result)
  if (result.tuning.entries > 0) {
    writeWeights(page, result, styled)
    writeEarned(page, result)
    writeFolds(page, result)
    writeGates(page, result, styled)
    writeRegimes(page, result)
  }
  if (result.standing !== null) writeChallenge(page, result.standing)
  if (result.replayed !== null) writeReplayed(page, result, result.replayed)
  writeRules(page, result)
  writeAnswer(page, result)
  return page.text
}

function writeHead(page: Page, { journal, tuning, search, skipped, span, inForce }: TuneResult): void {
  page.line(`WEIGHTS of ${plainText(journal)}`, 'bold')
  const { entries, leftOut } = tuning
  const { combinations } = tuning.search
  const points = combinations.toLocaleString('en-US')
  const searched = search === 'grid' ? `the grid, ${points} combinations` : `the simplex, ${points} weights in percents`
  const during = span === null ? '' : `, ${spanText(span.fromSeconds, span.toSeconds)}`
  page.words(`Searched: ${searched}, over ${countText(entries, 'arbitration')}${during}.`)
  if (skipped > 0)
    page.words(`${countText(skipped, 'line')} that ${skipped === 1 ? 'is' : 'are'} no entry left out.`, 2, 'red')
  if (leftOut > 0) {
    page.words(
      `${countText(leftOut, 'entry').replace('entrys', 'entries')} left out: weights did not choose, not one event was selected, there was no rival that a rule allowed, or an outcome is not known.`,
      2,
      'dim',
    )
  }
  if (inForce !== null) page.words(`In force: ${plainText(weightSetText(inForce))}.`)
}

function writeWeights(page: Page, { tuning, search }: TuneResult, styled: (line: StyledLine) => void): void {
  const best = `best of ${tuning.search.combinations.toLocaleString('en-US')} in sample`
  headed(page, 'OPTIMAL WEIGHTS', `the ${best}${search === 'simplex' ? '' : ' on the grid'}; ${barLegend}`)
  for (const line of weightLines(tuning.current, tuning.search.weights, page.columns)) styled(line)
}

function writeEarned(page: Page, { tuning, span, rules }: TuneResult): void {
  const { search, judgement, entries } = tuning
  const improvement = search.totalPnl - search.currentTotalPnl
  const over = span === null ? '' : ` in ${daysText(span.toSeconds - span.fromSeconds)}`
  const { walkForward, ci95, blockLength } = judgement
  const forward =
    walkForward.improvement === null
      ? 'not known: there are too few'
      : `${signedMoney(walkForward.improvement)}${shareText(walkForward.improvement, walkForward.currentPnl)} over ${countText(walkForward.arbitrations, 'arbitration')}, each with weights found before it`
  const interval =
    ci95 === null
      ? 'not known: there are too few'
      : `${signedMoney(ci95[0])} … ${signedMoney(ci95[1])} an arbitration (95%; ${rules.resamples.toLocaleString('en-US')} resamples, blocks of ${Number(blockLength.toFixed(1))}, seed ${rules.seed})`
  page.heading('IMPROVEMENT')
  facts(page, [
    [
      'In sample',
      `${signedMoney(improvement)} total over ${countText(entries, 'arbitration')}${over}${shareText(improvement, search.currentTotalPnl)}: ${unitsText(search.totalPnl)} instead of ${unitsText(search.currentTotalPnl)}`,
    ],
    ['Changed', `${countText(judgement.changed, 'choice')} of ${entries.toLocaleString('en-US')}`],
    ['Out of sample', forward],
    ['Interval', interval],
  ])
}

function writeFolds(page: Page, { tuning }: TuneResult): void {
  const { folds } = tuning.judgement.walkForward
  if (folds.length === 0) return
  headed(
    page,
    'WALK-FORWARD',
    'weights (priority/freshness/regime/value) found in what was known before each test; purged: not over by then',
  )
  const isNarrow = page.columns < narrow
  const columnsOf = <Cell>(whole: readonly Cell[]): Cell[] =>
    whole.filter((_, at) => !isNarrow || (at !== 2 && at !== 5))
  table(page, {
    heads: columnsOf(['', 'trained', 'purged', 'tested', 'weights', 'current', 'difference']),
    rows: folds.map(({ trained, purged, tested, weights, currentPnl, improvement }, at) =>
      columnsOf([
        `Test ${at + 1}`,
        trained.toLocaleString('en-US'),
        purged.toLocaleString('en-US'),
        tested.toLocaleString('en-US'),
        weights === null ? 'current' : shortWeights(weights),
        unitsText(currentPnl),
        signedMoney(improvement),
      ]),
    ),
  })
}

/** Columns of a gate before its meaning: mark, name, figure, threshold. */
const markWidth = 4
const nameWidth = 17
const figureWidth = 11

function writeGates(page: Page, { tuning, rules }: TuneResult, styled: (line: StyledLine) => void): void {
  const { judgement } = tuning
  headed(page, 'GATES', 'all must be passed, else the current weights stay')
  const texts = gateNames.map((name) => gateTextOf(name, judgement, rules))
  const valueWidth = Math.max(...texts.map(({ value }) => value.length))
  const thresholdWidth = Math.max(figureWidth, ...texts.map(({ threshold }) => threshold.length + 2))
  const from = markWidth + nameWidth + valueWidth + thresholdWidth + 2
  // Where little is left beside the figures, what they mean goes below them.
  const isBelow = page.columns - from < 26
  for (const [at, name] of gateNames.entries()) {
    const { passed } = judgement.gates[name]
    const text = texts[at]!
    const [first, ...rest] = isBelow ? [] : wrapped(text.meaning, page.columns - from)
    styled([
      piece(passed ? '  ✓ ' : '  ✗ ', passed ? 'good' : 'bad'),
      piece(cell(text.name, nameWidth)),
      piece(cell(text.value, valueWidth, 'right'), passed ? 'plain' : 'bad'),
      piece(`  ${cell(text.threshold, thresholdWidth)}`, 'dim'),
      piece(first ?? ''),
    ])
    for (const line of rest) page.line(`${' '.repeat(from)}${line}`)
    if (isBelow) page.words(text.meaning, markWidth + 2, 'dim')
  }
}

function writeRegimes(page: Page, { tuning, rules }: TuneResult): void {
  const all = Object.entries(tuning.byRegime)
  if (all.length === 0) return
  headed(
    page,
    'BY REGIME',
    `effective: independent arbitrations; of fewer than ${rules.minEffective} the overall weights hold, and a regime steps only where all arbitrations say step`,
  )
  const columnsOf = <Cell>(whole: readonly Cell[]): Cell[] =>
    whole.filter((_, at) => page.columns >= narrow || (at !== 2 && at !== 3))
  table(page, {
    heads: columnsOf(['', 'taken', 'effective', 'best', 'in sample', 'says']),
    rows: all.map(([name, regime]) =>
      columnsOf([
        name === 'null' ? 'not known' : plainText(name),
        regime.entries.toLocaleString('en-US'),
        regime.effective.toFixed(1),
        ...regimeTexts(name, regime, tuning.recommendation),
      ]),
    ),
  })
}

function regimeTexts(name: string, { tuned }: RegimeTuning, overall: 'keep' | 'step'): string[] {
  if (tuned === null) return ['', '', 'keep: sample']
  const { search, judgement, recommendation } = tuned
  const isKnown = (regimes as readonly string[]).includes(name)
  const says =
    judgement.decidedBy !== null
      ? `keep: ${gateWord(judgement.decidedBy)}`
      : overall === 'keep'
        ? 'keep: as overall'
        : recommendation === 'step' && isKnown
          ? 'step'
          : 'keep: unknown regime'
  return [shortWeights(search.weights), signedMoney(search.totalPnl - search.currentTotalPnl), says]
}

/** The policy's `tuning`, every value. */
function writeRules(page: Page, { rules }: TuneResult): void {
  page.heading("RULES, the policy's tuning")
  const texts = Object.entries(tuningJson(rules)).map(([key, value]) => `${key}=${value ?? 'from-the-sample'}`)
  page.words(texts.join(', '), 2, 'dim')
}

function writeAnswer(page: Page, result: TuneResult): void {
  page.heading('ANSWER')
  page.words(answerText(result), 2, 'bold')
  const { application } = result
  if (application?.status === 'applied') page.words(`Applied: ${weightSetText(application.set)}.`, 2, 'green')
  if (application?.status === 'refused')
    page.words(result.next === null ? 'Not applied.' : `Not applied: ${application.why}.`, 2, 'red')
}

/** The answer in one sentence. */
export function answerText(result: TuneResult): string {
  const { tuning, next, inForce } = result
  const { decidedBy, gates } = tuning.judgement
  if (tuning.entries === 0)
    return 'Keep the current weights: there is no arbitration that other weights could decide anew.'
  if (next === null || decidedBy !== null) {
    return `Keep the current weights${decidedBy === null ? '' : `: ${refusalText(decidedBy, gates[decidedBy], result.rules)}`}.`
  }
  const from = inForce === null ? tuning.current : policyPercents(inForce.weights)
  const to = next.weights.map((share) => share * 100) as unknown as WholeWeights
  const own = Object.entries(next.byRegime).map(([regime, shares]) => `${regime} ${shortShares(shares)}`)
  const parts = own.length === 0 ? '' : `, and of their own in ${own.join(', ')}`
  const how = result.application !== null ? '' : howText(result)
  return `Step: ${shortWeights(from)} → ${shortWeights(to)} (priority/freshness/regime/value)${parts}${how}.`
}

function howText({ journal, options, stepDueMs }: TuneResult): string {
  const command = `\`signalbox tune ${plainText(journal)}${plainText(options)} --apply\` takes it`
  const from =
    stepDueMs === Number.NEGATIVE_INFINITY ? '' : `, from ${new Date(stepDueMs).toISOString().slice(0, 16)}Z on`
  return `; ${command}${from}`
}

function shortShares(shares: WholeWeights): string {
  return shortWeights(shares.map((share) => share * 100) as unknown as WholeWeights)
}

/** ` (+15%)` of the size of what it is beside; nothing beside nothing. */
function shareText(difference: number, of: number): string {
  if (of === 0) return ''
  const share = percent(difference / Math.abs(of))
  return ` (${difference > 0 ? '+' : ''}${share})`
}

function spanText(fromSeconds: number, toSeconds: number): string {
  const text = (seconds: number): string => timeText(BigInt(Math.floor(seconds)) * 1_000_000_000n).slice(0, 16)
  return `${text(fromSeconds)} to ${text(toSeconds)} UTC`
}

function daysText(seconds: number): string {
  const days = seconds / secondsPerDay
  if (days < 2) return `${Number((days * 24).toFixed(days * 24 < 10 ? 1 : 0))} h`
  return `${Number(days.toFixed(days < 10 ? 1 : 0))} days`
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
