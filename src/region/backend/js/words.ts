/**
 * The region's bytes as the js backend sees them: 64-bit control words through `Atomics` on a BigUint64Array, payloads
 * through `Atomics` on an Int32Array.
 *
 * **Why `Atomics` suffices.** Every `Atomics` access is sequentially consistent, which is stronger than each ordering that the C++
 * side names; the labels here are those of the C++ headers, and the argument for each label stands there.
 *   - A load here is at least C++'s acquire load, a store its release store; `compareExchange`, `or`, `and` and `add` are at least its
 *     acq_rel read-modify-writes, and 64 bits of them are one access (lock-free wherever V8 has them on a BigUint64Array).
 *   - Where C++ has a *release fence* before relaxed payload stores (W2, G3, A6), each payload store here is a release by itself: what
 *     the fence keeps before the payload precedes every word of it. Where it has an *acquire fence* behind relaxed payload loads (R3,
 *     V2, A3), each payload load here is an acquire by itself: the validating load behind it cannot move above it.
 *   - Mixed, an end of a fence on one side meets such an access on the other: a release store read by a relaxed load before an acquire
 *     fence synchronizes as it does within C++, and so does a store behind a release fence with an acquire load.
 *   - A payload word is stored in two halves here and may be loaded whole there. Halves of two records in one word are a torn copy like
 *     any other, and the validation behind the copy rejects it; both halves carry the ordering of the store.
 *   - What is validated is always a control word, and a control word is only ever accessed with 64 bits, on both sides.
 * Plain accesses to shared memory would be the faster way to copy a payload, and an unsound one: the language orders
 * nothing about them. Where a word is private to one thread for the time being (a claimed entry, the block that the root does not
 * name), `Atomics` is used all the same: stale readers may be looking, and validate.
 */

export interface SharedWords {
  readonly control: BigUint64Array<SharedArrayBuffer>
  readonly halves: Int32Array<SharedArrayBuffer>
}

export function sharedWords(bytes: Uint8Array<SharedArrayBuffer>): SharedWords {
  return {
    control: new BigUint64Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.byteLength / 8)),
    halves: new Int32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.byteLength / 8) * 2),
  }
}

/** Copies `count` words at word `from` of the region into `out` at word `at`; may race, the caller validates. */
export function loadWords(out: Int32Array, at: number, shared: SharedWords, from: number, count: number): void {
  const halves = shared.halves
  const last = count * 2
  for (let index = 0; index < last; index += 1) out[at * 2 + index] = Atomics.load(halves, from * 2 + index)
}

/** Copies `count` words at word `at` of `values` into the region at word `to`; readers validate. */
export function storeWords(shared: SharedWords, to: number, values: Int32Array, at: number, count: number): void {
  const halves = shared.halves
  const last = count * 2
  for (let index = 0; index < last; index += 1) Atomics.store(halves, to * 2 + index, values[at * 2 + index]!)
}
