/** Runs the built command line as a process of its own. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const mainPath = `${root}dist/cli/main.js`

/** `signalbox …args`, to its end. */
export function signalbox(args: readonly string[], input = ''): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [mainPath, ...args], {
    cwd: root,
    encoding: 'utf8',
    input,
    maxBuffer: 64 * 1024 * 1024,
    timeout: 100_000,
  })
}
