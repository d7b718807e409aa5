/**
 * Where tests find the recorded market data and the test vectors that are not part of the repository: the folder `shared`
 * beside it. Without it, what needs it is skipped, and says so; where SIGNALBOX_REQUIRE_SHARED is 1, as in `.ci/run`, it fails.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, test } from 'vitest'

const beside = fileURLToPath(new URL('../../../shared', import.meta.url))

/** The folder, or null where it is absent. */
export const sharedRoot: string | null = existsSync(beside) ? beside : null

/** `describe` with the folder's path; without the folder one line that says what is skipped, or a failure where it is required. */
export function describeWithShared(title: string, fn: (root: string) => void): void {
  if (sharedRoot !== null) {
    const root = sharedRoot
    describe(title, () => fn(root))
    return
  }
  // The body is not called in either case: it may read the folder before its first test.
  if (process.env.SIGNALBOX_REQUIRE_SHARED === '1') {
    describe(title, () => {
      test('needs the folder shared beside the repository', () => {
        throw new Error(`SIGNALBOX_REQUIRE_SHARED is 1, and there is no ${beside}`)
      })
    })
    return
  }
  process.stderr.write(`skipped, because ../shared is absent: ${title}\n`)
  describe.skip(title, () => {
    test('needs the folder shared beside the repository', () => {})
  })
}
