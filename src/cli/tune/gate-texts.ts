/** The gates of a weight search in words: what each asks, its figure and threshold as a person reads them, why it says keep. Pure. */
import type { TuningRules } from '../../domain/tuning-rules.ts'
import { type Gate, type GateName, type Judgement, stretchesMin } from '../../learn/tuning/judgement.ts'
import { unitsText } from '../explain/figures.ts'

export interface GateText {
  readonly name: string
  readonly value: string
  readonly threshold: string
  readonly meaning: string
}

interface Wording {
  readonly name: string
  readonly sign: '>' | '≥' | '≤'
  /** How its numbers are written. */
  readonly write: (value: number) => string
  readonly meaning: (judgement: Judgement, rules: TuningRules) => string
  /** Why the current weights are kept, behind its figure. */
  readonly refusal: string
}

const wordings: Readonly<Record<GateName, Wording>> = {
  improvement: {
    name: 'improvement',
    sign: '>',
    write: signedMoney,
    meaning: () => 'in sample, what was found earns more than the current weights',
    refusal: 'nothing that was searched earns more',
  },
  sample: {
    name: 'sample',
    sign: '≥',
    write: oneDecimal,
    meaning: () => 'independent arbitrations that the differences are worth',
    refusal: 'too few independent arbitrations',
  },
  walk_forward: {
    name: 'walk-forward',
    sign: '>',
    write: signedMoney,
    meaning: ({ walkForward: { folds } }) =>
      `out of sample, ${folds.length === 0 ? '' : `in ${folds.length} tests, `}weights found before each test earn more in it`,
    refusal: 'out of sample, weights that such a search finds do not earn more',
  },
  bootstrap: {
    name: 'bootstrap',
    sign: '>',
    write: signedMoney,
    meaning: () => 'an arbitration, the lower end of the 95% interval of the difference',
    refusal: 'the 95% interval of the difference begins there, so it may be luck',
  },
  overfitting: {
    name: 'overfitting',
    sign: '≤',
    write: percent,
    meaning: () => 'how often the best of one half is no better than the middle in the other',
    refusal: 'the best of one half of the sample is too often none of the better in the other',
  },
  deflated_sharpe: {
    name: 'deflated Sharpe',
    sign: '≥',
    write: (value) => value.toFixed(2),
    meaning: ({ effectiveTrials }) =>
      `probability that it beats the best of ${effectiveTrials === null ? 'the' : oneDecimal(effectiveTrials)} independent trials without skill`,
    refusal: 'so many trials without skill may do as well',
  },
  reality_check: {
    name: 'reality check',
    sign: '≤',
    write: (value) => String(Number(value.toFixed(3))),
    meaning: () => 'chance that the best of all trials looks so good without skill',
    refusal: 'without skill the best of all trials looks so good too often',
  },
  effect: {
    name: 'effect',
    sign: '>',
    write: signedMoney,
    meaning: (_, { minEffect, changeCost }) =>
      `out of sample an arbitration${changeCost > 0 ? `, ${unitsText(changeCost)} off for each changed choice` : ''}: more than ${percent(minEffect)} of the difference's standard deviation`,
    refusal: 'out of sample it is too little an arbitration to be worth a change',
  },
}

export function gateTextOf(name: GateName, judgement: Judgement, rules: TuningRules): GateText {
  const { name: shownName, meaning } = wordings[name]
  return { name: shownName, ...figuresOf(name, judgement.gates[name]), meaning: meaning(judgement, rules) }
}

/** The gate that keeps the current weights, its figure and why; no full stop. */
export function refusalText(name: GateName, gate: Gate, { folds, cscvParts }: TuningRules): string {
  const { value, threshold } = figuresOf(name, gate)
  const { name: word, refusal } = wordings[name]
  if (gate.value === null) {
    const needed = Math.max(stretchesMin, folds + 1, name === 'overfitting' ? cscvParts : 0)
    return `${word} not known: it needs ${needed} arbitrations at least`
  }
  return `${word} ${value} (must be ${threshold}): ${refusal}`
}

/** As it is called on the page. */
export function gateWord(name: GateName): string {
  return wordings[name].name
}

function figuresOf(name: GateName, { value, threshold }: Gate): Pick<GateText, 'value' | 'threshold'> {
  const { sign, write } = wordings[name]
  const isZeroMoney = threshold === 0 && sign === '>'
  return {
    value: value === null ? 'not known' : write(value),
    threshold: `${sign} ${isZeroMoney ? '0' : write(threshold).replace(/^\+/, '')}`,
  }
}

/** With its sign; below a hundredth to two digits, so that it never looks like a zero that it is not. */
export function signedMoney(units: number): string {
  const size = Math.abs(units)
  if (size < nothing) return unitsText(0)
  const text = size < 0.01 ? Number(size.toPrecision(2)).toFixed(digitsOf(size)) : unitsText(size)
  return `${units > 0 ? '+' : '-'}${text}`
}

/** Rounding of sums, not money. */
const nothing = 1e-9

function digitsOf(size: number): number {
  return Math.ceil(-Math.log10(size)) + 1
}

function oneDecimal(value: number): string {
  return String(Number(value.toFixed(1)))
}

/** A share to one decimal where it has one. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))}%`
}
