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
  const knownHandles: number[] = []
  const knownIds: string[] = []
  for (let at = 0; at < count; at += 1) {
    knownHandles.push(handles[at]!)
    knownIds.push(ids[at]!)
  }
  for (let at = 0; at < positions.count; at += 1) {
    knownHandles.push(positions.handle[at]!)
    knownIds.push(positions.eventIds[at]!)
  }
  let byHandle: Map<number, string> | null = null
  const idOf = (handle: number): string => {
    byHandle ??= new Map(knownHandles.map((known, index) => [known, knownIds[index]!]))
    return byHandle.get(handle) ?? ''
  }
  const { types, symbols, timeline } = names
  return { types, symbols, timeline, idOf }
}
