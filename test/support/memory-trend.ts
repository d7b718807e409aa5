/**
 * Whether a process's memory stays where it was, from samples at equal distances. Two measures of what comes after the begin, where
 * memory settles; both must be within the limit, and neither minds the teeth that a garbage collector cuts:
 *
 * - the **rise**: Theil and Sen's slope (the median of the slopes of all pairs of samples) times the length of what is looked at;
 * - the **shift**: the median of the last quarter of all samples less the median of the second quarter.
 *
 * The first finds what grows all the time, the second what grew once, or in steps.
 */

export interface MemoryTrend {
  /** Bytes over the whole of what is looked at, negative where it falls. */
  readonly riseBytes: number
  readonly shiftBytes: number
}

/** The least number of samples of which anything can be said. */
export const memorySamplesMin = 12

/**
 * @param samples - Bytes, at equal distances.
 * @param settling - The share at the begin that the rise leaves out, in 0 … 0.5.
 */
export function memoryTrendOf(samples: readonly number[], settling: number): MemoryTrend {
  if (samples.length < memorySamplesMin) {
    throw new Error(`${samples.length} samples of memory say nothing; at least ${memorySamplesMin} do`)
  }
  const settled = samples.slice(Math.floor(samples.length * settling))
  const slopes: number[] = []
  for (let later = 1; later < settled.length; later += 1) {
    for (let at = 0; at < later; at += 1) slopes.push((settled[later]! - settled[at]!) / (later - at))
  }
  const quarter = Math.floor(samples.length / 4)
  return {
    riseBytes: medianOf(slopes) * (settled.length - 1),
    shiftBytes: medianOf(samples.slice(-quarter)) - medianOf(samples.slice(quarter, 2 * quarter)),
  }
}

/** Nothing, or what is wrong with a trend. */
export function memoryFault(name: string, { riseBytes, shiftBytes }: MemoryTrend, limitBytes: number): string | null {
  if (riseBytes <= limitBytes && shiftBytes <= limitBytes) return null
  return `${name} grows: rise ${mib(riseBytes)}, shift ${mib(shiftBytes)}, at most ${mib(limitBytes)}`
}

/** `120.00 MiB, rise 0.10 MiB, shift -0.20 MiB`: the median and the trend. */
export function memoryText(samples: readonly number[], settling: number): string {
  const { riseBytes, shiftBytes } = memoryTrendOf(samples, settling)
  return `${mib(medianOf(samples))}, rise ${mib(riseBytes)}, shift ${mib(shiftBytes)}`
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
