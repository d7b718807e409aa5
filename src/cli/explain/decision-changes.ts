/** What is different in a decision against the one before it, in sentences. Pure. */
import { listText, moneyText } from './figures.ts'
import type { RuleGround } from './rule-ground.ts'

/**
 * The differences, the causes before the effects. A decision that repeats the one before is not written, so there is one, unless
 * the ledger refused what the one before had selected.
 */
export function changesBetween(before: RuleGround, after: RuleGround): string[] {
  return [...causes(before, after), ...effects(before, after)]
}

function causes(before: RuleGround, after: RuleGround): string[] {
  const changes: string[] = []
  const idsBefore = before.decision.candidates.map(({ eventId }) => eventId)
  const idsAfter = after.decision.candidates.map(({ eventId }) => eventId)
  const came = idsAfter.filter((id) => !idsBefore.includes(id))
  const left = idsBefore.filter((id) => !idsAfter.includes(id))
  const wasSelected = left.filter((id) => before.decision.selected.includes(id))
  const ended = left.filter((id) => !wasSelected.includes(id))
  if (came.length > 0) changes.push(`New among the candidates: ${listText(came)}.`)
  if (wasSelected.length > 0) changes.push(`No candidate any more since it was selected: ${listText(wasSelected)}.`)
  if (ended.length > 0) changes.push(`No candidate any more: ${listText(ended)}.`)
  if (before.input === null || after.input === null) return changes
  const openBefore = before.input.scenario.openPositions.map(({ eventId }) => eventId)
  const openAfter = after.input.scenario.openPositions.map(({ eventId }) => eventId)
  const opened = openAfter.filter((id) => !openBefore.includes(id))
  const closed = openBefore.filter((id) => !openAfter.includes(id))
  if (opened.length > 0) changes.push(`Positions taken: ${listText(opened)}.`)
  if (closed.length > 0) changes.push(`Positions closed: ${listText(closed)}.`)
  const [capitalBefore, capitalAfter] = [before.input.scenario.capitalMinor, after.input.scenario.capitalMinor]
  if (capitalBefore !== capitalAfter) {
    changes.push(`Capital ${moneyText(capitalAfter)} instead of ${moneyText(capitalBefore)}.`)
  }
  const [stateBefore, stateAfter] = [before.input.scenario.tradingState, after.input.scenario.tradingState]
  if (stateBefore !== stateAfter) changes.push(`Trading state ${stateAfter} instead of ${stateBefore}.`)
  return changes
}

function effects(before: RuleGround, after: RuleGround): string[] {
  const changes: string[] = []
  const inBoth = after.decision.candidates.filter((one) =>
    before.decision.candidates.some(({ eventId }) => eventId === one.eventId),
  )
  const orderBefore = before.decision.candidates
    .filter((one) => inBoth.some(({ eventId }) => eventId === one.eventId))
    .map(({ eventId }) => eventId)
  const moved = inBoth.filter(({ eventId }, at) => orderBefore.indexOf(eventId) > at)
  if (moved.length > 0) changes.push(`Ranks higher than before: ${listText(moved.map(({ eventId }) => eventId))}.`)
  const fates = inBoth.flatMap(({ eventId }) => {
    const [was, is] = [fateOf(before, eventId), fateOf(after, eventId)]
    return was === is ? [] : [`${eventId} ${is} instead of ${was}.`]
  })
  return [...changes, ...fates.slice(0, 4), ...(fates.length > 4 ? [`And ${fates.length - 4} more.`] : [])]
}

/** `selected`, or the reason and who is in the way. */
function fateOf({ decision }: RuleGround, eventId: string): string {
  const rejected = decision.rejected.find((one) => one.eventId === eventId)
  if (rejected === undefined) return 'selected'
  return rejected.blockedBy === null ? rejected.reason : `${rejected.reason} by ${rejected.blockedBy}`
}
