/**
 * Runs a few threads, which are generators over `Atomics` that yield (interleaved-source.ts), in every order that a budget of deviations
 * allows. JavaScript's atomics are sequentially consistent, so orders of whole steps are all there is to explore, as long as plain
 * accesses do not race: that is checked with vector clocks (two accesses of one place, one of them a write, must be ordered by
 * atomics), and then no weaker memory shows anything else (the language's data-race freedom guarantee).
 *
 * A deviation is a switch away from a thread that could go on, or the death of one. Up to the budget the search is exhaustive, unless it
 * comes to `executionsMax`; beyond it orders are drawn at random.
 */
import type { Random } from '../../src/base/random.ts'
import type { ImmediateAtomics, SteppedAtomics } from './interleaved-source.ts'

export type Thread = Generator<unknown, unknown, unknown>

export interface Play {
  readonly threads: readonly Thread[]
  /** How many of the first threads may die at any step. */
  readonly mortal?: number
  /** What must hold when all have ended; throws. */
  readonly audit: () => void
}

export interface Explored {
  readonly executions: number
  readonly isExhaustive: boolean
  /** What broke, with the order that broke it; null: nothing. */
  readonly fault: string | null
}

interface Decision {
  readonly options: number
  chosen: number
}

/** What goes on at a step: which thread, and whether it dies there. */
interface Option {
  readonly thread: number
  readonly dies: boolean
  readonly cost: number
}

type Clock = number[]

interface Place {
  writer: number
  writtenAt: number
  /** When each thread read last, on its own clock. */
  read: Clock
}

/** The threads' shared memory as one execution sees it: who is running, who sleeps on which word, what each thread knows. */
export class Machine {
  current = 0
  readonly isDead: boolean[] = []
  #clocks: Clock[] = []
  #words = new Map<ArrayBufferLike, Map<number, Clock>>()
  #places = new Map<ArrayBufferLike, Map<number, Place>>()
  #sleepers = new Map<number, { words: Int32Array; at: number }>()
  #awaited = new Map<number, number>()

  /** In place of `Atomics` in turned sources, and in their constructors. */
  readonly atomics: { readonly stepped: SteppedAtomics; readonly immediate: ImmediateAtomics }

  constructor() {
    const machine = this
    const real = Atomics as unknown as ImmediateAtomics
    const stepped = (name: string) =>
      function* (words: Int32Array, at: number, ...rest: number[]): Thread {
        yield `${name} ${at}`
        const isWrite = name !== 'load' && (name !== 'compareExchange' || words[at] === rest[0])
        machine.#synchronise(words, at, isWrite)
        return real[name]!(words, at, ...rest)
      }
    const sleep = function* (words: Int32Array, at: number, expected: number): Thread {
      yield `wait ${at}`
      machine.#synchronise(words, at, false)
      if (words[at] !== expected) return 'not-equal'
      machine.#sleepers.set(machine.current, { words, at })
      yield `asleep at ${at}`
      machine.#synchronise(words, at, false)
      return 'ok'
    }
    const all: SteppedAtomics = {
      ...Object.fromEntries(
        ['load', 'store', 'add', 'or', 'exchange', 'compareExchange'].map((name) => [name, stepped(name)]),
      ),
      wait: sleep as never,
      *waitAsync(...values: never[]) {
        return { async: true, value: yield* (sleep as (...all: never[]) => Thread)(...values) }
      },
      *notify(...values: never[]) {
        const [words, at, count = Number.POSITIVE_INFINITY] = values as unknown as [Int32Array, number, number?]
        yield `notify ${at}`
        let woken = 0
        for (const [thread, sleeper] of machine.#sleepers) {
          if (woken === count || sleeper.words.buffer !== words.buffer || sleeper.at !== at) continue
          machine.#sleepers.delete(thread)
          woken += 1
        }
        return woken
      },
    }
    const load = (words: Int32Array, at: number): number => {
      machine.#synchronise(words, at, false)
      return Atomics.load(words, at)
    }
    this.atomics = { stepped: all, immediate: { load } }
  }

  begin(threads: number): void {
    this.current = 0
    this.isDead.length = 0
    // Nobody knows yet what another does before its first atomic.
    this.#clocks = Array.from({ length: threads }, (_, thread) => {
      return Array.from({ length: threads }, (_, other) => (other === thread ? 1 : 0))
    })
    this.#words = new Map()
    this.#places = new Map()
    this.#sleepers = new Map()
    this.#awaited = new Map()
  }

  /** Waits for `atomics.wait` or for another's end. */
  isAsleep(thread: number, ended: readonly boolean[]): boolean {
    const awaited = this.#awaited.get(thread)
    return this.#sleepers.has(thread) || (awaited !== undefined && !ended[awaited]!)
  }

  /** Until `thread` has ended or died; knows from then on all that it did. @returns True if it died. */
  *endOf(thread: number): Generator<unknown, boolean, unknown> {
    this.#awaited.set(this.current, thread)
    yield `until thread ${thread} has ended`
    this.#awaited.delete(this.current)
    this.#learn(this.#clocks[this.current]!, this.#clocks[thread]!)
    return this.isDead[thread] === true
  }

  /** `values` with every plain access of the running thread checked. */
  checked(values: Float64Array): Float64Array {
    const machine = this
    return new Proxy(values, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key)
        if (typeof key === 'string' && /^\d+$/.test(key)) machine.#read(values.buffer, Number(key))
        return value
      },
      set(target, key, value) {
        if (typeof key === 'string' && /^\d+$/.test(key)) machine.#write(values.buffer, Number(key))
        return Reflect.set(target, key, value)
      },
    })
  }

  /** Whoever reads a word knows from then on what those knew who wrote it; a mere look tells those who come later nothing. */
  #synchronise(words: Int32Array, at: number, isWrite: boolean): void {
    const clock = this.#clocks[this.current]
    if (clock === undefined) return
    let known = this.#words.get(words.buffer)?.get(at)
    if (known === undefined) {
      known = new Array<number>(clock.length).fill(0)
      if (!this.#words.has(words.buffer)) this.#words.set(words.buffer, new Map())
      this.#words.get(words.buffer)!.set(at, known)
    }
    this.#learn(clock, known)
    if (isWrite) this.#learn(known, clock)
    clock[this.current]! += 1
  }

  #learn(clock: Clock, other: Clock): void {
    for (let thread = 0; thread < clock.length; thread += 1) clock[thread] = Math.max(clock[thread]!, other[thread]!)
  }

  #placeOf(memory: ArrayBufferLike, at: number): Place {
    let place = this.#places.get(memory)?.get(at)
    if (place === undefined) {
      place = { writer: -1, writtenAt: 0, read: new Array<number>(this.#clocks.length).fill(0) }
      if (!this.#places.has(memory)) this.#places.set(memory, new Map())
      this.#places.get(memory)!.set(at, place)
    }
    return place
  }

  #read(memory: ArrayBufferLike, at: number): void {
    const clock = this.#clocks[this.current]
    if (clock === undefined) return
    const place = this.#placeOf(memory, at)
    if (place.writer >= 0 && clock[place.writer]! < place.writtenAt)
      throw new Error(`a race: ${at} is read while it is written`)
    place.read[this.current] = clock[this.current]!
  }

  #write(memory: ArrayBufferLike, at: number): void {
    const clock = this.#clocks[this.current]
    if (clock === undefined) return
    const place = this.#placeOf(memory, at)
    if (place.writer >= 0 && clock[place.writer]! < place.writtenAt) throw new Error(`a race: ${at} is written twice`)
    if (place.read.some((read, thread) => clock[thread]! < read))
      throw new Error(`a race: ${at} is written while it is read`)
    place.writer = this.current
    place.writtenAt = clock[this.current]!
  }
}

export interface Budget {
  readonly deviations: number
  readonly executionsMax: number
  readonly randomExecutions: number
}

const stepsMax = 5_000

/** Plays until something breaks or the budget is spent. `make` sets an execution up; nothing of the one before may be left. */
export function explore(machine: Machine, make: () => Play, budget: Budget, random: Random): Explored {
  let executions = 0
  const path: Decision[] = []
  do {
    executions += 1
    const fault = execute(machine, make, budget.deviations, path, null)
    if (fault !== null) return { executions, isExhaustive: false, fault }
    if (executions >= budget.executionsMax) break
  } while (advance(path))
  const isExhaustive = path.length === 0
  for (let round = 0; round < budget.randomExecutions; round += 1) {
    executions += 1
    const fault = execute(machine, make, Number.POSITIVE_INFINITY, [], random)
    if (fault !== null) return { executions, isExhaustive: false, fault }
  }
  return { executions, isExhaustive, fault: null }
}

/** To the next path, depth first. @returns False: there is none, and the path is empty. */
function advance(path: Decision[]): boolean {
  while (path.length > 0) {
    const last = path[path.length - 1]!
    last.chosen += 1
    if (last.chosen < last.options) return true
    path.pop()
  }
  return false
}

/** One execution along `path`, which grows; at random if `random` is there. @returns What broke. */
function execute(
  machine: Machine,
  make: () => Play,
  deviations: number,
  path: Decision[],
  random: Random | null,
): string | null {
  machine.begin(0)
  const { threads, mortal = 0, audit } = make()
  machine.begin(threads.length)
  const ended = threads.map(() => false)
  const trace: string[] = []
  let cost = 0
  let depth = 0
  try {
    for (let steps = 0; ended.includes(false); steps += 1) {
      if (steps > stepsMax) throw new Error('they do not come to an end')
      const options = optionsOf(machine, ended, mortal).filter((option) => cost + option.cost <= deviations)
      if (options.length === 0) throw new Error('nobody can go on: somebody sleeps for ever')
      let option = options[0]!
      if (random !== null) {
        // Mostly on: what is interesting are a few switches.
        if (options.length > 1 && random.integer(0, 3) === 0) option = options[random.integer(0, options.length - 1)]!
      } else if (options.length > 1) {
        const decision = path[depth] ?? { options: options.length, chosen: 0 }
        if (depth === path.length) path.push(decision)
        depth += 1
        option = options[decision.chosen]!
      }
      cost += option.cost
      machine.current = option.thread
      if (option.dies) {
        trace.push(`thread ${option.thread} dies`)
        machine.isDead[option.thread] = true
        ended[option.thread] = true
        continue
      }
      const step = threads[option.thread]!.next()
      if (step.done === true) ended[option.thread] = true
      else trace.push(`thread ${option.thread}: ${String(step.value)}`)
    }
    machine.current = threads.length
    audit()
    return null
  } catch (thrown) {
    return `${(thrown as Error).message}\n  ${trace.join('\n  ')}`
  }
}

function optionsOf(machine: Machine, ended: readonly boolean[], mortal: number): Option[] {
  const canGo = (thread: number): boolean => !ended[thread]! && !machine.isAsleep(thread, ended)
  const { current } = machine
  const options: Option[] = []
  const isCurrentFree = current < ended.length && canGo(current)
  if (isCurrentFree) options.push({ thread: current, dies: false, cost: 0 })
  for (let thread = 0; thread < ended.length; thread += 1) {
    if (canGo(thread) && thread !== current) options.push({ thread, dies: false, cost: isCurrentFree ? 1 : 0 })
  }
  for (let thread = 0; thread < mortal; thread += 1) {
    if (!ended[thread]!) options.push({ thread, dies: true, cost: 1 })
  }
  return options
}

/** Runs a generator alone to its end: setting up, auditing. */
export function alone<T>(thread: Generator<unknown, T, unknown>): T {
  for (;;) {
    const step = thread.next()
    if (step.done === true) return step.value
  }
}
