/** The ranking of a decision on a page: each candidate's components, and what it is, as far as the width allows on one line. Pure. */
import type { ArbitrationJson, RankedJson } from './arbitration-explanation.ts'
import { countText } from './figures.ts'
import type { Page, Style } from './page.ts'

type Ranking = Pick<ArbitrationJson, 'ranking' | 'admissible_count' | 'weights' | 'scorer'>

export function writeRanking(page: Page, json: Ranking): void {
  const { ranking, admissible_count: admissible, scorer } = json
  page.heading(`RANKING of ${countText(ranking.length, 'event')}, ${admissible} admissible`)
  const table = [wholeTable(ranking), shortTable(ranking), figuresTable(ranking)].find(
    ({ width }) => width <= page.columns,
  )
  if (table === undefined) writeStacked(page, json)
  else writeTable(page, json, table)
  page.words(
    scorer === 'built_in'
      ? 'Each component is its raw value and what it adds to the score: raw × weight.'
      : 'Each component is its raw value and raw × weight. These do not add up to the score: another scorer than the built-in one made it.',
    2,
    'dim',
  )
}

const widths = [13, 13, 13, 13, 7, 7] as const
const figuresWidth = widths.reduce<number>((sum, width) => sum + width, widths.length - 1)

interface Column {
  readonly name: string
  readonly cells: readonly string[]
  readonly width: number
}

/** What stands on each candidate's line before its figures; where the columns leave something out, it is on a line below. */
interface Table {
  readonly columns: readonly Column[]
  readonly hasLineBelow: boolean
  readonly width: number
}

function column(name: string, ranking: readonly RankedJson[], cellOf: (one: RankedJson) => string): Column {
  const cells = ranking.map(cellOf)
  return { name, cells, width: Math.max(name.length, ...cells.map(({ length }) => length)) }
}

function tableOf(columns: readonly Column[], hasLineBelow: boolean): Table {
  const width = columns.reduce((sum, one) => sum + one.width + 1, rankWidth + 1) + figuresWidth
  return { columns, hasLineBelow, width }
}

function wholeTable(ranking: readonly RankedJson[], typeText = (type: string): string => type): Table {
  const columns = [
    column('event', ranking, ({ event_id: id }) => id),
    column('type', ranking, ({ event_type: type }) => typeText(type)),
    column('sym', ranking, ({ symbol }) => symbol),
    column('side', ranking, ({ side }) => side ?? '?'),
    column('state', ranking, ({ lifecycle_state: state }) => state ?? '?'),
    column('tier', ranking, ({ tier }) => String(tier)),
  ]
  return tableOf(columns, false)
}

/** The first four letters of each word of a type: LIQU_CASC. */
function shortTable(ranking: readonly RankedJson[]): Table {
  const short = (type: string): string =>
    type
      .split('_')
      .map((word) => word.slice(0, 4))
      .join('_')
  return wholeTable(ranking, short)
}

function figuresTable(ranking: readonly RankedJson[]): Table {
  return tableOf([column('event', ranking, ({ event_id: id }) => id)], true)
}

const rankWidth = 4

function writeTable(page: Page, json: Ranking, { columns, hasLineBelow }: Table): void {
  const names = columns.map(({ name, width }) => name.padEnd(width)).join(' ')
  page.line(`${'#'.padStart(rankWidth)} ${names} ${headOf(json)}`, 'dim')
  for (const [at, one] of json.ranking.entries()) {
    const cells = columns.map((column) => column.cells[at]!.padEnd(column.width)).join(' ')
    page.line(`${rankText(one)} ${cells} ${figuresOf(one)}`, styleOf(one))
    if (hasLineBelow) page.words(whatText(one), rankWidth + 1, 'dim')
  }
}

/** Three lines each: who it is, what it is, its figures. */
function writeStacked(page: Page, json: Ranking): void {
  page.line(`${'#'.padStart(rankWidth)} ${headOf(json)}`, 'dim')
  for (const one of json.ranking) {
    page.words(`${rankText(one)} ${one.event_id}  ${one.verdict}`, 0, styleOf(one))
    page.words(whatText(one), rankWidth + 1, 'dim')
    page.line(`${' '.repeat(rankWidth + 1)}${figuresOf(one)}`, styleOf(one))
  }
}

function whatText({ event_type: type, symbol, side, lifecycle_state: state, tier }: RankedJson): string {
  return [type, `tier ${tier}`, symbol, ...(side === null ? [] : [side]), ...(state === null ? [] : [state])].join(', ')
}

function rankText({ rank, verdict }: RankedJson): string {
  return `${verdict === 'selected' ? '→' : ''}${rank}`.padStart(rankWidth)
}

function styleOf({ verdict }: RankedJson): Style {
  return verdict === 'selected' ? 'green' : 'plain'
}

function headOf({ weights }: Ranking): string {
  const weightOf = (key: string): string => (weights === null ? '' : ` ×${Number(weights[key]!.toPrecision(4))}`)
  const names = [
    `priority${weightOf('priority_score')}`,
    `fresh${weightOf('freshness')}`,
    `regime${weightOf('regime_alignment')}`,
    `value${weightOf('expected_value')}`,
    'age',
    'score',
  ]
  return names.map((name, at) => name.padStart(widths[at]!)).join(' ')
}

function figuresOf(one: RankedJson): string {
  const pair = ({ raw, weighted }: { readonly raw: number; readonly weighted: number }): string =>
    `${raw.toFixed(3)} ${weighted.toFixed(4)}`
  const cells = [
    pair(one.priority_score),
    pair(one.freshness),
    pair(one.regime_alignment),
    pair(one.expected_value),
    one.age_bonus === 0 ? '0' : `+${one.age_bonus.toFixed(4)}`,
    one.score.toFixed(4),
  ]
  return cells.map((cell, at) => cell.padStart(widths[at]!)).join(' ')
}
