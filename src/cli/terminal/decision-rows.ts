/**
 * Decisions in the live table, a line each: which (its sequence, or where there is room the id that `explain` takes), who was chosen
 * over whom, the capital, and why. What does not fit is left out by name and counted, so that no event is missed. Pure.
 */
import type { Decision, RankedCandidate } from '../../domain/decision.ts'
import type { DecisionMade } from '../../domain/decision-made.ts'
import { toMoney } from '../../domain/units.ts'
import { moneyText } from '../../summary.ts'
import { isWide, type LiveLayout } from './live-layout.ts'
import { clockText, shortName } from './live-lines.ts'
import type { DecisionRow } from './live-model.ts'
import { cell, piece, type StyledLine } from './styled-line.ts'

const clockWidth = 8
/** `#` and 6 digits; of an id 8 digits, so that none is cut for years. */
const sequenceWidth = 7
const idWidth = 28
const capitalWidth = 11

interface Widths {
  /** Of time and sequence, or of the id, which has the time in it. */
  readonly which: number
  readonly choice: number
}

function widthsOf(layout: LiveLayout): Widths {
  const which = isWide(layout) ? idWidth : clockWidth + 1 + sequenceWidth
  const room = layout.columns - which - 2 - (isWide(layout) ? capitalWidth + 1 : 0)
  return { which, choice: Math.max(1, Math.floor(room * 0.55)) }
}

/** Which, choice and, where there is room, capital; the reason stands behind them, for as long as the line is. */
function headOf(layout: LiveLayout, which: string, choice: string, capital: string): string {
  const widths = widthsOf(layout)
  const cells = [cell(which, widths.which), cell(choice, widths.choice)]
  if (isWide(layout)) cells.push(cell(capital, capitalWidth, 'right'))
  return cells.join(' ')
}

export function decisionTitle(layout: LiveLayout): StyledLine {
  return [piece(`${headOf(layout, 'DECISIONS', 'CHOSEN', 'CAPITAL')} WHY`, 'bold')]
}

export function decisionLine(row: DecisionRow, layout: LiveLayout): StyledLine {
  const { decision: made, statuses } = row.message
  const { decision } = made
  const { choice } = widthsOf(layout)
  const clock = clockText(layout.timeline, made.atNs)
  const which = isWide(layout) ? made.arbitrationId : `${clock} ${cell(`#${made.stamp.sequence}`, sequenceWidth)}`
  if (decision.selected.length === 0) {
    const names = firstFitting(namings(decision.candidates), choice - 'none of '.length)
    const head = headOf(layout, which, `none of ${names}`, '–')
    return [piece(head), piece(` ${blockedText(made)}`, 'dim')]
  }
  const isLost = row.declined.size === decision.selected.length
  const capital = isLost ? '–' : moneyText(toMoney(decision.capitalAllocatedMinor))
  const head = headOf(layout, which, firstFitting(choicesOf(decision), choice), capital)
  const refused = [...new Set(statuses)].filter((status) => status !== 'SUCCESS')
  const said = [
    ...refused.map((status) => piece(status, 'bad')),
    ...declinedTexts(row).map((text) => piece(text, 'warn')),
    // Of a selection that came to nothing the reason of that is what counts.
    ...(isLost ? [] : [piece(decision.selectionReason, 'dim')]),
  ]
  return [piece(head, isLost ? 'plain' : 'good'), ...said.flatMap((one, at) => [piece(at === 0 ? ' ' : ', '), one])]
}

/** The first text that fits, or the last one, which says least. */
function firstFitting(texts: readonly string[], width: number): string {
  return texts.find((text) => text.length <= width) ?? texts.at(-1)!
}

const named = ({ eventId, symbol }: RankedCandidate): string => shortName(eventId, symbol)
const scored = (candidate: RankedCandidate): string => `${named(candidate)} ${candidate.score.toFixed(3)}`

/** All with their scores, all without, then ever fewer and the number of the others. */
function namings(candidates: readonly RankedCandidate[], separator = ', '): string[] {
  const names = candidates.map(named)
  const texts = [candidates.map(scored).join(separator), names.join(separator)]
  for (let shown = names.length - 1; shown > 0; shown -= 1) {
    texts.push(`${names.slice(0, shown).join(separator)} and ${names.length - shown} more`)
  }
  return [...texts, `${names.length} events`]
}

/** The selected over the best of the others, from the most that can be said to the least. */
function choicesOf({ candidates, selected }: Decision): string[] {
  const winners = candidates.filter(({ eventId }) => selected.includes(eventId))
  const losers = candidates.filter(({ eventId }) => !selected.includes(eventId))
  const winnersTexts = namings(winners, ' + ')
  if (losers.length === 0) return winnersTexts
  const [best] = losers
  const others = losers.length === 1 ? '' : ` and ${losers.length - 1} more`
  const count = `${losers.length} other${losers.length === 1 ? '' : 's'}`
  return [
    `${winnersTexts[0]} over ${scored(best!)}${others}`,
    `${winnersTexts[0]} over ${named(best!)}${others}`,
    `${winnersTexts[1]} over ${named(best!)}${others}`,
    ...winnersTexts.map((text) => `${text} over ${count}`),
  ]
}

/** Why nobody could be selected: each reason once, with who is in the way. */
function blockedText(made: DecisionMade): string {
  const { decision, scenario } = made
  const names = new Map(
    [...scenario.openPositions, ...decision.candidates].map(({ eventId, symbol }) => [
      eventId,
      shortName(eventId, symbol),
    ]),
  )
  const blockers = new Map<string, Set<string>>()
  for (const { reason, blockedBy } of decision.rejected) {
    const blocking = blockers.get(reason) ?? new Set()
    blockers.set(reason, blocking)
    // The account is full, or spent: of what is open.
    const isOfAccount = reason === 'max_open_positions' || reason === 'insufficient_capital'
    const ids = isOfAccount ? scenario.openPositions.map(({ eventId }) => eventId) : [blockedBy]
    for (const id of ids) if (id !== null) blocking.add(names.get(id) ?? id)
  }
  const texts = [...blockers].map(([reason, by]) => (by.size === 0 ? reason : `${reason}: ${[...by].join(', ')}`))
  return texts.join('; ')
}

/** `declined: reward-to-risk left 0.3, least 1`; with an event's name where several were selected. */
function declinedTexts({ message, declined }: DecisionRow): string[] {
  const { candidates, selected } = message.decision.decision
  return candidates.flatMap((candidate) => {
    const reason = declined.get(candidate.eventId)
    if (reason === undefined) return []
    const whose = selected.length === 1 ? 'declined' : `${named(candidate)} declined`
    // Which strategy it was, its event's type tells.
    const why = reason.replace(/^.*? declines(?:: |$)/, '')
    return [why === '' ? whose : `${whose}: ${why}`]
  })
}
