/** The suites of the addon in an arm64 Node under qemu; `test/native/addon-arm64.test.ts` makes what it needs and starts it. */
import { defineConfig } from 'vitest/config'
import { arm64Pool } from './test/support/arm64-pool.ts'

export default defineConfig({
  test: {
    include: ['test/contract/**/*.test.ts', 'test/property/region/**/*.test.ts'],
    pool: arm64Pool,
    // Ten times the host's time, on a machine that is busy with other tests.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
})
