/**
 * The region's bytes as the js backend sees them: 64-bit control words through `Atomics` on a BigUint64Array, payloads
 * through `Atomics` on an Int32Array.
 *
 * Every `Atomics` access is sequentially consistent, which is stronger than each ordering that the C++ side names: where
 * the two work on the same bytes, a load here is at least its acquire, a store its release, a compareExchange its acq_rel.
 * Plain accesses to shared memory would be the faster way to copy a payload, and an unsound one: the language orders
 * nothing about them. A control word is only ever accessed with 64 bits, on both sides.
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
