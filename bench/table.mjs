/** The table for people: within 120 columns. */

const columns = ['p50', 'p99', 'max', 'a second', 'floor', 'ratio', 'spread', 'holds']

export function tableOf(environment, rows) {
  const { cpu, cores, node, os, compiler, commit, date } = environment
  const lines = [`${cpu}, ${cores} cores · ${os} · node ${node} · ${compiler}`, `commit ${commit} · ${date}`]
  for (const suite of new Set(rows.map((row) => row.suite))) {
    const ofSuite = rows.filter((row) => row.suite === suite)
    lines.push('', ...suiteLines(suite, ofSuite))
  }
  lines.push(
    '',
    'p50, p99, max: medians over the processes. spread: least to greatest over the processes, of what is judged.',
  )
  return lines.join('\n')
}

function suiteLines(suite, rows) {
  const cells = rows.map((row) => [
    amount(row.p50, row.unit),
    amount(row.p99, row.unit),
    amount(row.max, row.unit),
    count(row.throughput_per_s),
    row.floor === null ? '' : amount(row.floor.value, row.unit),
    row.ratio === null ? '' : `${figures(row.ratio)} ×`,
    spreadText(row),
    row.holds === null ? '' : row.holds ? 'yes' : 'NO',
  ])
  const nameWidth = Math.max(suite.length, ...rows.map((row) => row.name.length))
  const widths = columns.map((name, at) => Math.max(name.length, ...cells.map((row) => row[at].length)))
  const line = (name, texts) =>
    `${name.padEnd(nameWidth)}  ${texts.map((text, at) => text.padStart(widths[at])).join('  ')}`
  const lines = [line(suite, columns)]
  for (const [at, row] of rows.entries()) {
    lines.push(line(row.name, cells[at]).trimEnd())
    const notes = []
    if (row.ci95 !== undefined) notes.push(`95 % interval ${figures(row.ci95[0])} to ${figures(row.ci95[1])} %`)
    if (row.must !== null) notes.push(`must ${row.must}`)
    if (row.floor !== null) notes.push(`floor: ${row.floor.name}`)
    // A row without a bar is about a distribution.
    if (row.must === null && row.p999 !== null) notes.push(`p99.9 ${amount(row.p999, row.unit)}`)
    if (notes.length > 0) lines.push(`    ${notes.join('; ')}`)
  }
  return lines
}

function spreadText({ spread, unit }) {
  const text = (value) => {
    if (spread.of === 'throughput_per_s') return count(value)
    return spread.of === 'ratio' || spread.of === 'p99_over_p50' ? `${figures(value)} ×` : amount(value, unit)
  }
  return `${text(spread.min)}…${text(spread.max)}`
}

function amount(value, unit) {
  if (value === null) return ''
  if (unit !== 'ns') return `${figures(value)} ${unit}`
  return value < 1_000
    ? `${figures(value)} ns`
    : value < 1e6
      ? `${figures(value / 1e3)} µs`
      : `${figures(value / 1e6)} ms`
}

function count(value) {
  if (value === null) return ''
  return value < 1e6 ? `${figures(value / 1e3)} k` : `${figures(value / 1e6)} M`
}

function figures(value) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString()
}
