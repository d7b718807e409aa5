/** What a decision's numbers mean, also when its events have long gone: their ids, as they were. Made often, asked seldom. One thread. */
import type { CandidateSet } from '../../decide/candidate-set.ts'
import type { PositionSet } from '../../decide/position-set.ts'
import type { DecisionRecordNames } from '../../domain/decision-record.ts'

/** @param handles - Of the candidates. */
export function decisionNames(
  names: DecisionRecordNames,
  { count, ids }: CandidateSet,
  handles: Float64Array,
  positions: PositionSet,
): DecisionRecordNames {
  // As long as they will be: what an array grows by is three times as much as most decisions need.
  const knownHandles = new Array<number>(count + positions.count)
  const knownIds = new Array<string>(count + positions.count)
  for (let at = 0; at < count; at += 1) {
    knownHandles[at] = handles[at]!
    knownIds[at] = ids[at]!
  }
  for (let at = 0; at < positions.count; at += 1) {
    knownHandles[count + at] = positions.handle[at]!
    knownIds[count + at] = positions.eventIds[at]!
  }
  let byHandle: Map<number, string> | null = null
  const idOf = (handle: number): string => {
    byHandle ??= new Map(knownHandles.map((known, index) => [known, knownIds[index]!]))
    return byHandle.get(handle) ?? ''
  }
  const { types, symbols, timeline } = names
  return { types, symbols, timeline, idOf }
}
