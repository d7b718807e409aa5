/** Which known word a misspelt one may have meant. Pure; any thread; cold. */

/** Of `words` the one that `word` most likely meant, or null where none is close: a part of it, or a third of its letters apart. */
export function meantBy(word: string, words: readonly string[]): string | null {
  let best: string | null = null
  let bestEdits = Number.POSITIVE_INFINITY
  for (const known of words) {
    const isPart = word.length >= 3 && (known.includes(word) || word.includes(known))
    const edits = isPart ? Math.abs(known.length - word.length) / 8 : editsBetween(word, known)
    if (edits < bestEdits && (isPart || edits <= known.length / 3)) {
      best = known
      bestEdits = edits
    }
  }
  return best
}

/** Letters put in, taken out or exchanged on the way from one word to the other (Levenshtein, 1966). */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let left = 0; left < from.length; left++) {
    const next = [left + 1]
    for (let right = 0; right < to.length; right++) {
      const exchanged = row[right]! + (from[left] === to[right] ? 0 : 1)
      next.push(Math.min(exchanged, row[right + 1]! + 1, next[right]! + 1))
    }
    row = next
  }
  return row[to.length]!
}
