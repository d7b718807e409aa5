/**
 * Waiting for any of several channels at once. Their receivers belong to one thread and share one bell (`Channel.create`, `bell`);
 * `parking.ts` says why no wake-up is lost when a thread waits for several of them now, and for one the next time.
 */
import { requireNumber } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import type { Bell } from './bell.ts'
import { Receiver } from './receiver.ts'

/** Receivers whose end a wait has told of. */
const told = new WeakSet<Receiver<unknown>>()

/**
 * Blocks the thread until one of `receivers` may have something or comes to its end, at most `timeoutMs`.
 *
 * @param receivers - One or more of this thread's, whose channels share a bell. A set that does not change is best kept in one array.
 * @returns True: one of them has something. False: the time is over; or one has come to its end (`isAtEnd`), which is told once, by
 *   one false, whether it came during this wait or before; or all of them have, and then at once and every time.
 * @throws {SignalboxError} `ERR_CLOSED` for an end that was closed; `ERR_INVALID_ARGUMENT` for what is no receiver, for one whose channel has
 *   another bell, and while a wait of one of them on the event loop is pending.
 */
export function waitForAny(receivers: readonly Receiver<unknown>[], timeoutMs = Number.POSITIVE_INFINITY): boolean {
  const several = severalOf(receivers, timeoutMs)
  several.bell.wait(several.isReady, timeoutMs)
  return several.outcome()
}

/** The same for event loops: the thread goes on meanwhile. A wait by itself does not keep the process alive. */
export async function waitForAnyAsync(
  receivers: readonly Receiver<unknown>[],
  timeoutMs = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  const several = severalOf(receivers, timeoutMs)
  await several.bell.waitAsync(several.isReady, timeoutMs)
  return several.outcome()
}

/** What was waited for before, by its array: a loop that waits makes nothing. */
const known = new WeakMap<object, Several>()

function severalOf(receivers: readonly Receiver<unknown>[], timeoutMs: number): Several {
  requireNumber('timeoutMs', timeoutMs, 0, Number.POSITIVE_INFINITY)
  if (!Array.isArray(receivers) || receivers.length === 0) throw refused('there is at least one receiver to wait for')
  let several = known.get(receivers)
  if (several === undefined) {
    several = new Several(receivers)
    known.set(receivers, several)
  }
  several.requireOneBell()
  return several
}

class Several {
  readonly #receivers: readonly Receiver<unknown>[]
  /** (K3) of every wait looks at all of them. */
  readonly isReady = (): boolean => {
    let isAllOver = true
    for (const receiver of this.#receivers) {
      if (receiver.hasNews) return true
      if (!receiver.isAtEnd) isAllOver = false
      else if (!told.has(receiver)) return true
    }
    return isAllOver
  }

  constructor(receivers: readonly Receiver<unknown>[]) {
    this.#receivers = receivers
  }

  /** At every wait: an end may have been closed since, and the array is the caller's. */
  requireOneBell(): void {
    for (const receiver of this.#receivers) {
      if (!(receiver instanceof Receiver)) throw refused('they are receivers that this thread has opened')
    }
    for (const receiver of this.#receivers) {
      if (!this.bell.isSameAs(receiver.bell)) throw refused('their channels do not share one bell')
    }
  }

  get bell(): Bell {
    return this.#receivers[0]!.bell
  }

  /** True if one has something. Otherwise those that are at their end have been told of from now on. */
  outcome(): boolean {
    for (const receiver of this.#receivers) if (receiver.hasNews) return true
    for (const receiver of this.#receivers) if (receiver.isAtEnd) told.add(receiver)
    return false
  }
}

function refused(message: string): SignalboxError {
  return new SignalboxError('ERR_INVALID_ARGUMENT', `receivers: ${message}`, { field: 'receivers' })
}
