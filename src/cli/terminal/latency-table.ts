/** The latencies of a run beside those that the specification names, as a table for people. Pure. */
import { countText, durationText, type StageLatency, type Summary } from '../../summary.ts'

/** The specification's steps, microseconds, each since the one before; the first since the state's update. */
const steps = [
  ['detection', 100],
  ['arbitration', 50],
  ['reservation', 10],
  ['order', 500],
] as const

/** What is measured by itself or of the whole way has another name for people than its key. */
const names: Readonly<Record<string, string>> = { record: 'all at rest', decision: 'one decision' }
const nameWidth = Math.max('reservation'.length, ...Object.values(names).map(({ length }) => length))

interface Column {
  readonly head: string
  readonly width: number
  readonly cell: (name: string, latency: StageLatency) => string
}

const figure =
  (key: 'p50_ns' | 'p99_ns' | 'max_ns'): Column['cell'] =>
  (_, latency) =>
    latency.count === 0 ? '–' : durationText(latency[key])

/** In the order in which they are shown. */
const columns: readonly Column[] = [
  { head: 'measured', width: 12, cell: (_, { count }) => countText(count) },
  { head: 'p50', width: 9, cell: figure('p50_ns') },
  { head: 'p99', width: 9, cell: figure('p99_ns') },
  { head: 'max', width: 9, cell: figure('max_ns') },
  { head: 'specified', width: 11, cell: (name) => specifiedText(name) },
]
/** The first of these is left out where there is no room, then the second too. */
const dispensable = ['measured', 'max']

/**
 * Head and rows, to be shown as they are.
 *
 * @param width - How many characters a line may have; less than 41 is taken for 41.
 */
export function latencyTable({ latency }: Pick<Summary, 'latency'>, width: number): string[] {
  let shown = columns
  for (const head of dispensable) {
    const needed = shown.reduce((sum, column) => sum + column.width, nameWidth)
    if (needed > width) shown = shown.filter((column) => column.head !== head)
  }
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(nameWidth)}${cells.map((cell, index) => cell.padStart(shown[index]!.width)).join('')}`.trimEnd()
  const heads = shown.map(({ head }) => head)
  const rows = Object.entries(latency).map(([name, measured]) =>
    line(
      names[name] ?? name,
      shown.map(({ cell }) => cell(name, measured)),
    ),
  )
  return [line('', heads), ...rows]
}

/** What the table's figures are, a sentence each. */
export function latencyNotes({ latency, records }: Pick<Summary, 'latency' | 'records'>): string[] {
  const count = countText((latency.record ?? latency.state)?.count ?? 0)
  const [first, ...rest] = steps.map(([name, us], index) => `${name} ${index === 0 ? '' : '+'}${us}`)
  return [
    `from the receipt of the record that caused it until the stage was done with it; ${count} of ${countText(records)} records measured`,
    'one decision: from its candidates read to decided',
    `specified: the design’s limits in µs, added up from the state’s update: ${first}, ${rest.join(', ')} (with the network; the paper venue has none)`,
  ]
}

/** The sum of the steps down to this one; '' for what the specification has no figure for. */
function specifiedText(name: string): string {
  const index = steps.findIndex(([step]) => step === name)
  return index < 0 ? '' : `${steps.slice(0, index + 1).reduce((sum, [, us]) => sum + us, 0)} µs`
}
