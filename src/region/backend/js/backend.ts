/** The js backend: the region's algorithms in TypeScript, on the same bytes as the addon. Any thread, each for itself. */
import { SignalboxError } from '../../../base/errors.ts'
import { layout, page } from '../../layout.ts'
import type { Backend, BackendAttachment, RingCalls } from '../backend.ts'
import { JsEventTable } from './event-table.ts'
import { geometryOf, ringPagesFor } from './geometry.ts'
import { JsLedger } from './ledger.ts'
import { createRing } from './ring.ts'
import { sharedWords } from './words.ts'

export const jsBackend: Backend = { name: 'js', origin: 'TypeScript', attach }

/** The owner word of a participant of `tag` that participant `freer` is taking apart. */
function freeingBy(freer: number, tag: bigint): bigint {
  return (1n << BigInt(layout.participantFreeingShift)) | (BigInt(freer) << BigInt(layout.participantFreerShift)) | tag
}

function attach(
  bytes: Uint8Array<SharedArrayBuffer>,
  callPage: Float64Array<SharedArrayBuffer>,
  ringPages: readonly Float64Array<SharedArrayBuffer>[],
  ownerTag: number,
): BackendAttachment {
  const geometry = geometryOf(bytes)
  // Before the participant is taken: whatever is wrong with the pages leaves none taken.
  const pages = ringPagesFor(geometry, callPage, ringPages)
  const { participants, participantsAt, rings } = geometry
  const shared = sharedWords(bytes)
  const { control } = shared

  const ownerAt = (participant: number): number =>
    participantsAt + participant * layout.participantWords + layout.participantOwner
  // Whose number it is, this decides: of two that attach at once the second finds the word taken. As acquire it brings what the last
  // owner, or who took it apart, stored before it gave the number back (a store, hence a release).
  let participant = 0
  while (
    participant < participants &&
    Atomics.compareExchange(control, ownerAt(participant), 0n, BigInt(ownerTag)) !== 0n
  ) {
    participant += 1
  }
  if (participant >= participants) {
    throw new SignalboxError('ERR_PARTICIPANTS', 'every participant of the region is taken')
  }
  Atomics.add(control, ownerAt(participant) - layout.participantOwner + layout.participantGeneration, 1n)

  const events = new JsEventTable(shared, geometry.events, callPage, participant)
  const ledger = new JsLedger(shared, geometry.ledger, callPage, participant, events)
  // Asked by every call: whoever closes the region in the midst of one, from a getter of its arguments, must not write behind it under
  // a number that is another's by then.
  let isOpen = true
  const requireOpen = (): void => {
    if (!isOpen) throw new SignalboxError('ERR_CLOSED', 'the region was closed')
  }
  const openEvents = (): JsEventTable => {
    requireOpen()
    return events
  }
  const openLedger = (): JsLedger => {
    requireOpen()
    return ledger
  }
  const ringCalls: RingCalls[] = rings.map((ring, index) =>
    createRing(shared, ring, pages[index]!, participant, requireOpen),
  )
  const dropWriterClaims = (holder: number): void => {
    for (const ring of rings) {
      Atomics.compareExchange(control, ring.base + layout.ringWriter, BigInt(holder + 1), 0n)
    }
  }

  /**
   * What is left of freeing `dead`, by the one whose number stands in its owner word. May be repeated after a death. Each number once,
   * and never our own: two who free each other both live on, and owner words that somebody spoilt end too.
   */
  const takeApart = (dead: number): void => {
    const met = new Set([participant, dead])
    const deadOnes = [dead]
    for (const gone of deadOnes) {
      dropWriterClaims(gone)
      events.recover(gone)
      ledger.recover(Number.NEGATIVE_INFINITY, gone)
      // It may have died within this very function. What it was taking apart is ours: nobody else is its freer.
      for (let other = 0; other < participants; other += 1) {
        if (met.has(other)) continue
        const seen = Atomics.load(control, ownerAt(other))
        const tag = BigInt.asUintN(layout.participantFreerShift, seen)
        if (seen !== freeingBy(gone, tag)) continue
        if (Atomics.compareExchange(control, ownerAt(other), seen, freeingBy(participant, tag)) !== seen) continue
        met.add(other)
        deadOnes.push(other)
      }
      Atomics.store(control, ownerAt(gone), 0n)
    }
  }

  return {
    participant,
    rings: ringCalls,
    eventRegister: (id) => openEvents().register(id),
    eventGetById: (id) => openEvents().getById(id),
    eventGet: () => openEvents().get(),
    eventId: () => openEvents().idOf(),
    eventTransition: () => openEvents().transition(),
    eventRetire: () => openEvents().retire(),
    eventScan: () => openEvents().scan(),
    eventCount: () => openEvents().countLive(),
    ledgerReserve: () => openLedger().reserve(),
    ledgerSubmit: () => openLedger().advance(layout.slotReserved, layout.slotSubmitted),
    ledgerOpen: () => openLedger().advance(layout.slotSubmitted, layout.slotOpen),
    ledgerClose: () => openLedger().advance(layout.slotOpen, layout.slotClosing),
    ledgerRelease: () => openLedger().release(),
    ledgerRecover: () => openLedger().recover(callPage[page.now]!),
    ledgerSetLimits: () => openLedger().setLimits(),
    ledgerRead: () => openLedger().read(),
    participantFree() {
      requireOpen()
      const dead = callPage[page.participant]!
      const deadTag = BigInt(callPage[page.ownerTag]!)
      // One of several who confirmed the death takes it apart; a number that was reused meanwhile has another owner.
      const isHeld =
        dead < participants &&
        dead !== participant &&
        deadTag !== 0n &&
        Atomics.compareExchange(control, ownerAt(dead), deadTag, freeingBy(participant, deadTag)) === deadTag
      if (isHeld) takeApart(dead)
      callPage[page.status] = isHeld ? 1 : 0
    },
    close() {
      if (!isOpen) return
      isOpen = false
      dropWriterClaims(participant)
      ledger.recover(Number.NEGATIVE_INFINITY, participant)
      Atomics.store(control, ownerAt(participant), 0n)
    },
  }
}
