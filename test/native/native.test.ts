/**
 * The native core by itself: built with cmake three times (plain, ThreadSanitizer, AddressSanitizer with UBSan) and run through
 * ctest, and once more for arm64. The plain build also explores the core's interleavings under C++'s memory model, with an
 * explorer of our own (native/test/model) and with relacy (native/test/relacy).
 */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { missingTool } from '../support/native-tools.ts'
import { succeeds } from '../support/run.ts'

/** Three builds on a machine that is busy with other tests; a free one needs a quarter. */
const buildTimeoutMs = 600_000

describe('native core', () => {
  const missing = missingTool(process.env.CXX ?? 'g++')

  it.each([
    ['plain, with the explorer, relacy and the canaries of both', 'build/native', '', 155],
    ['under ThreadSanitizer', 'build/native-tsan', 'thread', 8],
    ['under AddressSanitizer and UBSan', 'build/native-asan', 'address', 8],
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

  // qemu keeps x86's order of memory, so this proves the build, the layout and the arithmetic; orderings are proved above.
  it(
    'native: every test of the core passes on arm64, under qemu',
    async () => {
      const missingForArm = missingTool('aarch64-linux-gnu-g++', 'qemu-aarch64-static')
      if (missingForArm !== null) throw new Error(missingForArm)
      const folder = 'build/native-arm64'
      const toolchain = fileURLToPath(new URL('../../native/cmake/arm64.cmake', import.meta.url))
      await succeeds('cmake', ['-S', 'native', '-B', folder, '--toolchain', toolchain])
      await succeeds('cmake', ['--build', folder, '--parallel', '2'])
      const output = await succeeds('ctest', ['--test-dir', folder, '--parallel', '2', '--output-on-failure'])
      expect(output).toContain('100% tests passed, 0 tests failed out of 8')
    },
    buildTimeoutMs,
  )

  it('native: a compiler that is missing is named with its package', () => {
    expect(missingTool('a-compiler-that-is-not-there')).toMatch(/a-compiler-that-is-not-there.*apt-get install g\+\+$/)
  })
})
