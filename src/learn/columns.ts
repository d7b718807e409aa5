/**
 * Columns of numbers that grow without being copied: chunks of 65,536 rows. Reading a row that was never written is misuse and not
 * checked. One thread.
 */

const chunkBits = 16
const chunkRows = 1 << chunkBits
const rowMask = chunkRows - 1

/** Doubles. Chunks in which every row has the usual value cost nothing. */
export class FloatColumn {
  readonly #chunks: (Float64Array | undefined)[] = []
  readonly #usual: number

  constructor(usual = 0) {
    this.#usual = usual
  }

  get(row: number): number {
    const chunk = this.#chunks[row >>> chunkBits]
    return chunk === undefined ? this.#usual : chunk[row & rowMask]!
  }

  set(row: number, value: number): void {
    const chunk = this.#chunks[row >>> chunkBits]
    if (chunk !== undefined) chunk[row & rowMask] = value
    else if (!Object.is(value, this.#usual)) this.#begin(row >>> chunkBits)[row & rowMask] = value
  }

  #begin(index: number): Float64Array {
    const chunk = new Float64Array(chunkRows)
    if (this.#usual !== 0) chunk.fill(this.#usual)
    this.#chunks[index] = chunk
    return chunk
  }
}

/** Integers of 32 bits with a sign. */
export class IntColumn {
  readonly #chunks: Int32Array[] = []

  get(row: number): number {
    return this.#chunks[row >>> chunkBits]![row & rowMask]!
  }

  set(row: number, value: number): void {
    let chunk = this.#chunks[row >>> chunkBits]
    if (chunk === undefined) chunk = this.#chunks[row >>> chunkBits] = new Int32Array(chunkRows)
    chunk[row & rowMask] = value
  }
}

/** Integers in 0 … 65,535. */
export class ShortColumn {
  readonly #chunks: Uint16Array[] = []

  get(row: number): number {
    return this.#chunks[row >>> chunkBits]![row & rowMask]!
  }

  set(row: number, value: number): void {
    let chunk = this.#chunks[row >>> chunkBits]
    if (chunk === undefined) chunk = this.#chunks[row >>> chunkBits] = new Uint16Array(chunkRows)
    chunk[row & rowMask] = value
  }
}
