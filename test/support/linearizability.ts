/**
 * Whether a recorded concurrent history has a sequential order that explains it: one in which every call takes place at some moment
 * between its begin and its end, and a sequential model gives each call the result that it had. Search of Wing and Gong ("Testing
 * and verifying concurrent objects", 1993) with Lowe's memory of configurations ("Testing for linearizability", 2017).
 */

/** One call of one thread. Times on one clock; what ended before another began precedes it. */
export interface Call {
  readonly thread: number
  readonly begin: number
  readonly end: number
  readonly name: string
  readonly values: readonly number[]
  readonly result: unknown
}

/** What an object does when nobody else is there. States are values: `step` makes a new one. */
export interface SequentialModel<State> {
  readonly initial: State
  /** The state after the call (the same object if it changed nothing), or null if the call cannot have had its result in this state. */
  step(state: State, call: Call): State | null
  /** Equal for equal states only. */
  key(state: State): string
}

/** Null for a history that has an order; otherwise the calls, by their begin, of the longest prefix that was explained and the rest. */
export function findViolation<State>(history: readonly Call[], model: SequentialModel<State>): string | null {
  const threads = [...new Set(history.map(({ thread }) => thread))]
  const queues = threads.map((thread) =>
    history.filter((call) => call.thread === thread).sort((left, right) => left.begin - right.begin),
  )
  const seen = new Set<string>()
  let furthest = 0
  const search = (heads: readonly number[], state: State): boolean => {
    const done = heads.reduce((sum, head) => sum + head, 0)
    furthest = Math.max(furthest, done)
    if (done === history.length) return true
    const configuration = `${heads.join()} ${model.key(state)}`
    if (seen.has(configuration)) return false
    seen.add(configuration)
    const firstEnd = Math.min(...queues.map((queue, at) => queue[heads[at]!]?.end ?? Number.POSITIVE_INFINITY))
    const nexts: [number, State][] = []
    for (const [at, queue] of queues.entries()) {
      const call = queue[heads[at]!]
      // A call can be next if no other that is still to come had ended before it began.
      if (call === undefined || call.begin > firstEnd) continue
      const next = model.step(state, call)
      // What changes nothing may as well be first: any order of the rest is one with it before.
      if (next === state) return search(heads.with(at, heads[at]! + 1), state)
      if (next !== null) nexts.push([at, next])
    }
    return nexts.some(([at, next]) => search(heads.with(at, heads[at]! + 1), next))
  }
  if (search(new Array<number>(queues.length).fill(0), model.initial)) return null
  return [
    `no order explains more than ${furthest} of ${history.length} calls from ${model.key(model.initial)}:`,
    ...linesOf(history),
  ].join('\n')
}

/** The calls, a line each, by their begin. */
export function linesOf(history: readonly Call[]): string[] {
  return [...history]
    .sort((left, right) => left.begin - right.begin)
    .map(({ thread, begin, end, name, values, result }) =>
      [`${begin}…${end}`, `thread ${thread}`, `${name}(${values.join(', ')})`, JSON.stringify(result)].join('  '),
    )
}
