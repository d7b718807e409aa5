/**
 * The order of the stages, who hears whom, and which thread runs what: the only place that knows it. All of it is data, so that the
 * drawings in ARCHITECTURE.md, the inline pipeline and the threads say the same.
 */

import type { PipelineMessage } from '../domain/message.ts'

/** The stages; `journal` is the sink of everything that is written. */
export const stageNames = [
  'state',
  'detection',
  'registry',
  'reservation',
  'order',
  'outcome',
  'journal',
  'arbitration',
] as const
export type StageName = (typeof stageNames)[number]

/** A stage's place in {@link stageNames}. */
export const stageIndex = Object.freeze(
  Object.fromEntries(stageNames.map((name, index) => [name, index])) as Record<StageName, number>,
)

/** Kinds of messages by the stage that says them, and the stages that hear them. */
export const routes: Readonly<Record<PipelineMessage['kind'], readonly StageName[]>> = {
  // A market record goes to `order` (the venue's market moves) before the state takes it.
  state: ['detection', 'arbitration'],
  detected: ['registry'],
  transition: ['registry'],
  failed: ['registry'],
  event: ['order', 'journal', 'arbitration'],
  decision: ['reservation'],
  reserved: ['order', 'journal', 'arbitration'],
  recovered: ['arbitration'],
  declined: ['registry'],
  position: ['outcome'],
  settled: ['registry', 'journal', 'arbitration'],
  // From outside: a strategy's worker sent it to the thread of `order`. Its end is told to whoever watches that thread.
  claim: ['order'],
  dismissed: [],
}

/**
 * Which stages share a thread. Thread 0 is the run's own, with the feed; what it runs is on its event loop. `journal` is where
 * `arbitration` is: it hears the same.
 */
export const topologies = {
  inline: [['state', 'detection', 'registry', 'reservation', 'order', 'outcome', 'journal', 'arbitration']],
  compact: [
    ['order', 'outcome'],
    ['state', 'detection', 'registry', 'reservation', 'journal', 'arbitration'],
  ],
  spread: [['order', 'outcome'], ['state'], ['detection'], ['registry'], ['journal', 'arbitration'], ['reservation']],
} as const satisfies Readonly<Record<string, readonly (readonly StageName[])[]>>

export type TopologyName = keyof typeof topologies
export const topologyNames = Object.keys(topologies) as TopologyName[]

/** The threads of a topology: the stages of each. */
export type ThreadPlan = readonly (readonly StageName[])[]
