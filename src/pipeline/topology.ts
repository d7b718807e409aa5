/**
 * The order of the stages and who hears whom: the only place that knows it. A route is data, so that the drawing in
 * ARCHITECTURE.md, the inline pipeline and the threads say the same.
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
}
