/** Builds what the tests start as processes and workers: workers run from `dist`, never from `.ts` files. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export default function setup(): void {
  const built = spawnSync(process.execPath, ['scripts/build.mjs', '--only', 'typescript'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (built.status !== 0) throw new Error(`dist could not be built:\n${built.stdout}${built.stderr}`)
}
