/** One layout: the table that the addon was compiled with equals src/region/layout.ts, and a difference is named. */
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { loadNative } from '../../src/region/backend/native.ts'
import { layoutDifference } from '../../src/region/layout.ts'

type LayoutTable = Readonly<Record<string, bigint>>

/** The addon's own table. Without the addon this fails: an unchecked layout is not a checked one. */
function addonTable(): LayoutTable {
  const { backend, attempts } = loadNative()
  if (backend === null) {
    const tried = attempts.map(({ path, failure }) => `${path}: ${failure}`).join('; ')
    throw new Error(`the addon does not load; install g++, make and python3, then: npm run build:gyp (${tried})`)
  }
  const require = createRequire(import.meta.url)
  return (require(backend.origin) as { layout: LayoutTable }).layout
}

describe('layout', () => {
  test("layout: the addon's table equals TypeScript's", () => {
    const table = addonTable()
    expect(Object.keys(table).length).toBeGreaterThan(80)
    expect(layoutDifference(table)).toBeNull()
  })

  test('layout: a planted difference in any constant is named', () => {
    const table = addonTable()
    for (const [name, value] of Object.entries(table)) {
      expect(layoutDifference({ ...table, [name]: value + 1n })).toContain(`${name}: ${value + 1n} in the addon`)
    }
  })

  test('layout: a constant that only one side has is named', () => {
    const table = addonTable()
    const { kLedgerRoot: _, ...less } = table
    expect(layoutDifference(less)).toContain('kLedgerRoot: undefined in the addon')
    expect(layoutDifference({ ...table, kPlanted: 7n })).toContain('kPlanted: 7 in the addon')
  })
})
