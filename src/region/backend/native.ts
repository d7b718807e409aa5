/**
 * The native backend: finds and loads the C++ addon and hands out its attachments. Once per thread (a worker loads its own
 * instance). Nothing here falls back: `select.ts` decides what a failure means.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type ErrorCode, messageOf, SignalboxError } from '../../base/errors.ts'
import { layoutDifference } from '../layout.ts'
import type { Backend } from './backend.ts'

interface Addon {
  readonly layout: Readonly<Record<string, bigint>>
  readonly compiler: string
  attach: Backend['attach']
  /** From here on this thread's calls of the addon throw what `make` returns. */
  setErrorMaker(make: (code: ErrorCode, message: string) => Error): void
}

/** One place that was tried, and what came of it. */
export interface LoadAttempt {
  readonly path: string
  /** Null: loaded. */
  readonly failure: string | null
}

export interface NativeLoad {
  readonly backend: Backend | null
  readonly compiler: string | null
  readonly attempts: readonly LoadAttempt[]
}

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The environment variable that names the addon to load, before all others. */
export const addonPathVariable = 'SIGNALBOX_NATIVE'

function candidates(): string[] {
  const named = process.env[addonPathVariable]
  if (named !== undefined && named !== '') return [named]
  return [
    `${root}build/Release/signalbox.node`,
    `${root}build/cmake/Release/signalbox.node`,
    `${root}native/build/Release/signalbox.node`,
  ]
}

let loaded: NativeLoad | null = null

/** What makes the addon load, from where this package lies: a checkout, or a project that installed it. */
export function loadAdvice(): string {
  // The tarball has no binding.gyp at its root: npm would try to build it at every install.
  const build = existsSync(`${root}binding.gyp`) ? 'npm run build:gyp' : 'npm explore signalbox -- npm run build:source'
  const isNamed = (process.env[addonPathVariable] ?? '') !== ''
  return `${isNamed ? `correct or unset ${addonPathVariable}; ` : ''}build it: ${build}`
}

/** Loads the addon, or says for each place why not. The first call decides; any thread, each for itself. */
export function loadNative(): NativeLoad {
  if (loaded !== null) return loaded
  const attempts: LoadAttempt[] = []
  for (const path of candidates()) {
    try {
      const addon = require(path) as Addon
      const difference = layoutDifference(addon.layout)
      if (difference !== null) throw new Error(`built from another layout (${difference}); rebuild it`)
      const backend = backendOf(addon, path)
      attempts.push({ path, failure: null })
      loaded = { backend, compiler: addon.compiler, attempts }
      return loaded
    } catch (thrown) {
      attempts.push({ path, failure: messageOf(thrown).split('\n')[0]! })
    }
  }
  loaded = { backend: null, compiler: null, attempts }
  return loaded
}

function backendOf(addon: Addon, path: string): Backend {
  // The addon's codes are ours: so its calls throw our class by themselves, and none of them is wrapped.
  addon.setErrorMaker((code, message) => new SignalboxError(code, message))
  return { name: 'native', origin: path, attach: addon.attach }
}
