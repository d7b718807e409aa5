// @ts-check
/**
 * What must hold however hard the ledger is fought over; what does not ends the bench. Sees the engine's messages and, now and then, the account.
 *
 * @typedef {{ readonly handle: number, readonly token: number, readonly symbolIndex: number, readonly capitalMinor: number }} Slot
 * @typedef {{ readonly capitalMinor: number, readonly positions: readonly Slot[] }} Account
 * @typedef {{ readonly kind: string, readonly to?: string, readonly outcome?: object | null, readonly position?: { readonly grant: { readonly member: { readonly event: { readonly eventId: string } } } } }} Heard
 */
export class StressAudit {
  /** Looks at the account so far. */
  looks = 0
  /** Entries that were ordered; of these, closed again, and never filled. */
  entries = 0
  trades = 0
  unfilled = 0
  /** The most positions, and the largest share of the capital, that were seen held at once. */
  heldMax = 0
  shareMax = 0
  #entered = new Set()
  #positionsMax
  #perSymbolMax

  /** @param {{ positionsMax: number, perSymbolMax: number }} limits */
  constructor({ positionsMax, perSymbolMax }) {
    this.#positionsMax = positionsMax
    this.#perSymbolMax = perSymbolMax
  }

  /** @param {Heard} message */
  hear(message) {
    if (message.kind === 'settled') {
      if (message.outcome === null) this.unfilled += 1
      else this.trades += 1
      return
    }
    if (message.kind !== 'position' || message.to !== 'submitted' || message.position === undefined) return
    const { eventId } = message.position.grant.member.event
    if (this.#entered.has(eventId)) throw new Error(`two entries on ${eventId}`)
    this.#entered.add(eventId)
    this.entries += 1
  }

  /** @param {Account} account As of one instant. */
  look({ capitalMinor, positions }) {
    this.looks += 1
    const heldMinor = positions.reduce((sum, slot) => sum + slot.capitalMinor, 0)
    if (heldMinor > capitalMinor) throw new Error(`${heldMinor} of ${capitalMinor} are held`)
    if (positions.length > this.#positionsMax) throw new Error(`${positions.length} positions are held`)
    requireFew('event', positions, (slot) => slot.handle, 1)
    requireFew('symbol', positions, (slot) => slot.symbolIndex, this.#perSymbolMax)
    this.heldMax = Math.max(this.heldMax, positions.length)
    this.shareMax = Math.max(this.shareMax, heldMinor / capitalMinor)
  }

  /**
   * The run is over.
   *
   * @param {Account} account
   * @param {number} submitted As the engine counted.
   */
  end({ positions }, submitted) {
    if (positions.length > 0) throw new Error(`${positions.length} positions are left`)
    if (submitted !== this.entries) throw new Error(`${submitted} entries were counted and ${this.entries} heard of`)
    if (submitted !== this.trades + this.unfilled) {
      throw new Error(`of ${submitted} entries ${this.trades} were closed and ${this.unfilled} not filled`)
    }
    if (this.trades === 0) throw new Error('nothing was traded')
  }
}

/**
 * @param {string} what
 * @param {readonly Slot[]} positions
 * @param {(slot: Slot) => number} keyOf
 * @param {number} most
 */
function requireFew(what, positions, keyOf, most) {
  const counts = new Map()
  for (const slot of positions) {
    const key = keyOf(slot)
    counts.set(key, (counts.get(key) ?? 0) + 1)
    if (counts.get(key) > most) throw new Error(`${what} ${key} is held ${counts.get(key)} times`)
  }
}
