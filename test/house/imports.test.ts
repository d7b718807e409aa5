/** Imports run one way. Each rule is shown to bite on a wrong import planted in memory. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importFaults, includeFaults, optionalImporters } from './import-rules.ts'
import { filesOf, planted, repositoryRoot } from './repository.ts'

const manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>
  peerDependencies: Record<string, string>
  peerDependenciesMeta: Record<string, { optional: boolean }>
}
const packages = Object.keys(manifest.dependencies)
const sources = filesOf(['src'], ['.ts'])
const nativeSources = filesOf(['native'], ['.hpp', '.cpp', '.h'])

/** A small house in which every import is right. */
const house = new Map([
  ['src/base/errors.ts', `import { hrtime } from 'node:process'`],
  ['src/domain/units.ts', `import { inputError } from '../base/errors.ts'`],
  ['src/decide/arbiter.ts', `import type { Money } from '../domain/units.ts'`],
  ['src/fill/model.ts', ''],
  ['src/learn/report.ts', `import '../decide/arbiter.ts'`],
  ['src/stages/feed/feed.ts', `import '../../learn/report.ts'`],
  ['src/base/duckdb.ts', `import type { A } from '@duckdb/node-api'; await import('@duckdb/node-api')`],
  ['src/stages/order/order.ts', ''],
  ['src/observe/page.ts', ''],
  ['src/pipeline/inline.ts', `import { z } from 'zod'; await import('../stages/feed/feed.ts')`],
  ['src/engine.ts', `export * from './pipeline/inline.ts'; import './observe/page.ts'`],
  ['src/index.ts', `export { engine } from './engine.ts'`],
  ['src/cli/main.ts', `import '../engine.ts'`],
])

const nativeHouse = new Map([
  ['native/base/words.hpp', '#include <cstdint>'],
  ['native/sync/event_table.hpp', '#include "../region/layout.hpp"\n#include "../base/words.hpp"'],
  ['native/region/layout.hpp', '#include "../base/words.hpp"'],
  ['native/region/region.hpp', '#include "../sync/event_table.hpp"\n#include "layout.hpp"'],
  ['native/binding/attachment.hpp', '#include <node_api.h>\n#include "../region/region.hpp"'],
  ['native/test/core_test.cpp', '#include "region/region.hpp"\n#include <thread>'],
])

/** File, the import planted in it, and what is said about it. */
const wrongImports = [
  ['src/domain/units.ts', `import '../decide/arbiter.ts'`, 'decide is above domain'],
  ['src/domain/units.ts', `import type { A } from '../engine.ts'`, 'engine is above domain'],
  ['src/fill/model.ts', `export * from '../decide/arbiter.ts'`, 'fill and decide are beside each other'],
  ['src/fill/model.ts', `type A = import('../decide/arbiter.ts').A`, 'fill and decide are beside each other'],
  ['src/stages/order/order.ts', `import '../feed/feed.ts'`, 'stages/order and stages/feed are beside each other'],
  ['src/stages/order/order.ts', `import '../../observe/page.ts'`, 'stages/order and observe are beside each other'],
  ['src/pipeline/inline.ts', `import '../observe/page.ts'`, 'pipeline does not import observe'],
  ['src/pipeline/inline.ts', `await import('../cli/main.ts')`, 'cli is above pipeline'],
  ['src/decide/arbiter.ts', `new URL('../pipeline/inline.js', import.meta.url)`, 'pipeline is above decide'],
  ['src/index.ts', `import './cli/main.ts'`, 'index and cli are beside each other'],
  ['src/base/errors.ts', `import { z } from 'lodash'`, `lodash is not among package.json's dependencies`],
  ['src/stages/feed/feed.ts', `await import('@duckdb/node-api')`, 'only src/base/duckdb.ts imports it'],
  ['src/stages/feed/feed.ts', `import type { A } from '@duckdb/node-api'`, 'only src/base/duckdb.ts imports it'],
  ['src/base/duckdb.ts', `import { A } from '@duckdb/node-api'`, 'imported on demand only'],
  ['src/base/duckdb.ts', `export { A } from '@duckdb/node-api'`, 'imported on demand only'],
  ['src/base/errors.ts', `await import(name)`, 'imports what only the run knows'],
  ['src/base/errors.ts', `import './gone.ts'`, './gone.ts is no file of src'],
  ['src/base/errors.ts', `import '../../test/support/shared.ts'`, 'is no file of src'],
  [
    'src/base/errors.ts',
    `import '../domain/units.ts'`,
    'a circle: src/base/errors.ts → src/domain/units.ts → src/base/errors.ts',
  ],
  ['src/stages/shared.ts', '', 'belongs to no room'],
  ['src/helpers.ts', '', 'belongs to no room'],
  ['src/toys/toy.ts', '', 'belongs to no room'],
] as const

describe('imports', () => {
  test('imports: every file of src imports downwards only, and no files form a circle', () => {
    expect(sources.size).toBeGreaterThan(50)
    expect(importFaults(sources, packages)).toEqual([])
  })

  test('imports: every optional package is an optional peer, and the other way round', () => {
    expect(Object.keys(manifest.peerDependencies).sort()).toEqual(Object.keys(optionalImporters).sort())
    for (const name of Object.keys(optionalImporters))
      expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true })
  })

  test('imports: a house without faults has none', () => {
    expect(importFaults(house, packages)).toEqual([])
  })

  test.each(wrongImports)('imports: in %s a planted "%s" is found', (path, text, said) => {
    const faults = importFaults(planted(house, { [path]: text }), packages)
    expect(faults.filter((fault) => fault.includes(said))).not.toEqual([])
  })

  test('imports: a wrong import planted in a real file is found, with its line', () => {
    const path = 'src/domain/units.ts'
    const text = `import '../engine.ts'\n${sources.get(path)}`
    const faults = importFaults(planted(sources, { [path]: text }), packages)
    expect(faults).toContain(`${path}:1: imports src/engine.ts: engine is above domain`)
  })

  test('imports: words in a comment or a string import nothing', () => {
    const text = `// import '../engine.ts'\nconst text = "import '../engine.ts'"`
    expect(importFaults(planted(house, { 'src/base/errors.ts': text }), packages)).toEqual([])
  })
})

describe('includes', () => {
  test('includes: native/** includes downwards only, and only binding knows Node', () => {
    expect(nativeSources.size).toBeGreaterThan(5)
    expect(includeFaults(nativeSources)).toEqual([])
  })

  test('includes: a house without faults has none; sync may include the offsets of region/layout.hpp', () => {
    expect(includeFaults(nativeHouse)).toEqual([])
  })

  test.each([
    ['native/base/words.hpp', '#include "../sync/event_table.hpp"', 'sync is above base'],
    ['native/sync/event_table.hpp', '#include "../region/region.hpp"', 'region is above sync'],
    ['native/region/region.cpp', '#include "../binding/attachment.hpp"', 'binding is above region'],
    ['native/region/region.cpp', '  #  include <napi.h>', 'only binding knows Node'],
    ['native/sync/event_table.hpp', '#include "node_api.h"', 'only binding knows Node'],
    ['native/test/core_test.cpp', '#include "binding/attachment.hpp"', 'binding is above test'],
    ['native/tools/tool.cpp', '', 'belongs to no room of native'],
    ['native/region/region.cpp', '#include "gone.hpp"', 'gone.hpp is no file of native'],
    ['native/test/core_test.cpp', '#include "../binding/attachment.hpp"', 'binding is above test'],
  ])('includes: in %s a planted %s is found', (path, text, said) => {
    expect(includeFaults(planted(nativeHouse, { [path]: text }))).toEqual([expect.stringContaining(said)])
  })
})
