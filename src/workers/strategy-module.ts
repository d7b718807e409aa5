/** Loads the module of a strategy in its worker, and makes the strategy of it. */
import { shown } from '../base/assert.ts'
import type { StrategyContext, WorkerStrategy } from '../strategy/worker-strategy.ts'

/** Bytes of a strategy's name, as of an event's. */
const nameBytesMax = 63

/** A module's strategy, checked. @throws {Error} saying what is wrong with it. */
export async function strategyOf(
  module: { readonly default?: unknown },
  context: StrategyContext,
): Promise<WorkerStrategy> {
  const given = module.default
  if (given === undefined) {
    throw new Error('has no default export; a strategy, or a function that returns one, is expected there')
  }
  const made: unknown = typeof given === 'function' ? await given(context) : given
  if (typeof made !== 'object' || made === null) {
    throw new Error(`must give a strategy { name, act }, and its default export gives ${shown(made)}`)
  }
  const { name, types, act } = made as Partial<Record<'name' | 'types' | 'act', unknown>>
  if (typeof act !== 'function') throw new Error(`must give a strategy with a function act, got ${shown(act)}`)
  const strategy = made as WorkerStrategy
  const known = context.eventTypes
  if (types !== undefined) {
    if (!Array.isArray(types) || types.length === 0) {
      throw new Error(`its types must be a list of event types, got ${shown(types)}`)
    }
    for (const type of types) {
      if (!known.includes(type)) throw new Error(`its types name ${shown(type)}; the policy's are ${known.join(', ')}`)
    }
  }
  return {
    name: nameFrom(context.name ?? name),
    ...(types === undefined ? {} : { types: types as string[] }),
    act: (event, market) => strategy.act(event, market),
  }
}

function nameFrom(name: unknown): string {
  const isOne =
    typeof name === 'string' &&
    name.trim() !== '' &&
    Buffer.byteLength(name) <= nameBytesMax &&
    !/\p{Cc}|\p{Surrogate}/u.test(name)
  if (!isOne) throw new Error(`its name must be one line of 1 … ${nameBytesMax} bytes of UTF-8, got ${shown(name)}`)
  return name
}
