/** The ids most like one that does not exist: what a person may have meant. Pure; bounded memory. */

const suggestionsMax = 3

/** Keeps the ids with the least edits to `wanted`; on a tie the first that came. */
export class NearestIds {
  readonly #wanted: string
  readonly #best: { readonly id: string; readonly edits: number }[] = []

  constructor(wanted: string) {
    this.#wanted = wanted
  }

  add(id: string): void {
    if (this.#best.some((one) => one.id === id)) return
    const edits = editsBetween(this.#wanted, id)
    const worst = this.#best.at(-1)
    if (this.#best.length === suggestionsMax && edits >= worst!.edits) return
    this.#best.push({ id, edits })
    this.#best.sort((one, other) => one.edits - other.edits)
    if (this.#best.length > suggestionsMax) this.#best.pop()
  }

  get ids(): readonly string[] {
    return this.#best.map(({ id }) => id)
  }
}

/** How many letters must be added, taken away or changed to make one of the other. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
