/**
 * The native core by itself: built with cmake three times (plain, ThreadSanitizer, AddressSanitizer with UBSan) and run through
 * ctest. The plain build also explores the core's interleavings under C++'s memory model, with an explorer of our own
 * (native/test/model) and with relacy (native/test/relacy).
 */
import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Three builds on a machine that is busy with other tests; a free one needs a quarter. */
const buildTimeoutMs = 600_000

const packageOfTool = { cmake: 'cmake', ctest: 'cmake', make: 'make', 'g++': 'g++' } as const

/** One line that says what is missing and which Debian package brings it, or null. */
function missingTool(compiler: string): string | null {
  for (const tool of ['cmake', 'ctest', 'make', compiler]) {
    const started = spawnSync(tool, ['--version'], { stdio: 'ignore' })
    if (started.error === undefined && started.status === 0) continue
    const name = (packageOfTool as Readonly<Record<string, string>>)[tool] ?? 'g++'
    return `the native tests need ${tool}, which is not there or does not start: apt-get install ${name}`
  }
  return null
}

interface Ended {
  readonly status: number | null
  readonly output: string
}

/** Runs a program to its end; asynchronously, so that the test runner stays alive. */
function run(program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, output: Buffer.concat(chunks).toString('utf8') }))
  })
}

async function succeeds(program: string, args: readonly string[]): Promise<string> {
  const ended = await run(program, args)
  if (ended.status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${ended.status}:\n${ended.output}`)
  return ended.output
}

describe('native core', () => {
  const missing = missingTool(process.env.CXX ?? 'g++')

  it.each([
    ['plain, with the explorer, relacy and the canaries of both', 'build/native', '', 55],
    ['under ThreadSanitizer', 'build/native-tsan', 'thread', 7],
    ['under AddressSanitizer and UBSan', 'build/native-asan', 'address', 7],
  ])(
    'native: every test of the core passes, %s',
    async (_, folder, sanitizer, testsMin) => {
      if (missing !== null) throw new Error(missing)
      await succeeds('cmake', ['-S', 'native', '-B', folder, `-DSIGNALBOX_SANITIZE=${sanitizer}`])
      await succeeds('cmake', ['--build', folder, '--parallel', '2'])
      const output = await succeeds('ctest', ['--test-dir', folder, '--parallel', '2', '--output-on-failure'])
      // ctest ends with 0 where it finds no tests at all.
      const count = Number(/tests passed, 0 tests failed out of (\d+)/.exec(output)?.[1])
      expect(count, output).toBeGreaterThanOrEqual(testsMin)
      for (const report of ['WARNING: ThreadSanitizer', 'ERROR: AddressSanitizer', 'runtime error:']) {
        expect(output).not.toContain(report)
      }
    },
    buildTimeoutMs,
  )

  it('native: a compiler that is missing is named with its package', () => {
    expect(missingTool('a-compiler-that-is-not-there')).toMatch(/a-compiler-that-is-not-there.*apt-get install g\+\+$/)
  })
})
