/** Which backend serves: `auto` takes native where it loads, `native` never falls back in silence, `js` always works. */
import { shown } from '../../base/assert.ts'
import { SignalboxError } from '../../base/errors.ts'
import type { Backend } from './backend.ts'
import { jsBackend } from './js/backend.ts'
import { loadAdvice, loadNative } from './native.ts'

/** `auto`: the addon where it loads, else TypeScript; `native`: the addon or an error; `js`: TypeScript. */
export type BackendChoice = 'auto' | 'native' | 'js'

/**
 * The backend of a choice, and a notice when `auto` had to do without the addon.
 *
 * @throws {SignalboxError} `ERR_BACKEND` for `native` where the addon does not load, with the way to build it.
 */
export function selectBackend(choice: BackendChoice): { backend: Backend; notice: string | null } {
  if (choice !== 'auto' && choice !== 'native' && choice !== 'js') {
    throw new SignalboxError('ERR_INVALID_ARGUMENT', `backend must be auto, native or js, got ${shown(choice)}`, {
      field: 'backend',
      value: choice,
    })
  }
  if (choice === 'js') return { backend: jsBackend, notice: null }
  const native = loadNative()
  if (native.backend !== null) return { backend: native.backend, notice: null }
  const failure = native.attempts.map((attempt) => `${attempt.path}: ${attempt.failure}`).join('; ')
  if (choice === 'native') {
    throw new SignalboxError('ERR_BACKEND', `the native backend does not load (${failure}); ${loadAdvice()}`)
  }
  return { backend: jsBackend, notice: `the native addon does not load: the js backend serves (${loadAdvice()})` }
}
