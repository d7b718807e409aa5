/**
 * The addon built with AddressSanitizer and UBSan, under the contract, the misuse and the differential suites. The sanitizer is loaded
 * before Node; what it does not know of (V8's own memory) it leaves alone, what it does is every access of the addon to memory.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { run, succeeds } from '../support/run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = 'build/addon-asan'
const timeoutMs = 600_000
const headers = (createRequire(import.meta.url)('node-api-headers') as { include_dir: string }).include_dir

/** Node's environment in which the sanitizer watches. */
async function watched(): Promise<NodeJS.ProcessEnv> {
  const library = (await succeeds('g++', ['-print-file-name=libasan.so'])).trim()
  return { LD_PRELOAD: library, ASAN_OPTIONS: 'detect_leaks=0', SIGNALBOX_TEST_REPORT: undefined }
}

it(
  'sanitizer: contract, misuse and differential suites touch no memory that is not the region’s',
  async () => {
    await succeeds('cmake', ['-S', 'native', '-B', folder, `-DCMAKE_JS_INC=${headers}`, '-DSIGNALBOX_SANITIZE=address'])
    await succeeds('cmake', ['--build', folder, '--parallel', '2'])
    const suites = ['test/contract', 'test/property/region']
    const tested = await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...suites], {
      ...(await watched()),
      SIGNALBOX_NATIVE: join(root, folder, 'signalbox.node'),
      NO_COLOR: '1',
    })
    expect(tested.output).not.toMatch(/ERROR: AddressSanitizer|runtime error:/)
    expect(tested.status, tested.output).toBe(0)
    // All of several files, and not because none was found.
    const files = Number(/Test Files {2}(\d+) passed \(\1\)/.exec(tested.output)?.[1])
    expect(files, tested.output).toBeGreaterThanOrEqual(3)
  },
  timeoutMs,
)

it(
  'canary: an addon that reads one byte behind its memory ends the process with a report',
  async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'signalbox-asan-'))
    const source = join(scratch, 'behind.cpp')
    const addon = join(scratch, 'behind.node')
    writeFileSync(
      source,
      `#include <node_api.h>
       NAPI_MODULE_INIT() {
         volatile char* bytes = new char[8];
         volatile char behind = bytes[8];
         return behind == 0 ? exports : nullptr;
       }`,
    )
    const flags = ['-shared', '-fPIC', '-fsanitize=address', '-I', headers, '-o', addon, source]
    await succeeds('g++', flags)
    const ended = await run(process.execPath, ['-e', `require(${JSON.stringify(addon)})`], await watched())
    expect(ended.output).toContain('ERROR: AddressSanitizer: heap-buffer-overflow')
    expect(ended.status).not.toBe(0)
  },
  timeoutMs,
)
