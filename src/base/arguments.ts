/** Checks of what JavaScript may hand over in place of an object, a list or a name. Any thread; cold. */
import { shown } from './assert.ts'
import { SignalboxError } from './errors.ts'
import { meantBy } from './spelling.ts'

/** `ERR_INVALID_ARGUMENT`: `field` and `why` are the message. */
export function invalidArgument(field: string, why: string, value?: unknown): SignalboxError {
  return new SignalboxError('ERR_INVALID_ARGUMENT', `${field} ${why}`, { field, value })
}

/** Throws unless `value` is an object, a function and a list apart. `or` names what else would do. */
export function requireObject(field: string, value: unknown, or = ''): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidArgument(field, `must be an object${or}, got ${shown(value)}`, value)
  }
}

/** Throws unless `value` is an object whose keys are all among `known`; a misspelt one is told with the one that it may have meant. */
export function requireKeys(field: string, value: unknown, known: readonly string[], or = ''): void {
  requireObject(field, value, or)
  for (const key of Object.keys(value as object)) {
    if (known.includes(key)) continue
    const meant = meantBy(key, known)
    const hint = meant === null ? `known: ${known.join(', ')}` : `${meant} is one`
    const message = `${field} has the unknown key ${JSON.stringify(key)}; ${hint}`
    throw new SignalboxError('ERR_INVALID_ARGUMENT', message, { field: key, value: (value as never)[key] })
  }
}

/** Throws unless `value` is an array. */
export function requireList(field: string, value: unknown): void {
  if (!Array.isArray(value)) throw invalidArgument(field, `must be an array, got ${shown(value)}`, value)
}

/** Throws unless `value` is an array of strings, no two alike. */
export function requireNames(field: string, value: unknown): void {
  requireList(field, value)
  const seen = new Set<string>()
  for (const [index, name] of (value as readonly unknown[]).entries()) {
    if (typeof name !== 'string') {
      throw invalidArgument(`${field}[${index}]`, `must be a string, got ${shown(name)}`, name)
    }
    if (seen.has(name)) throw invalidArgument(field, `names ${name} twice`, value)
    seen.add(name)
  }
}

/** Throws unless `value` is absent or a function. */
export function requireOptionalFunction(field: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    throw invalidArgument(field, `must be a function, got ${shown(value)}`, value)
  }
}

/** Throws unless `value` is a bigint in `min … max`. */
export function requireBigint(field: string, value: unknown, min: bigint, max: bigint): void {
  if (typeof value !== 'bigint' || value < min || value > max) {
    const hint = typeof value === 'number' ? ' (a number; a bigint is expected)' : ''
    throw invalidArgument(field, `must be a bigint in ${min} … ${max}, got ${shown(value)}${hint}`, value)
  }
}
