/**
 * Checks of the js backend that can be taken out of its compiled text, and the play of interleaved-plays.mjs that sees each. A text
 * that does not stand once in its file is an error: the table is brought up to date with the backend.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface CoreCheck {
  readonly name: string
  /** In dist/region/backend/js. */
  readonly file: string
  readonly text: string
  /** What stands there without the check. */
  readonly without: string
  readonly play: string
}

/** A compare-and-swap in two steps: it looks, and whoever comes in between is not seen. */
const lookThenStore = (words: string, at: string, expected: string, replacement: string): string =>
  `((seen) => (seen === ${expected} && Atomics.store(${words}, ${at}, ${replacement}), seen))(Atomics.load(${words}, ${at}))`

export const coreChecks: readonly CoreCheck[] = [
  {
    name: 'the ring’s second look at the sequence (R4)',
    file: 'ring.js',
    text: 'if (Atomics.load(control, slot + layout.slotSequence) === 2n * version)\n                return;',
    without: 'return;',
    play: 'a ring is read',
  },
  {
    name: 'the compare-and-swap of a ring’s claim (C1)',
    file: 'ring.js',
    text: 'Atomics.compareExchange(control, writerAt, 0n, claimWord)',
    without: lookThenStore('control', 'writerAt', '0n', 'claimWord'),
    play: 'a ring is claimed',
  },
  {
    name: 'the second look at a copied event (V3)',
    file: 'event-table.js',
    text: 'phaseOf(after) !== layout.phaseLive || generationOf(after) !== generationOf(before)',
    without: 'false',
    play: 'an event is read whose entry is used again',
  },
  {
    name: 'the generation of a handle that is read',
    file: 'event-table.js',
    text: 'generation !== noEntry && generationOf(before) !== generation',
    without: 'false',
    play: 'an event is read whose entry is used again',
  },
  {
    name: 'the generation of a handle that moves, spends or retires',
    file: 'event-table.js',
    text: 'if (!isLive(state, handle))\n                return eventStatus.gone;',
    without: 'if (phaseOf(state) !== layout.phaseLive) return eventStatus.gone;',
    play: 'an event is moved whose entry is used again',
  },
  {
    name: 'the second look at an event whose id is read',
    file: 'event-table.js',
    text: 'if (isLive(this.#entries.stateOf(index), handle)) {',
    without: '{',
    play: 'the id of an event is read whose entry is used again',
  },
  {
    name: 'the compare-and-swap of a link (T3)',
    file: 'id-index.js',
    text: 'Atomics.compareExchange(this.#control, beforeAt, beforeWord, shortened)',
    without: lookThenStore('this.#control', 'beforeAt', 'beforeWord', 'shortened'),
    play: 'an event is retired while its bucket takes another',
  },
  {
    name: 'the compare-and-swap of an event’s state (T1, L1)',
    file: 'event-entry.js',
    text: 'Atomics.compareExchange(this.#control, at, BigInt(from), BigInt(to))',
    without: lookThenStore('this.#control', 'at', 'BigInt(from)', 'BigInt(to)'),
    play: 'an event is retired by two',
  },
  {
    name: 'the compare-and-swap of a bucket (G4)',
    file: 'id-index.js',
    text: 'Atomics.compareExchange(this.#control, bucket, head, linked)',
    without: lookThenStore('this.#control', 'bucket', 'head', 'linked'),
    play: 'an id is registered by two',
  },
  {
    name: 'whether a walk that found nothing counts',
    file: 'event-table.js',
    text: 'if (!index.counts(bucket))\n                continue;\n            this.#page[page.status] = whole',
    without: 'this.#page[page.status] = whole',
    play: 'an id is looked for behind an entry that is used again',
  },
  {
    name: 'whether a walk counts that a full table is told by',
    file: 'event-table.js',
    text: 'if (!index.counts(bucket))\n                        continue;\n                    callPage[page.status] = eventStatus.full',
    without: 'callPage[page.status] = eventStatus.full',
    play: 'an id of a full table is registered',
  },
  {
    name: 'the raise of the bucket’s tag (T4)',
    file: 'id-index.js',
    text: 'Atomics.add(this.#control, bucket, tagOne);',
    without: '',
    play: 'an id is looked for behind an entry that is used again',
  },
  {
    name: 'the compare-and-swap of the root (A5)',
    file: 'ledger.js',
    text: 'Atomics.compareExchange(this.#shared.control, this.#rootAt, root, next)',
    without: lookThenStore('this.#shared.control', 'this.#rootAt', 'root', 'next'),
    play: 'an event is reserved by two',
  },
  {
    name: 'whether the root stands that a reservation is refused by',
    file: 'ledger.js',
    text: 'this.#commit(root) : this.#isCurrent(root);',
    without: 'this.#commit(root) : true;',
    play: 'a reservation fits before and after every change',
  },
  {
    name: 'whether the root stands that a step is refused by',
    file: 'ledger.js',
    text: 'if (!this.#isCurrent(root))\n                    continue;\n                this.#page[page.status]',
    without: 'this.#page[page.status]',
    play: 'a token is submitted while its slot moves',
  },
  {
    name: 'whether the root stands that a release is refused by',
    file: 'ledger.js',
    text: 'if (isRefused) {\n                if (!this.#isCurrent(root))\n                    continue;',
    without: 'if (isRefused) {',
    play: 'a token is released while its slot moves',
  },
  {
    name: 'whether the root stands that no lease is over by',
    file: 'ledger.js',
    text: 'freed === 0 ? this.#isCurrent(root)',
    without: 'freed === 0 ? true',
    play: 'a lease ends while its slot moves',
  },
  {
    name: 'whether the root stands that was read',
    file: 'ledger.js',
    text: 'while (!this.#isCurrent(this.#loadCopy()))',
    without: 'while (this.#loadCopy() === null)',
    play: 'the ledger is read while slots move',
  },
  {
    name: 'the block that the root does not name',
    file: 'ledger.js',
    text: 'Number(root & blockMask) === first ? first + 1 : first',
    without: 'first',
    play: 'a change is read in the middle',
  },
  {
    name: 'the root’s sequence',
    file: 'ledger.js',
    text: '(root >> BigInt(layout.rootBlockBits)) + 1n',
    without: 'root >> BigInt(layout.rootBlockBits)',
    play: 'the ledger is read while slots move',
  },
  {
    name: 'the token (RES-4)',
    file: 'ledger.js',
    text: 'if (Number(this.#words[slot + layout.slotToken]) === token)\n',
    without: '',
    play: 'a token is released by two, and its event reserved again',
  },
  {
    name: 'the state of a slot that is moved',
    file: 'ledger.js',
    text: 'slot < 0 || this.#stateOf(slot) !== from',
    without: 'slot < 0',
    play: 'a token is submitted by two',
  },
  {
    name: 'the mark of a spent event (B1)',
    file: 'event-table.js',
    text: '!isLive(state, handle) || isSpent(state)',
    without: '!isLive(state, handle)',
    play: 'an event is reserved while its position is settled',
  },
  {
    name: 'the second look at an event that is reserved (B1)',
    file: 'event-table.js',
    text: '!isLive(state, handle) || isSpent(state)',
    without: 'isSpent(state)',
    play: 'an event is reserved whose entry is used again',
  },
]

/** Copies what the region is made of from `dist` to `folder`, without `check`. */
export function copyCore(folder: string, check: CoreCheck | null): void {
  const dist = fileURLToPath(new URL('../../dist', import.meta.url))
  const filter = (path: string): boolean => !/\.(ts|map)$/.test(path)
  for (const part of ['base', 'domain', 'region'])
    cpSync(join(dist, part), join(folder, part), { recursive: true, filter })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  if (check === null) return
  const path = join(folder, 'region/backend/js', check.file)
  const parts = readFileSync(path, 'utf8').split(check.text)
  if (parts.length !== 2) throw new Error(`${check.file} has ${parts.length - 1} places of "${check.text}"`)
  writeFileSync(path, parts.join(check.without))
}
