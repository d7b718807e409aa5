/** The snapshot ring in TypeScript: the algorithm, invariants and labels of native/sync/snapshot_ring.hpp. */
import { layout, page, ringSlotWords } from '../../layout.ts'
import type { RingCalls } from '../backend.ts'
import type { RingGeometry } from './geometry.ts'
import { loadWords, type SharedWords } from './words.ts'

const readAttemptsMax = 64

/** The calls of a ring over its page. */
export function createRing(
  shared: SharedWords,
  { base, slots, payloadWords }: RingGeometry,
  ringPage: Float64Array<SharedArrayBuffer>,
  participant: number,
  requireOpen: () => void,
): RingCalls {
  const { control, halves } = shared
  const pageHalves = new Int32Array(ringPage.buffer, ringPage.byteOffset, ringPage.length * 2)
  const latestAt = base + layout.ringLatest
  const writerAt = base + layout.ringWriter
  const slotWords = ringSlotWords(payloadWords)
  const claimWord = BigInt(participant + 1)
  // What each slot holds, as far as this writer stored it: publish stores only the halves that differ. Valid only while
  // this attachment holds the claim, so a claim forgets it.
  let stored: (Int32Array | null)[] = new Array<Int32Array | null>(slots).fill(null)

  const slotAt = (version: bigint): number => base + layout.ringSlots + Number(version & BigInt(slots - 1)) * slotWords

  const read = (first: number, count: number): void => {
    requireOpen()
    for (let attempt = 1; attempt <= readAttemptsMax; attempt += 1) {
      const version = Atomics.load(control, latestAt) // (R1)
      ringPage[page.ringAttempts] = attempt
      ringPage[page.ringVersion] = Number(version)
      if (version === 0n) return
      const slot = slotAt(version)
      if (Atomics.load(control, slot + layout.slotSequence) !== 2n * version) continue // (R2)
      loadWords(pageHalves, page.ringPayload + first, shared, slot + layout.slotPayload + first, count)
      if (Atomics.load(control, slot + layout.slotSequence) === 2n * version) return // (R3), (R4)
    }
    ringPage[page.ringVersion] = -1
  }

  return {
    read: () => read(0, payloadWords),
    readPart: () => read(ringPage[page.ringFirst]!, ringPage[page.ringCount]!),
    publish() {
      requireOpen()
      const version = Atomics.load(control, latestAt) + 1n
      const slot = slotAt(version)
      const index = Number(version & BigInt(slots - 1))
      const to = (slot + layout.slotPayload) * 2
      const from = (page.ringPayload + payloadWords) * 2
      const known = stored[index]
      Atomics.store(control, slot + layout.slotSequence, 2n * version - 1n) // (W1), (W2)
      if (known === null || known === undefined) {
        const fresh = pageHalves.slice(from, from + payloadWords * 2)
        for (let half = 0; half < fresh.length; half += 1) Atomics.store(halves, to + half, fresh[half]!)
        stored[index] = fresh
      } else {
        for (let half = 0; half < known.length; half += 1) {
          const value = pageHalves[from + half]!
          if (value !== known[half]) {
            known[half] = value
            Atomics.store(halves, to + half, value)
          }
        }
      }
      Atomics.store(control, slot + layout.slotSequence, 2n * version) // (W3)
      Atomics.store(control, latestAt, version) // (W4)
      ringPage[page.ringVersion] = Number(version)
    },
    claim() {
      requireOpen()
      const before = Atomics.compareExchange(control, writerAt, 0n, claimWord) // (C1)
      if (before === 0n) stored = new Array<Int32Array | null>(slots).fill(null)
      ringPage[page.ringVersion] = before === 0n ? 1 : 0
    },
    unclaim() {
      requireOpen()
      Atomics.compareExchange(control, writerAt, claimWord, 0n) // (C2)
    },
  }
}
