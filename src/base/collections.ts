/** How V8 collects garbage in this process. */
import { setFlagsFromString } from 'node:v8'

/**
 * Has every thread of the process collect its young generation by itself, from its next collection on. V8 shares that work with helper threads: where
 * the pipeline's threads have the cores, the one that collects waits until a helper gets its turn, and the one whose core it gets waits too. What
 * survives here is little, and one thread copies it sooner: `bench/README.md` has the figures. For a program that runs a live engine on
 * threads, before it starts it; `signalbox run` does. Process-wide: a program with a large heap and cores to spare may be slower by it.
 */
export function collectAlone(): void {
  setFlagsFromString('--no-parallel-scavenge')
}
