import { defineConfig } from 'vitest/config'

/** `.ci/run` names a file here and reads the counts from it. */
const report = process.env.SIGNALBOX_TEST_REPORT

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/long/**'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
})
