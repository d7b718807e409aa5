/**
 * Signalbox for those who embed it: shared memory, the decision, detectors, strategies, the journal, the engine.
 * Everything exported here is public and documented where it is defined; everything else may change without notice.
 */
export { type Clock, systemClock } from './base/clock.ts'
export { collectAlone } from './base/collections.ts'
export { type ErrorCode, SignalboxError } from './base/errors.ts'
export { Histogram } from './base/histogram.ts'
export { Broadcast, type BroadcastDescriptor } from './channel/broadcast.ts'
export { Channel, type ChannelCounters } from './channel/channel.ts'
export type { ChannelDescriptor, ChannelOptions, WhenFull } from './channel/channel-memory.ts'
export { type Codec, numbersCodec } from './channel/codec.ts'
export { Receiver } from './channel/receiver.ts'
export { Sender } from './channel/sender.ts'
export { waitForAny, waitForAnyAsync } from './channel/wait.ts'
export { type EngineConfig, parseConfig } from './config.ts'
export type { AccountState } from './decide/account.ts'
export { Arbiter, type ArbiterOptions } from './decide/arbiter.ts'
export { type CandidateInput, CandidateSet } from './decide/candidate-set.ts'
export { type DecisionView, rejectionOf, selectionReasonOf } from './decide/decision-view.ts'
export { materialize } from './decide/materialize.ts'
export { PositionSet } from './decide/position-set.ts'
export type { ScoreComponents, ScoreContext, Scorer } from './decide/scorer.ts'
export {
  changesIn,
  type DetectedChange,
  type DetectedEvent,
  DetectionRun,
  type DetectionRunOptions,
} from './detection-run.ts'
export type { ClaimDismissal, ClaimDismissed, StrategyClaim } from './domain/claim.ts'
export type { Decision, RankedCandidate, RejectedEvent, RejectionReason, SelectionReason } from './domain/decision.ts'
export type { DetectionSignal, Evidence } from './domain/detection-signal.ts'
export { type LifecycleState, lifecycle, type MarketEvent, type Side } from './domain/event.ts'
export { eventRecordFields, eventRecordIndex } from './domain/event-record.ts'
export { type HotField, type HotRow, hotFieldIndex, hotFields } from './domain/hot-state.ts'
export { type Instrument, instrumentOf } from './domain/instrument.ts'
export { clearRecord, createMarketRecord, type MarketRecord, recordKinds } from './domain/market.ts'
export type { PipelineMessage } from './domain/message.ts'
export type { Decline, EntryOrder, EntryRefusal, EntryRefusalReason, TradePlan } from './domain/order.ts'
export type { ExitReason, TradeOutcome } from './domain/outcome.ts'
export { defaultPolicy, eventTypesOf, type Policy, type Weights } from './domain/policy.ts'
export { parsePolicy } from './domain/policy-codec.ts'
export { type ReserveRefusal, type SlotState, slotStates } from './domain/reservation.ts'
export { Timeline } from './domain/units.ts'
export type { NumberedWeightSet, WeightSet } from './domain/weight-set.ts'
export { Engine } from './engine.ts'
export { limitsOf } from './engine-limits.ts'
export type { EngineOptions } from './engine-options.ts'
export { createFillModel, type FillModel, type FillModelOptions } from './fill/model.ts'
export { Journal, type JournalOptions } from './journal/journal.ts'
export { type JournalLine, type JournalProblem, readJournal } from './journal/reader.ts'
export {
  type Counterfactuals,
  type ReadCounterfactualsOptions,
  readCounterfactuals,
} from './learn/entry-reader.ts'
export type { EntryStore } from './learn/entry-store.ts'
export { type JournalReport, type JournalReportOptions, readReport } from './learn/journal-report.ts'
export { type ReportSelection, reportOf } from './learn/report.ts'
export type { ReportFigures } from './learn/report-figures.ts'
export { type ReportJson, reportJson } from './learn/report-json.ts'
export { LiveRun, type LiveRunOptions } from './live-run.ts'
export { JournalThread, type JournalThreadOptions } from './pipeline/journal-thread.ts'
export type { TopologyName } from './pipeline/topology.ts'
export type { QueryAnswer, QueryOptions } from './query/answer.ts'
export { queryJournal } from './query/query-journal.ts'
export type { PlainValue } from './query/value.ts'
export type { BackendName } from './region/backend/backend.ts'
export type { BackendChoice } from './region/backend/select.ts'
export {
  EventRegistry,
  type RegisterResult,
  type ScannedEvent,
  type TransitionResult,
} from './region/event-registry.ts'
export type { FieldIndex } from './region/field-index.ts'
export type { ReservationLimits } from './region/limits.ts'
export { Region, type RegionCreateOptions, type RegionDescriptor, type RegionOptions } from './region/region.ts'
export {
  type PositionSlot,
  Reservations,
  type ReserveAllResult,
  type ReserveRequest,
  type ReserveResult,
  type StepResult,
} from './region/reservations.ts'
export {
  type EventSchema,
  type LifecycleRules,
  type RegionSchema,
  regionSchema,
  type SnapshotSchema,
} from './region/schema.ts'
export { SnapshotReader, SnapshotWriter, snapshotEmpty, snapshotOverrun } from './region/snapshot.ts'
export { builtInDetectors } from './stages/detection/built-in-detectors.ts'
export type { Detector, DetectorContext, DetectorWatch, EventDraft, LiveEvent } from './stages/detection/detector.ts'
export { DetectorSet } from './stages/detection/detector-set.ts'
export { openRecordings, type RecordedFeed } from './stages/feed/recorded-feed.ts'
export { hotSchema } from './stages/state/state-stage.ts'
export { builtInStrategies, Strategies } from './strategy/strategies.ts'
export { rewardRiskLeft, type Strategy, type StrategyMarket } from './strategy/strategy.ts'
export {
  type Claim,
  defineStrategy,
  type StrategyContext,
  type StrategyEvent,
  type StrategyPosition,
  type WorkerMarket,
  type WorkerStrategy,
} from './strategy/worker-strategy.ts'
export type { StrategyState } from './strategy-watch.ts'
export type { StrategyFigures } from './strategy-workers.ts'
export { type Summary, summarize, summaryJson } from './summary.ts'
export type { StrategyWorkerSpec } from './workers/strategy-spec.ts'
