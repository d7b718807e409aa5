/** Whether the tools of the native tests are there, and which Debian package brings one that is not. */
import { spawnSync } from 'node:child_process'

const packageOfTool = {
  cmake: 'cmake',
  ctest: 'cmake',
  make: 'make',
  'g++': 'g++',
  'aarch64-linux-gnu-g++': 'g++-aarch64-linux-gnu',
  'qemu-aarch64-static': 'qemu-user-static',
} as const

/** One line that says what is missing and which Debian package brings it, or null. */
export function missingTool(...compilers: readonly string[]): string | null {
  for (const tool of ['cmake', 'ctest', 'make', ...compilers]) {
    const started = spawnSync(tool, ['--version'], { stdio: 'ignore' })
    if (started.error === undefined && started.status === 0) continue
    const name = (packageOfTool as Readonly<Record<string, string>>)[tool] ?? 'g++'
    return `the native tests need ${tool}, which is not there or does not start: apt-get install ${name}`
  }
  return null
}
