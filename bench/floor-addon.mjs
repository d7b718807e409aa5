/** The floors in C++ (native/floor.cpp): built when it is missing or old, then loaded. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from './root.mjs'

const folders = ['bench/native', 'native/base', 'native/region', 'native/sync'].map((folder) => join(root, folder))
const sources = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
const addonPath = join(root, 'build/bench-floor/Release/bench_floor.node')

/** Null, or one line about why it cannot be built. */
export function buildFloorAddon() {
  const changedAt = Math.max(...sources.map((file) => statSync(file).mtimeMs))
  if (existsSync(addonPath) && statSync(addonPath).mtimeMs >= changedAt) return null
  const cmakeJs = join(root, 'node_modules/cmake-js/bin/cmake-js')
  const built = spawnSync(process.execPath, [cmakeJs, 'compile', '-d', 'bench/native', '-O', 'build/bench-floor'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (built.status === 0 && existsSync(addonPath)) return null
  const reason = `${built.stdout}${built.stderr}`.split('\n').find((line) => /error|ERR!/i.test(line))
  return `the region suite's floors cannot be built; they need cmake and a C++ compiler (${reason?.trim() ?? 'cmake-js said nothing'})`
}

/** `empty()`, `copies(bytes, count)`, and `core`: the region's operations in C++ alone. */
export function loadFloorAddon() {
  return createRequire(import.meta.url)(addonPath)
}
