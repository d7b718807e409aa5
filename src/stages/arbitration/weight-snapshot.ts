/**
 * The weight set in the region: the run's thread publishes it, arbitration reads it before each decision, wherever it is. All of a set or
 * nothing of it is seen (SNAP-1); a thread that takes another's place finds the newest.
 */
import type { Weights } from '../../domain/policy.ts'
import { type Regime, regimes } from '../../domain/regime.ts'
import type { WeightSet } from '../../domain/weight-set.ts'
import type { SnapshotSchema } from '../../region/schema.ts'
import type { SnapshotReader, SnapshotWriter } from '../../region/snapshot.ts'

const fields = ['isGiven', 'priorityScore', 'freshness', 'regimeAlignment', 'expectedValue'] as const
type Head = 'version'
type Field = (typeof fields)[number]

/** Row 0 has the overall weights, row 1 + r those of the regime r, if it has its own. */
export const weightsSchema: SnapshotSchema<Head, Field> = {
  name: 'weights',
  head: ['version'],
  fields,
  rows: ['overall', ...regimes],
  slots: 4,
}

/** The one writer; on the run's thread. */
export class WeightsPublisher {
  readonly #writer: SnapshotWriter<Head, Field>
  #version = 0

  constructor(writer: SnapshotWriter<Head, Field>, first: WeightSet) {
    this.#writer = writer
    this.publish(first)
  }

  /** Of the set that was published last. */
  get version(): number {
    return this.#version
  }

  /** Decisions are made with it from the next one on that is not under way. */
  publish({ version, weights, byRegime }: WeightSet): void {
    this.#place(0, weights)
    for (const [index, regime] of regimes.entries()) this.#place(index + 1, byRegime[regime])
    this.#writer.head[this.#writer.headIndex.version] = version
    this.#writer.publish()
    this.#version = version
  }

  #place(row: number, weights: Weights | undefined): void {
    const values = this.#writer.rows[row]!
    const index = this.#writer.fieldIndex
    values[index.isGiven] = weights === undefined ? 0 : 1
    values[index.priorityScore] = weights?.priorityScore ?? 0
    values[index.freshness] = weights?.freshness ?? 0
    values[index.regimeAlignment] = weights?.regimeAlignment ?? 0
    values[index.expectedValue] = weights?.expectedValue ?? 0
  }
}

/** Reads it, on the thread that decides. */
export class WeightsReading {
  readonly #reader: SnapshotReader<Head, Field>
  /** Of the snapshot that was taken last. */
  #seen = 0

  constructor(reader: SnapshotReader<Head, Field>) {
    this.#reader = reader
  }

  /** The set that was published since the last call; null: none was. Wait-free; allocates nothing but a new set. */
  next(): WeightSet | null {
    // One row tells whether there is anything new, for a fifth of the price on the js backend.
    if (this.#reader.readRow(0) === this.#seen) return null
    const published = this.#reader.read()
    // Nothing yet, or lapped by a writer that publishes once a second at most: the next call will do.
    if (published <= 0) return null
    this.#seen = published
    const byRegime: Partial<Record<Regime, Weights>> = {}
    for (const [index, regime] of regimes.entries()) {
      const own = this.#weightsIn(index + 1)
      if (own !== null) byRegime[regime] = own
    }
    return { version: this.#reader.head[this.#reader.headIndex.version]!, weights: this.#weightsIn(0)!, byRegime }
  }

  #weightsIn(row: number): Weights | null {
    const values = this.#reader.rows[row]!
    const index = this.#reader.fieldIndex
    if (values[index.isGiven] !== 1) return null
    return {
      priorityScore: values[index.priorityScore]!,
      freshness: values[index.freshness]!,
      regimeAlignment: values[index.regimeAlignment]!,
      expectedValue: values[index.expectedValue]!,
    }
  }
}
