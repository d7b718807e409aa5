/** What is too long for `npm test`: `npm run test:long`. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // Each seed is in a title.
    reporters: ['verbose'],
  },
})
