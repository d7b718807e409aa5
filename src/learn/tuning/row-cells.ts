/**
 * The rows of a simplex, by priority and freshness weight, cut into ever smaller cells: what is linear in both weights and holds at a cell's
 * corners holds for all of its rows. Pure; made once for a simplex, read by one thread.
 */

/** Cells in the order of a walk: each before those that it is cut into; the last ones are single rows. Weights in steps. */
export interface RowCells {
  readonly cellCount: number
  /** By cell: the one that follows when those which it is cut into are passed over. */
  readonly behind: Int32Array
  /** Four numbers each: the least and the greatest priority weight, the least and the greatest freshness weight. */
  readonly bounds: Int32Array
  /** By cell, and where the last one's end: its corners, rows, in {@link corners}. */
  readonly firstCorner: Int32Array
  readonly corners: Int32Array
  /** By priority weight: the row of freshness 0. */
  readonly firstRow: Int32Array
}

/** @param steps - In 100 %. */
export function rowCellsOf(steps: number): RowCells {
  const firstRow = new Int32Array(steps + 2)
  for (let priority = 0; priority <= steps; priority += 1)
    firstRow[priority + 1] = firstRow[priority]! + steps + 1 - priority
  const behind: number[] = []
  const bounds: number[] = []
  const firstCorner: number[] = [0]
  const corners: number[] = []
  const cut = (p0: number, p1: number, f0: number, f1: number): void => {
    if (p0 + f0 > steps) return
    const cell = behind.push(0) - 1
    bounds.push(p0, p1, f0, f1)
    // Where the sum of both passes 100 %, the cell ends at the lattice's edge.
    const [pEnd, fEnd] = [Math.min(p1, steps - f0), Math.min(f1, steps - p0)]
    const ends = [
      [p0, f0],
      [pEnd, f0],
      [p0, fEnd],
      [pEnd, Math.min(fEnd, steps - pEnd)],
      [Math.min(pEnd, steps - fEnd), fEnd],
    ]
    corners.push(...new Set(ends.map(([p, f]) => firstRow[p!]! + f!)))
    firstCorner.push(corners.length)
    if (pEnd > p0 || fEnd > f0) {
      const [pMiddle, fMiddle] = [(p0 + pEnd) >> 1, (f0 + fEnd) >> 1]
      cut(p0, pMiddle, f0, fMiddle)
      if (fEnd > fMiddle) cut(p0, pMiddle, fMiddle + 1, fEnd)
      if (pEnd > pMiddle) cut(pMiddle + 1, pEnd, f0, fMiddle)
      if (pEnd > pMiddle && fEnd > fMiddle) cut(pMiddle + 1, pEnd, fMiddle + 1, fEnd)
    }
    behind[cell] = behind.length
  }
  cut(0, steps, 0, steps)
  return {
    cellCount: behind.length,
    behind: Int32Array.from(behind),
    bounds: Int32Array.from(bounds),
    firstCorner: Int32Array.from(firstCorner),
    corners: Int32Array.from(corners),
    firstRow,
  }
}
