/**
 * What both backends can do with a region's bytes, at the level of the call page: a call takes its arguments from the page
 * (`page` in layout.ts) and leaves its results there. The wrappers above (`SnapshotWriter`, `EventRegistry`,
 * `Reservations`) check ranges before and give names to the results after; nobody else calls these.
 *
 * An attachment belongs to the thread that made it.
 */

/** The calls of one snapshot ring, over the ring's page. */
/** Each call throws `ERR_CLOSED` after the attachment's `close`; none asks for its `this`. */
export interface RingCalls {
  /** The whole latest snapshot. `ringVersion`: 0 nothing published, −1 lapped by the writer too often. */
  read(): void
  /** Words `ringFirst … ringFirst + ringCount − 1` of it, to their own places. */
  readPart(): void
  /** What is staged behind the page's payload, as the next version. The claimed writer only. */
  publish(): void
  /** `ringVersion` 1 if the writer's claim is ours now, 0 if somebody holds it. */
  claim(): void
  unclaim(): void
}

/** Each call throws `ERR_CLOSED` after `close`, whoever called that; one that meets a spoilt chain of events `ERR_INVARIANT`. */
export interface BackendAttachment {
  readonly participant: number
  readonly rings: readonly RingCalls[]
  eventRegister(id: string): void
  eventGetById(id: string): void
  eventGet(): void
  eventId(): void
  eventTransition(): void
  eventRetire(): void
  eventScan(): void
  eventCount(): void
  ledgerReserve(): void
  ledgerSubmit(): void
  ledgerOpen(): void
  ledgerClose(): void
  ledgerRelease(): void
  ledgerRecover(): void
  ledgerSetLimits(): void
  ledgerRead(): void
  participantFree(): void
  /** Gives the participant back. Idempotent. */
  close(): void
}

export type BackendName = 'native' | 'js'

export interface Backend {
  readonly name: BackendName
  /** Where it comes from: the addon's path, or a word. */
  readonly origin: string
  /**
   * Attaches to a region.
   *
   * @param ownerTag - Who attaches, an integer ≥ 1: what is compared when an owner's death is confirmed.
   * @throws {SignalboxError} `ERR_PARTICIPANTS` or `ERR_FOREIGN_REGION`; `ERR_INVALID_ARGUMENT` for pages that are too small.
   */
  attach(
    bytes: Uint8Array<SharedArrayBuffer>,
    callPage: Float64Array<SharedArrayBuffer>,
    ringPages: readonly Float64Array<SharedArrayBuffer>[],
    ownerTag: number,
  ): BackendAttachment
}
