/** What a view is: where its rows come from, and what each column says. Pure data; any thread. */

/** What is read of a line: a type of SQL, an object's keys, or a list of one thing. Keys that are not named are passed over. */
export type LineShape = string | { readonly [key: string]: LineShape } | readonly [LineShape]

/** A series of the journal as SQL reads it: its lines become the rows of a table `parsed` (place BIGINT, entry STRUCT, optional keys). */
export interface SeriesShape {
  readonly series: string
  readonly shape: { readonly [key: string]: LineShape }
  /** Keys that no line may lack. */
  readonly required: readonly string[]
  /** Keys that most lines lack, with their types. */
  readonly optional: Readonly<Record<string, string>>
}

export interface ViewColumn {
  readonly name: string
  /** As SQL writes it. */
  readonly type: string
  /** What gives it, in SQL, among what `rows` of the view has. */
  readonly from: string
  /** For people; empty where the name says it all. */
  readonly about: string
}

export interface View {
  readonly name: string
  readonly lines: SeriesShape
  /** One row is one of these. */
  readonly about: string
  readonly columns: readonly ViewColumn[]
  /** FROM and ORDER BY over `parsed`. */
  readonly rows: string
  /** A later line of the same arbitration id replaces an earlier one and keeps its place: `place` and `ordinal` are among the rows. */
  readonly isReplacing?: boolean
}

/** Money, exact to the cent for every amount that a journal can hold. */
export const money = 'DECIMAL(18,2)'

export function column(name: string, type: string, from: string, about = ''): ViewColumn {
  return { name, type, from, about }
}

/** Unix nanoseconds exactly, and the same as a time of UTC. */
export function times(names: readonly [ns: string, time: string], from: string, about: string): ViewColumn[] {
  const [ns, time] = names
  return [
    column(ns, 'BIGINT', from, `${about}, Unix nanoseconds`),
    column(time, 'TIMESTAMP_NS', `TRY(make_timestamp_ns(${from}))`, 'the same, UTC'),
  ]
}

/** Columns that are called as what they come from. */
export function same(type: string, from: string, names: readonly string[]): ViewColumn[] {
  return names.map((name) => column(name, type, `${from}${name}`))
}
