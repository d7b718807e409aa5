/** Made-up arbitrations for the weight search, each kind awkward in its own way. */
import { Random } from '../../src/base/random.ts'
import type { ArbitrationSet } from '../../src/learn/tuning/arbitration-set.ts'

/** One candidate: four raw components, age bonus. */
type Candidate = [number, number, number, number, number]

const makers: Record<string, (random: Random) => Candidate[]> = {
  'at random': (random) => many(random, 2, 6, () => [...four(() => random.fraction()), 0]),
  'in tenths, with age bonuses, so that scores tie at lattice points': (random) =>
    many(random, 2, 6, () => [...four(() => tenth(random)), random.fraction() < 0.5 ? 0 : random.integer(0, 12) / 40]),
  'crossing in the middle of the grid': (random) =>
    many(random, 3, 6, () => {
      const [p, f, r, e] = four(() => random.fraction())
      return [p, f, r, e, 1 - (0.4 * p + 0.3 * f + 0.15 * r + 0.15 * e) + (random.fraction() - 0.5) / 50]
    }),
  'crossing within a quantum of lattice points': (random) =>
    many(random, 2, 6, () => [...four(() => tenth(random) + random.integer(-30, 30) * 1e-13), 0]),
  'equal but for the last digits': (random) => {
    const [p, f, r, e] = four(() => random.fraction())
    const off = (): number => random.integer(-4, 4) * 3e-13
    return many(random, 2, 5, () => [p + off(), f + off(), r + off(), e + off(), 0])
  },
  'equal, some of them': (random) => {
    const first: Candidate = [...four(() => tenth(random)), 0.1]
    return many(random, 2, 7, () => (random.fraction() < 0.5 ? first : [...four(() => tenth(random)), 0.1]))
  },
  'different in one component': (random) => {
    const at = random.integer(0, 3)
    const first: Candidate = [...four(() => tenth(random)), 0]
    return many(random, 2, 5, () => first.map((value, index) => (index === at ? tenth(random) : value)) as Candidate)
  },
  'one above all the others everywhere': (random) => [
    ...many(random, 1, 4, (): Candidate => [...four(() => random.fraction() / 2), 0]),
    [0.9, 0.8, 0.9, 0.8, 0],
  ],
  'age bonuses of all sizes': (random) => {
    const size = 10 ** random.integer(0, 6)
    return many(random, 2, 5, () => [...four(() => random.fraction()), size + random.integer(0, 4) / 10])
  },
  'components of all sizes': (random) => {
    const size = 10 ** random.integer(-9, 6)
    return many(random, 2, 5, () => [...four(() => (random.fraction() - 0.3) * size), 0])
  },
  'many candidates': (random) => many(random, 6, 60, () => [...four(() => random.fraction()), 0]),
}

export const madeUpKinds = Object.keys(makers)

export function madeUpSet(
  kind: string,
  seed: number,
  count: number,
  pnl: 'cents' | 'huge' | 'any' = 'cents',
): ArbitrationSet {
  const random = new Random(seed)
  const arbitrations = Array.from({ length: count }, () => makers[kind]!(random))
  const candidates = arbitrations.flat()
  const first = new Int32Array(count + 1)
  for (const [index, own] of arbitrations.entries()) first[index + 1] = first[index]! + own.length
  const column = (at: number): Float64Array => Float64Array.from(candidates, (candidate) => candidate[at]!)
  return {
    ...{ count, first, raw: [column(0), column(1), column(2), column(3)], ageBonus: column(4) },
    pnl: Float64Array.from(candidates, () => pnlOf(random, pnl)),
    ...{ selected: new Int32Array(count), atSeconds: new Float64Array(count), endsSeconds: new Float64Array(count) },
    ...{ regime: new Uint16Array(count), regimes: ['trend'], leftOut: 0 },
  }
}

function pnlOf(random: Random, size: 'cents' | 'huge' | 'any'): number {
  if (size === 'cents') return random.integer(-20_000, 20_000) / 100
  const value = random.fraction() - 0.5
  return size === 'any' ? value : value * 10 ** random.integer(0, 15)
}

function many(random: Random, least: number, most: number, make: () => Candidate): Candidate[] {
  return Array.from({ length: random.integer(least, most) }, make)
}

function four(make: () => number): [number, number, number, number] {
  return [make(), make(), make(), make()]
}

function tenth(random: Random): number {
  return random.integer(0, 10) / 10
}
