/**
 * The portfolio's choice where the interlock's scope is the symbol and a symbol may hold several positions: symbol by symbol,
 * then a knapsack over the symbols for the account's slots. Pure; allocates; called by `portfolio.ts` alone.
 *
 * A set is kept with the number whose bit (n − 1 − rank) is 1 for each member: of two sets with the same Σ q the one whose
 * sorted ranks come first has the greater number. (One is never the other's beginning: its further members would add q > 0,
 * or stand before the overdue one.) Sums and numbers both add up over disjoint sets, so the best set is made of best parts.
 * With n candidates, k slots and c cliques: O(c·n) for the parts and O(k·n) for the knapsack.
 */

/** What the choice needs to know of a candidate. */
export interface CandidateLookup {
  /** 0-based, unique. */
  rankOf(candidate: number): number
  typeOf(candidate: number): number
  quantaOf(candidate: number): bigint
}

/** The candidates of one symbol that take part, best rank first, and how many the symbol has room for. */
export interface SymbolGroup {
  readonly free: number
  readonly members: readonly number[]
}

interface Part {
  readonly sum: bigint
  readonly bits: bigint
}

const nothing: Part = { sum: 0n, bits: 0n }

/**
 * The best set, best rank first. At least one candidate takes part and one slot is free.
 *
 * @param cliques - The maximal cliques of the types that may share a symbol, as rows of bytes by type.
 * @param overdue - The candidate that must be in the set, or −1.
 */
export function bestBySymbol(
  groups: readonly SymbolGroup[],
  cliques: readonly Uint8Array[],
  slots: number,
  overdue: number,
  lookup: CandidateLookup,
): readonly number[] {
  const all = groups.flatMap((group) => group.members).sort((a, b) => lookup.rankOf(a) - lookup.rankOf(b))
  // Places among those that take part stand for ranks: the same order in fewer bits.
  const bitOf = new Map(all.map((candidate, place) => [candidate, 1n << BigInt(all.length - 1 - place)]))
  const partOf = (members: readonly number[]): Part => ({
    sum: members.reduce((sum, candidate) => sum + lookup.quantaOf(candidate), 0n),
    bits: members.reduce((bits, candidate) => bits | bitOf.get(candidate)!, 0n),
  })

  // best[m]: the best set of exactly m members from the groups seen so far; null where there is none.
  let best: (Part | null)[] = [nothing]
  for (const group of groups) {
    const sets = bestSetsOf(group, cliques, Math.min(group.free, slots), overdue, lookup)
    const parts = sets.map((members) => (members === null ? null : partOf(members)))
    const next: (Part | null)[] = []
    for (const [size, base] of best.entries()) {
      if (base === null) continue
      for (const [more, part] of parts.entries()) {
        const total = size + more
        if (part === null || total > slots) continue
        const joined = { sum: base.sum + part.sum, bits: base.bits | part.bits }
        next[total] = better(next[total] ?? null, joined)
      }
    }
    best = Array.from({ length: next.length }, (_, size) => next[size] ?? null)
  }
  const chosen = best.slice(1).reduce((left, right) => (right === null ? left : better(left, right)), null)
  return all.filter((candidate) => chosen !== null && (chosen.bits & bitOf.get(candidate)!) !== 0n)
}

/**
 * The best set of exactly m members of one symbol, for each m up to `limit`; null where there is none. Weight falls with rank,
 * so within a clique the best m are the first m (the overdue one and the first m − 1): one pass a clique gives them all.
 */
function bestSetsOf(
  group: SymbolGroup,
  cliques: readonly Uint8Array[],
  limit: number,
  overdue: number,
  lookup: CandidateLookup,
): readonly (readonly number[] | null)[] {
  const must = group.members.filter((candidate) => candidate === overdue)
  const others = group.members.filter((candidate) => candidate !== overdue)
  const types = others.map((candidate) => lookup.typeOf(candidate))
  const exact = others.map((candidate) => lookup.quantaOf(candidate))
  const quanta = exact.map(Number)
  // By the number of others: their places in `others`, best rank first, and their sum.
  const best: number[][] = [[]]
  const bestSum: number[] = [0]
  const trial: number[] = []
  for (const clique of cliques) {
    if (must.some((candidate) => clique[lookup.typeOf(candidate)] === 0)) continue
    trial.length = 0
    let sum = 0
    for (let at = 0; at < others.length && trial.length < limit - must.length; at++) {
      if (clique[types[at]!] === 0) continue
      trial.push(at)
      sum += quanta[at]!
      const size = trial.length
      if (size < best.length && !beats(trial, sum, best[size]!, bestSum[size]!, exact)) continue
      best[size] = trial.slice()
      bestSum[size] = sum
    }
  }
  const sets = best.map((places) => [...must, ...places.map((at) => others[at]!)])
  return must.length === 0 ? sets : [null, ...sets]
}

/** Whether the trial has the greater sum, or the same and the better ranks. Both have the same size. */
function beats(
  trial: readonly number[],
  sum: number,
  best: readonly number[],
  bestSum: number,
  exact: readonly bigint[],
): boolean {
  if (Math.max(sum, bestSum) <= Number.MAX_SAFE_INTEGER) {
    if (sum !== bestSum) return sum > bestSum
  } else {
    const exactSum = trial.reduce((total, at) => total + exact[at]!, 0n)
    const exactBest = best.reduce((total, at) => total + exact[at]!, 0n)
    if (exactSum !== exactBest) return exactSum > exactBest
  }
  const at = trial.findIndex((place, index) => place !== best[index])
  return at >= 0 && trial[at]! < best[at]!
}

function better(left: Part | null, right: Part): Part {
  if (left === null) return right
  if (left.sum !== right.sum) return left.sum > right.sum ? left : right
  return left.bits >= right.bits ? left : right
}
