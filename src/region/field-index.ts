/** Names and where they lie, as an object: a snapshot's fields, an event's, the event types. */
import { SignalboxError } from '../base/errors.ts'
import { meantBy } from '../base/spelling.ts'

/**
 * Where each name lies: `row[reader.fieldIndex.last]`. Frozen. A name that there is not is a type error where the schema's type is
 * known, and at run time `ERR_INVALID_ARGUMENT` that says which was probably meant; a name that there is costs as much as in any object.
 */
export type FieldIndex<Field extends string = string> = Readonly<Record<Field, number>>

/** What runtimes, promises, serializers and test runners ask of any object: they are told that there is none. */
const askedByOthers = new Set(['then', 'toJSON', 'inspect', 'href', 'length', 'nodeType', 'tagName', 'asymmetricMatch'])
const askedByTools = /^[@$_]/

/**
 * The index of `names`, which the messages call `what` (`snapshots.prices.fields`).
 *
 * The names are own properties, so that a hit never leaves the object; a miss comes to the prototype, whose trap throws.
 */
export function fieldIndexOf<Field extends string>(what: string, names: readonly Field[]): FieldIndex<Field> {
  const index: Record<string, number> = Object.create(throwingPrototype(what, names))
  for (const [at, name] of names.entries()) Object.defineProperty(index, name, { value: at, enumerable: true })
  return Object.freeze(index) as FieldIndex<Field>
}

function throwingPrototype(what: string, names: readonly string[]): object {
  const answered = {
    /** Without it Node's inspection would look for what a URL has, and more with each version. */
    [Symbol.for('nodejs.util.inspect.custom')](this: object) {
      return { ...this }
    },
  }
  return new Proxy(answered, {
    get(target, key, receiver) {
      const isAsked = typeof key === 'symbol' || key in target || askedByOthers.has(key) || askedByTools.test(key)
      if (isAsked) return Reflect.get(target, key, receiver) as unknown
      const meant = meantBy(key, names)
      const hint = meant === null ? `known: ${names.join(', ')}` : `${meant} is one`
      const message = `${what} has no ${JSON.stringify(key)}; ${hint}`
      throw new SignalboxError('ERR_INVALID_ARGUMENT', message, { field: key })
    },
  })
}
