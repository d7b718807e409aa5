/**
 * What waits for a stage, or for others. Emptied it keeps its room: an array that is cut to nothing is allocated anew with the next message,
 * and what is allocated for each record is collected in the midst of others. One thread.
 */

/** One that held more gives its room back. */
const keptMax = 1_024

export class Inbox<T> {
  /** Those from `count` on are none. */
  readonly messages: (T | undefined)[] = []
  count = 0

  put(message: T): void {
    this.messages[this.count] = message
    this.count += 1
  }

  /** Keeps nothing alive that waited. */
  clear(): void {
    if (this.count > keptMax) this.messages.length = 0
    else for (let index = 0; index < this.count; index += 1) this.messages[index] = undefined
    this.count = 0
  }
}
