/** Weights beside each other, a bar each: what stays of a weight, what it gains, what it gives up. Pure. */
import { componentWords } from '../../learn/findings.ts'
import { componentNames } from '../../learn/report-figures.ts'
import type { WholeWeights } from '../../learn/tuning/weight-lattice.ts'
import { cell, type Piece, piece, type StyledLine } from '../terminal/styled-line.ts'

const barMax = 44
const barMin = 8
const nameWidth = Math.max(...componentNames.map((name) => componentWords[name].length))

/** `Priority score    35% (was 40%)  ███████░`, a line a component. In percents. */
export function weightLines(from: WholeWeights, to: WholeWeights, columns: number): StyledLine[] {
  const texts = componentNames.map((_, at) => changeText(from[at]!, to[at]!))
  const textWidth = Math.max(...texts.map(({ length }) => length))
  const width = Math.max(barMin, Math.min(barMax, columns - nameWidth - textWidth - 6))
  const scale = Math.max(...from, ...to, 1)
  return componentNames.map((name, at) => [
    piece(`  ${cell(capitalized(componentWords[name]), nameWidth)}  ${cell(texts[at]!, textWidth)}  `),
    ...barPieces((from[at]! / scale) * width, (to[at]! / scale) * width),
  ])
}

export const barLegend = '█ stays, ▓ gained, ░ given up'

/** `30%/35%/20%/15%` without the signs: percents in the order of the components. */
export function shortWeights(weights: WholeWeights): string {
  return weights.map((weight) => decimals(weight)).join('/')
}

function barPieces(from: number, to: number): Piece[] {
  const [kept, more] = [Math.round(Math.min(from, to)), Math.round(Math.max(from, to))]
  // A change is seen, however small it is.
  const change = from === to ? 0 : Math.max(1, more - kept)
  return [
    piece('█'.repeat(Math.max(0, more - change))),
    piece((to > from ? '▓' : '░').repeat(change), styleOf(from, to)),
  ]
}

function styleOf(from: number, to: number): Piece['style'] {
  return to > from ? 'good' : 'dim'
}

function changeText(from: number, to: number): string {
  const [was, is] = [decimals(from), decimals(to)]
  return was === is ? `${is}% (same)` : `${is}% (was ${was}%)`
}

/** At most two decimals: steps are of parts of a percent. */
function decimals(percent: number): string {
  return String(Number(percent.toFixed(2)))
}

function capitalized(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`
}
