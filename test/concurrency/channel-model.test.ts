/**
 * The channel's own code under every interleaving of small plays: the sources, turned into steps (test/support/interleaved-source.ts),
 * run by a scheduler that also checks that plain accesses are ordered by atomics (test/support/interleavings.ts). Nobody may sleep for ever,
 * nothing may be lost, torn, doubled or out of order, also when a thread dies at any step. Canaries put a fault into the sources.
 */
import { describe, expect, it } from 'vitest'
import { freshSeed, Random } from '../../src/base/random.ts'
import { plays } from '../support/channel-plays.ts'
import type { Fault } from '../support/interleaved-source.ts'
import { type Explored, explore } from '../support/interleavings.ts'
import { stageOf } from '../support/stepped-channel.ts'

const seed = Number(process.env.SIGNALBOX_SEED ?? freshSeed())
/** A canary looks where it is known to see. */
const canarySeed = 1
/** Plays of three threads have more orders at two deviations than others at three. */
const ofThree = new Set(['several senders', 'a sender that dies', 'the last sender dies'])

function play(name: string, fault: Fault | null = null): Explored {
  const stage = stageOf(fault)
  const isOfThree = ofThree.has(name) || name.startsWith('a receiver that dies')
  const budget = { deviations: isOfThree ? 2 : 3, executionsMax: 12_000, randomExecutions: 2_000 }
  return explore(stage.machine, plays[name]!(stage), budget, new Random(fault === null ? seed : canarySeed))
}

describe(`channel: its own code under every interleaving, seed ${seed}`, () => {
  it.each(Object.keys(plays))('model: %s: nothing is lost, torn or late, and nobody sleeps for ever', (name) => {
    const { executions, fault } = play(name)
    expect(fault).toBe(null)
    expect(executions).toBeGreaterThan(2_500)
  })
})

/** What is put in, the play that sees it, what that says, and where in the sources. */
const faults: readonly (readonly [what: string, play: string, sees: RegExp, fault: Fault])[] = [
  [
    'no second look before the wait',
    'block, one slot',
    /sleeps for ever/,
    [
      'parking.ts',
      'if (leftMs > 0) Atomics.wait(this.#words, this.#bell, bell, leftMs)',
      'Atomics.wait(this.#words, this.#bell, bell, 1)',
    ],
  ],
  [
    'the bell is read behind the second look',
    'block, one slot',
    /sleeps for ever/,
    [
      'parking.ts',
      'Atomics.wait(this.#words, this.#bell, bell, leftMs)',
      'Atomics.wait(this.#words, this.#bell, Atomics.load(this.#words, this.#bell), leftMs)',
    ],
  ],
  [
    'the bell is read behind the second look of an event loop',
    'ends on event loops',
    /sleeps for ever/,
    [
      'parking.ts',
      'Atomics.waitAsync(this.#words, this.#bell, bell, leftMs)',
      'Atomics.waitAsync(this.#words, this.#bell, Atomics.load(this.#words, this.#bell), leftMs)',
    ],
  ],
  [
    'no flag',
    'block, one slot',
    /sleeps for ever/,
    ['parking.ts', 'Atomics.store(this.#words, this.#flag, 1)', 'Atomics.store(this.#words, this.#flag, 0)'],
  ],
  [
    'the flag is taken down behind the ring',
    'block, one slot',
    /sleeps for ever/,
    [
      'parking.ts',
      'if (Atomics.exchange(this.#words, this.#flag, 0) === 1) this.ring()',
      'this.ring(); Atomics.store(this.#words, this.#flag, 0)',
    ],
  ],
  [
    'the bell is not counted',
    'block, one slot',
    /sleeps for ever/,
    ['parking.ts', 'Atomics.add(this.#words, this.#bell, 1)', 'Atomics.add(this.#words, this.#bell, 0)'],
  ],
  [
    'HEAD without release',
    'block, one slot',
    /a race/,
    ['lane.ts', 'Atomics.store(this.#words, this.#headAt, this.#head)', 'this.#words[this.#headAt] = this.#head'],
  ],
  [
    'TAIL without release',
    'block, one slot',
    /a race/,
    ['lane.ts', 'Atomics.store(this.#words, this.#tailAt, next)', 'this.#words[this.#tailAt] = next'],
  ],
  [
    'the receiver takes without a compare-and-swap',
    'drop-oldest, one slot',
    /received/,
    [
      'lane.ts',
      'const found = Atomics.compareExchange(this.#words, this.#tailAt, this.#tail, next)',
      'const found = this.#tail; Atomics.store(this.#words, this.#tailAt, next)',
    ],
  ],
  [
    'the sender drops without a compare-and-swap',
    'drop-oldest, two slots, batches',
    /received/,
    [
      'lane.ts',
      'const found = Atomics.compareExchange(this.#words, this.#tailAt, oldest, next)',
      'const found = oldest; Atomics.store(this.#words, this.#tailAt, next)',
    ],
  ],
  [
    'a box is sent without a compare-and-swap',
    'conflate, two keys',
    /received|a race/,
    [
      'mailbox.ts',
      'const found = Atomics.compareExchange(this.#words, at, word, next) // (B1)',
      'const found: number = word; Atomics.store(this.#words, at, next)',
    ],
  ],
  [
    'a box is taken without a compare-and-swap',
    'conflate, two keys',
    /received|a race/,
    [
      'mailbox.ts',
      'const found = Atomics.compareExchange(this.#words, at, word, next) // (B2)',
      'const found: number = word; Atomics.store(this.#words, at, next)',
    ],
  ],
  [
    'HEAD before the bit',
    'conflate, two keys',
    /sleeps for ever|received/,
    [
      'mailbox.ts',
      'Atomics.or(this.#words, this.#bitsAt + (key >> 5), 1 << (key & 31))',
      'Atomics.store(this.#words, this.#headAt, this.#head + 1); Atomics.or(this.#words, this.#bitsAt + (key >> 5), 1 << (key & 31))',
    ],
  ],
  [
    'bits are read and then cleared',
    'conflate, two keys',
    /sleeps for ever|received/,
    [
      'mailbox.ts',
      'Atomics.exchange(this.#words, this.#bitsAt + word, 0)',
      'Atomics.load(this.#words, this.#bitsAt + word); Atomics.store(this.#words, this.#bitsAt + word, 0)',
    ],
  ],
  [
    'one look at the lanes',
    'several senders',
    /effect before cause/,
    ['receiver.ts', 'for (let isGrowing = true; isGrowing; ) {', 'for (let isGrowing = false; isGrowing; ) {'],
  ],
  [
    'tickets are not compared',
    'several senders',
    /effect before cause/,
    ['receiver.ts', 'if (isLater(ticket, oldestTicket)) continue', 'if (isLater(ticket, newest)) continue'],
  ],
  [
    'a receiver that leaves tells nobody',
    'a receiver that leaves',
    /sleeps for ever/,
    ['receiver.ts', 'for (const sender of this.#senders) sender.ring()', ''],
  ],
  [
    'a sender that closes tells nobody',
    'block, one slot',
    /sleeps for ever/,
    ['sender.ts', 'this.#receiver.ring()', ''],
  ],
  [
    'a death is confirmed and nobody is woken',
    'the last sender dies',
    /sleeps for ever/,
    ['channel.ts', 'whoever waits looks again.\n    this.#ringAll()', 'whoever waits looks again.'],
  ],
]

describe('channel: canaries', () => {
  it.each(faults)('canary: %s: seen', (_, name, sees, fault) => {
    expect(play(name, fault).fault).toMatch(sees)
  })
})
