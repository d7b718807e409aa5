/** The views and their columns, for people and for programs. Pure. */
import type { AnswerColumn } from '../../query/answer.ts'
import { journalViews } from '../../query/views.ts'

/** @param places - How wide a line may be; what is said of a column is cut. */
export function viewList(places: number): string {
  const all = journalViews.flatMap(({ columns }) => columns)
  const nameWidth = Math.max(...all.map(({ name }) => name.length))
  const typeWidth = Math.max(...all.map(({ type }) => shortType(type).length))
  const lines = journalViews.flatMap(({ name, about, columns }) => [
    `${name}: a row is ${about}`,
    ...columns.map((column) => {
      const line =
        `  ${column.name.padEnd(nameWidth)}  ${shortType(column.type).padEnd(typeWidth)}  ${column.about}`.trimEnd()
      return line.length <= places ? line : `${line.slice(0, Math.max(1, places - 1))}…`
    }),
    '',
  ])
  return `${lines.join('\n').trimEnd()}\n`
}

/** A row a column of a view. */
export function viewRows(): {
  readonly columns: readonly AnswerColumn[]
  readonly values: readonly (readonly string[])[]
} {
  return {
    columns: ['view', 'column', 'type', 'about'].map((name) => ({ name, type: 'VARCHAR' })),
    values: journalViews.flatMap(({ name, columns }) =>
      columns.map((column) => [name, column.name, column.type, column.about]),
    ),
  }
}

/** Lists of structures are long; `--format csv` says them whole, and so does DESCRIBE. */
function shortType(type: string): string {
  return type.startsWith('STRUCT(') ? 'STRUCT(…)[]' : type
}
