/**
 * Maximal cliques: the largest groups of types that may all be held together. Every permitted set of types lies within one.
 * Pure; cold: worked out once a policy.
 *
 * Source: Bron and Kerbosch, "Algorithm 457" (1973), with the pivot of Tomita, Tanaka and Takahashi (2006), which visits at
 * most 3^(n/3) leaves, as many as n types can have maximal cliques (Moon and Moser, 1965; 118,098 for 32).
 */

/**
 * All maximal cliques of a graph of `count` ≥ 1 nodes, each once, as rows of `count` bytes that are 1 for a member.
 *
 * @param areAdjacent - Symmetric; not asked for a node and itself.
 */
export function maximalCliques(count: number, areAdjacent: (a: number, b: number) => boolean): readonly Uint8Array[] {
  const nodes = Array.from({ length: count }, (_, node) => node)
  const neighbours = nodes.map((a) => Uint8Array.from(nodes, (b) => (a !== b && areAdjacent(a, b) ? 1 : 0)))
  const cliques: Uint8Array[] = []
  const clique = new Uint8Array(count)

  // `open` may still join the clique; `closed` could too, but every clique with it was reported already.
  const extend = (open: readonly number[], closed: readonly number[]): void => {
    if (open.length === 0) {
      if (closed.length === 0) cliques.push(clique.slice())
      return
    }
    const pivot = neighbours[pivotOf(open, closed, neighbours)]!
    let stillOpen = open
    let nowClosed = closed
    for (const node of open) {
      // A maximal clique without any non-neighbour of the pivot would also contain the pivot.
      if (pivot[node] === 1) continue
      const adjacent = neighbours[node]!
      clique[node] = 1
      extend(
        stillOpen.filter((other) => adjacent[other] === 1),
        nowClosed.filter((other) => adjacent[other] === 1),
      )
      clique[node] = 0
      stillOpen = stillOpen.filter((other) => other !== node)
      nowClosed = [...nowClosed, node]
    }
  }
  extend(nodes, [])
  return cliques
}

/** The node with the most open neighbours: it leaves the fewest branches. */
function pivotOf(open: readonly number[], closed: readonly number[], neighbours: readonly Uint8Array[]): number {
  let pivot = open[0]!
  let most = -1
  for (const nodes of [open, closed]) {
    for (const node of nodes) {
      const adjacent = neighbours[node]!
      let count = 0
      for (const other of open) count += adjacent[other]!
      if (count > most) {
        most = count
        pivot = node
      }
    }
  }
  return pivot
}
