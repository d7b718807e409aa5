/**
 * The order of the stages, who hears whom, and which thread runs what: the only place that knows it. All of it is data, so that the
 * drawings in ARCHITECTURE.md, the inline pipeline and the threads say the same.
 */

import type { PipelineMessage } from '../domain/message.ts'

/** The stages; `journal` is the sink of everything that is written, `hypothesis` and `counterfactual` tell the tracker there. */
export const stageNames = [
  'state',
  'detection',
  'registry',
  'reservation',
  'order',
  'outcome',
  'journal',
  'hypothesis',
  'counterfactual',
  'arbitration',
] as const
export type StageName = (typeof stageNames)[number]

/** A stage's place in {@link stageNames}. */
export const stageIndex = Object.freeze(
  Object.fromEntries(stageNames.map((name, index) => [name, index])) as Record<StageName, number>,
)

/** Kinds of messages by the stage that says them, and the stages that hear them. */
export const routes: Readonly<Record<PipelineMessage['kind'], readonly StageName[]>> = {
  // A market record goes to `order` (the venue's market moves) and `counterfactual` before the state takes it.
  state: ['detection', 'arbitration'],
  detected: ['registry'],
  transition: ['registry', 'counterfactual'],
  failed: ['registry'],
  event: ['order', 'journal', 'hypothesis', 'counterfactual', 'arbitration'],
  decision: ['reservation'],
  reserved: ['order', 'journal', 'hypothesis', 'counterfactual', 'arbitration'],
  recovered: ['arbitration'],
  declined: ['registry', 'counterfactual'],
  position: ['outcome', 'counterfactual'],
  settled: ['registry', 'journal', 'arbitration'],
  // From outside: a strategy's worker sent it to the thread of `order`. Its end is told to whoever watches that thread.
  claim: ['order'],
  dismissed: [],
}

/**
 * Which stages share a thread. Thread 0 is the run's own, with the feed; what it runs is on its event loop. `journal` and `hypothesis` are
 * where `arbitration` is: they hear the same. `counterfactual` is where `order` is: it follows the same market.
 */
export const topologies = {
  inline: [stageNames],
  compact: [
    ['order', 'outcome', 'counterfactual'],
    ['state', 'detection', 'registry', 'reservation', 'journal', 'hypothesis', 'arbitration'],
  ],
  spread: [
    ['order', 'outcome', 'counterfactual'],
    ['state'],
    ['detection'],
    ['registry'],
    ['journal', 'hypothesis', 'arbitration'],
    ['reservation'],
  ],
} as const satisfies Readonly<Record<string, readonly (readonly StageName[])[]>>

export type TopologyName = keyof typeof topologies
export const topologyNames = Object.keys(topologies) as TopologyName[]

/** The threads of a topology: the stages of each. */
export type ThreadPlan = readonly (readonly StageName[])[]
