/**
 * Waiting for any of several channels, for room, and for an announcement, under every interleaving of small plays: as
 * `channel-model.test.ts`, over the same sources. Up to the deviations the search is exhaustive. Canaries put a fault into the sources.
 */
import { describe, expect, it } from 'vitest'
import { freshSeed, Random } from '../../src/base/random.ts'
import { broadcastPlays } from '../support/broadcast-plays.ts'
import { waitPlays } from '../support/channel-wait-plays.ts'
import type { Fault } from '../support/interleaved-source.ts'
import { type Explored, explore } from '../support/interleavings.ts'
import { stageOf } from '../support/stepped-channel.ts'

const seed = Number(process.env.SIGNALBOX_SEED ?? freshSeed())
/** A canary looks where it is known to see. */
const canarySeed = 1
const plays = { ...waitPlays, ...broadcastPlays }
const deviations = 2
/** Plays that have few orders at two deviations. */
const deeper: Readonly<Record<string, number>> = {
  'for room': 3,
  'for room, and the receiver leaves': 5,
  'an announcer that dies': 3,
  'a change without atomics of its own': 3,
}

function play(name: string, fault: Fault | null = null): Explored {
  const stage = stageOf(fault)
  const budget = { deviations: deeper[name] ?? deviations, executionsMax: 40_000, randomExecutions: 2_000 }
  return explore(stage.machine, plays[name]!(stage), budget, new Random(fault === null ? seed : canarySeed))
}

describe(`channel waits: every interleaving, seed ${seed}`, () => {
  it.each(Object.keys(plays))('model: %s: no wake-up is lost', (name) => {
    const { executions, isExhaustive, fault } = play(name)
    expect(fault).toBe(null)
    expect(isExhaustive).toBe(true)
    expect(executions).toBeGreaterThan(2_400)
  })
})

/** What is put in, the play that sees it, what that says, and where in the sources. */
const faults: readonly (readonly [what: string, play: string, sees: RegExp, fault: Fault])[] = [
  [
    'no second look before the wait',
    'for any',
    /sleeps for ever/,
    [
      'parking.ts',
      'if (leftMs > 0) Atomics.wait(this.#words, this.#bell, bell, leftMs)',
      'Atomics.wait(this.#words, this.#bell, bell, 1)',
    ],
  ],
  [
    'the bell is read behind the second look',
    'for any and for the one that conflates, in turns',
    /sleeps for ever/,
    [
      'parking.ts',
      'Atomics.wait(this.#words, this.#bell, bell, leftMs)',
      'Atomics.wait(this.#words, this.#bell, Atomics.load(this.#words, this.#bell), leftMs)',
    ],
  ],
  [
    'the flag is set in the first round only',
    'for each in turns',
    /sleeps for ever/,
    [
      'parking.ts',
      `for (;;) {
      const bell = this.#announce()
      const leftMs = isReady() ? 0 : leftOf(deadlineNs) // (K3)
      if (leftMs > 0) Atomics.wait`,
      `for (let round = 0; ; round += 1) {
      const bell = round === 0 ? this.#announce() : Atomics.load(this.#words, this.#bell)
      const leftMs = isReady() ? 0 : leftOf(deadlineNs)
      if (leftMs > 0) Atomics.wait`,
    ],
  ],
  [
    'no flag on the event loop',
    'for any, on an event loop',
    /sleeps for ever/,
    [
      'parking.ts',
      `const bell = this.#announce()
        const`,
      `const bell = Atomics.load(this.#words, this.#bell)
        const`,
    ],
  ],
  [
    'the bell is not shared by one sender',
    'for any',
    /sleeps for ever/,
    [
      'sender.ts',
      'this.#receiver = receiverParking(memory)',
      "this.#receiver = receiverParking(options.whenFull === 'conflate' ? { ...memory, bellWords: words } : memory)",
    ],
  ],
  [
    'the bell is not shared by the receiver',
    'for any and for the one that conflates, in turns',
    /sleeps for ever/,
    [
      'bell.ts',
      'this.#parking = receiverParking(memory)',
      'this.#parking = receiverParking({ ...memory, bellWords: memory.words })',
    ],
  ],
  [
    'a wait for any asks only the first',
    'for any',
    /sleeps for ever/,
    [
      'wait.ts',
      'if (receiver.hasNews) return true\n      if',
      'if (receiver === this.#receivers[0] && receiver.hasNews) return true\n      if',
    ],
  ],
  [
    'an end that came before the wait is not told',
    'for any, and another ends',
    /sleeps for ever/,
    ['wait.ts', 'else if (!told.has(receiver)) return true', ''],
  ],
  [
    'an end is told again and again',
    'for any, and the one with the bell ends',
    /do not come to an end|after \d+ ends/,
    ['wait.ts', 'if (receiver.isAtEnd) told.add(receiver)', ''],
  ],
  [
    'a close rings the bell of its own memory',
    'for any, and another ends',
    /sleeps for ever/,
    [
      'channel.ts',
      'receiverParking(this.#memory).ring()',
      'receiverParking({ ...this.#memory, bellWords: words }).ring()',
    ],
  ],
  [
    'a death rings the bell of its own memory',
    'for any, and a sender of another dies',
    /sleeps for ever/,
    [
      'channel.ts',
      'receiverParking(this.#memory).ring()',
      'receiverParking({ ...this.#memory, bellWords: words }).ring()',
    ],
  ],
  [
    'a death rings nobody',
    'for any, and a sender of the one with the bell dies',
    /sleeps for ever/,
    ['channel.ts', 'whoever waits looks again.\n    this.#ringAll()', 'whoever waits looks again.'],
  ],
  [
    'no second look before the wait for room',
    'for room',
    /sleeps for ever/,
    [
      'parking.ts',
      'if (leftMs > 0) Atomics.wait(this.#words, this.#bell, bell, leftMs)',
      'Atomics.wait(this.#words, this.#bell, bell, 1)',
    ],
  ],
  [
    'room is not waited for',
    'for room',
    /no room|the room was gone/,
    ['sender.ts', "this.#whenFull !== 'block' || this.#queue.hasRoom() || this.#awaitRoom(timeoutMs)", 'true'],
  ],
  [
    'who waits for room does not see the close',
    'for room, and the receiver leaves',
    /sleeps for ever/,
    ['sender.ts', 'this.#queue.hasRoom() || this.#wasClosed()', 'this.#queue.hasRoom()'],
  ],
  [
    'the waiters are read before the announcement is counted',
    'two waiters, one announcer',
    /sleeps for ever/,
    [
      'broadcast.ts',
      `Atomics.add(this.#words, broadcastWord.count, 1) // (A1)
    if (Atomics.load(this.#words, broadcastWord.waiters) === 0) return // (A2)`,
      `const waiters = Atomics.load(this.#words, broadcastWord.waiters)
    Atomics.add(this.#words, broadcastWord.count, 1)
    if (waiters === 0) return`,
    ],
  ],
  [
    'an announcement is not counted',
    'one waiter, two announcers',
    /sleeps for ever|nothing had been announced/,
    [
      'broadcast.ts',
      'Atomics.add(this.#words, broadcastWord.count, 1)',
      'Atomics.add(this.#words, broadcastWord.count, 0)',
    ],
  ],
  [
    'one is notified',
    'two waiters, one announcer',
    /sleeps for ever/,
    [
      'broadcast.ts',
      'Atomics.notify(this.#words, broadcastWord.count)',
      'Atomics.notify(this.#words, broadcastWord.count, 1)',
    ],
  ],
  [
    'a waiter is counted when it has waited',
    'two waiters, one announcer',
    /sleeps for ever/,
    [
      'broadcast.ts',
      `Atomics.add(this.#words, broadcastWord.waiters, 1) // (E3)
    for (;;) {
      const leftMs = leftOf(deadlineNs)
      if (leftMs > 0) Atomics.wait(this.#words, broadcastWord.count, seen, leftMs) // (E4)`,
      `for (;;) {
      const leftMs = leftOf(deadlineNs)
      if (leftMs > 0) Atomics.wait(this.#words, broadcastWord.count, seen, leftMs)
      Atomics.add(this.#words, broadcastWord.waiters, 1)`,
    ],
  ],
  [
    'a waiter on the event loop is not counted',
    'two waiters on event loops, one announcer',
    /sleeps for ever/,
    [
      'broadcast.ts',
      `Atomics.add(this.#words, broadcastWord.waiters, 1) // (E3)
    for (;;) {
      const leftMs = leftOf(deadlineNs)
      if (leftMs > 0) await`,
      `Atomics.add(this.#words, broadcastWord.waiters, 0)
    for (;;) {
      const leftMs = leftOf(deadlineNs)
      if (leftMs > 0) await`,
    ],
  ],
  [
    'who waits reads the count anew',
    'two waiters, one announcer',
    /sleeps for ever/,
    [
      'broadcast.ts',
      'Atomics.wait(this.#words, broadcastWord.count, seen, leftMs)',
      'Atomics.wait(this.#words, broadcastWord.count, this.now(), leftMs)',
    ],
  ],
  [
    'a waiter counts itself out twice',
    'a waiter that dies',
    /sleeps for ever|are counted as waiting/,
    [
      'broadcast.ts',
      `Atomics.add(this.#words, broadcastWord.waiters, -1) // (E5)
      return count
    }
  }

  /** The same`,
      `Atomics.add(this.#words, broadcastWord.waiters, -2)
      return count
    }
  }

  /** The same`,
    ],
  ],
  [
    'a late notification ends a wait',
    'two waiters, one announcer',
    /nothing had been announced/,
    [
      'broadcast.ts',
      `(E4)
      const count = this.now()
      if (count === seen && leftMs > 0) continue
      Atomics.add(this.#words, broadcastWord.waiters, -1) // (E5)
      return count
    }
  }

  /** The same`,
      `(E4)
      const count = this.now()
      Atomics.add(this.#words, broadcastWord.waiters, -1)
      return count
    }
  }

  /** The same`,
    ],
  ],
  [
    'an announcement without release',
    'a change without atomics of its own',
    /a race/,
    ['broadcast.ts', 'Atomics.add(this.#words, broadcastWord.count, 1)', 'this.#words[broadcastWord.count]! += 1'],
  ],
]

describe('channel waits: canaries', () => {
  it.each(faults)('canary: %s: seen', (_, name, sees, fault) => {
    expect(play(name, fault).fault).toMatch(sees)
  })
})
