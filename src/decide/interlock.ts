/**
 * The interlock: which types may be held together, and where that is asked (ERRATA E13). Pure data after construction; used
 * by admission and portfolio.
 */
import type { Policy } from '../domain/policy.ts'

export class Interlock {
  readonly typeCount: number
  readonly scope: 'account' | 'symbol' | 'off'
  /** 1 at (a × typeCount + b) where types a and b may be held together; symmetric, and 1 on the diagonal. */
  readonly #compatible: Uint8Array

  constructor(policy: Policy, types: readonly string[]) {
    const count = types.length
    this.typeCount = count
    this.scope = policy.interlock?.scope ?? 'off'
    this.#compatible = new Uint8Array(count * count)
    if (policy.interlock === null) {
      this.#compatible.fill(1)
      return
    }
    for (let type = 0; type < count; type++) this.#compatible[type * count + type] = 1
    for (const [nameA, nameB] of policy.interlock.compatible) {
      const a = types.indexOf(nameA)
      const b = types.indexOf(nameB)
      this.#compatible[a * count + b] = 1
      this.#compatible[b * count + a] = 1
    }
  }

  areCompatible(typeA: number, typeB: number): boolean {
    return this.#compatible[typeA * this.typeCount + typeB] === 1
  }

  /** Whether the two exclude each other, in scope. */
  conflict(typeA: number, symbolA: number, typeB: number, symbolB: number): boolean {
    if (this.#compatible[typeA * this.typeCount + typeB] === 1) return false
    return this.scope === 'account' || symbolA === symbolB
  }
}
