/**
 * Where tests find the recorded market data and the test vectors that are not part of the repository: the folder `shared`
 * beside it. Without it, what needs it is skipped, and says so.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, test } from 'vitest'

const beside = fileURLToPath(new URL('../../../shared', import.meta.url))

/** The folder, or null where it is absent. */
export const sharedRoot: string | null = existsSync(beside) ? beside : null

/** `describe` with the folder's path; without the folder one line that says what is skipped. */
export function describeWithShared(title: string, fn: (root: string) => void): void {
  if (sharedRoot !== null) {
    const root = sharedRoot
    describe(title, () => fn(root))
    return
  }
  process.stderr.write(`skipped, because ../shared is absent: ${title}\n`)
  // The body is not called: it may read the folder before its first test.
  describe.skip(title, () => {
    test('needs the folder shared beside the repository', () => {})
  })
}
