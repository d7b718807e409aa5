/** JSON: one array, a row a line, so that both `JSON.parse` and a reader of lines have it easy. Pure. */
import { jsonOf } from '../../query/value.ts'
import type { RowFormat } from './row-format.ts'

export function jsonFormat(): RowFormat {
  let keys: readonly string[] = []
  let written = 0
  return {
    begin(columns) {
      keys = uniqueNames(columns.map(({ name }) => name)).map((name) => JSON.stringify(name))
      return '['
    },
    rows: (rows) =>
      rows
        .map(
          (row) =>
            `${written++ === 0 ? '\n' : ',\n'}{${row.map((value, at) => `${keys[at]}:${jsonOf(value)}`).join(',')}}`,
        )
        .join(''),
    end: () => (written === 0 ? ']\n' : '\n]\n'),
  }
}

/** SQL may call two columns the same, an object may not: the second of `n` is `n_2`. */
function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>(names)
  const seen = new Set<string>()
  return names.map((name) => {
    let unique = name
    for (let count = 2; seen.has(unique) || (unique !== name && taken.has(unique)); count += 1)
      unique = `${name}_${count}`
    seen.add(unique)
    return unique
  })
}
