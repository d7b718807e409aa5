/** Type check and lint of the whole tree are part of the tests; both are shown to refuse a planted fault. */
import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporary.ts'
import { repositoryRoot } from './repository.ts'
import { ts } from './syntax.ts'

const tsc = join(repositoryRoot, 'node_modules/typescript/bin/tsc')
const biome = join(repositoryRoot, 'node_modules/@biomejs/biome/bin/biome')

/** Exit code and everything said. */
function run(script: string, args: readonly string[], cwd = repositoryRoot): Promise<{ status: number; said: string }> {
  return new Promise((resolve) => {
    const options = { cwd, maxBuffer: 64 * 1024 * 1024 }
    execFile(process.execPath, [script, ...args], options, (failure, stdout, stderr) => {
      const status = failure === null ? 0 : typeof failure.code === 'number' ? failure.code : 1
      resolve({ status, said: `${stdout}${stderr}` })
    })
  })
}

/** What the compiler says, under the repository's own settings, of one file that is not on the disk. */
function typeFaultsOf(text: string, tsconfig = 'tsconfig.json', place = 'src/base/planted.ts'): string[] {
  const settings = ts.readConfigFile(join(repositoryRoot, tsconfig), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(settings.config, ts.sys, repositoryRoot)
  const path = join(repositoryRoot, place)
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists } = host
  host.readFile = (name) => (name === path ? text : readFile(name))
  host.fileExists = (name) => name === path || fileExists(name)
  const program = ts.createProgram([path], options, host)
  const faults = ts.getPreEmitDiagnostics(program, program.getSourceFile(path))
  return faults.map((fault) => ts.flattenDiagnosticMessageText(fault.messageText, '\n'))
}

describe('type check', () => {
  test('type check: the whole tree compiles', async () => {
    expect(await run(tsc, ['--noEmit', '--pretty', 'false'])).toEqual({ status: 0, said: '' })
  })

  test("type check: the scripts of pages compile with a browser's names and without Node's, everything else the other way round", async () => {
    const settings = 'tsconfig.page.json'
    expect(await run(tsc, ['--noEmit', '--pretty', 'false', '-p', settings])).toEqual({ status: 0, said: '' })
    const { status, said } = await run(tsc, ['--listFilesOnly', '-p', settings])
    expect([status, said]).toEqual([0, expect.stringContaining('/browser/events.page.ts')])
    const place = 'src/observe/page/browser/planted.ts'
    expect(typeFaultsOf('export const body = document.body', settings, place)).toEqual([])
    expect(typeFaultsOf('export const body = document.body')).toEqual([expect.stringContaining("'document'")])
    expect(typeFaultsOf('export const pid = process.pid', settings, place)).toEqual([
      expect.stringContaining("'process'"),
    ])
  })

  test('type check: planted faults are refused under the same settings', () => {
    expect(typeFaultsOf('export const count: number = 1')).toEqual([])
    expect(typeFaultsOf(`export const count: number = 'one'`)).toEqual([expect.stringContaining('not assignable')])
    expect(typeFaultsOf('export enum Side { buy }')).toEqual([expect.stringContaining('erasableSyntaxOnly')])
    expect(typeFaultsOf('const unread = 1\nexport {}')).toEqual([expect.stringContaining('never read')])
    const optional = 'interface A { a?: number }\nexport const a: A = { a: undefined }'
    expect(typeFaultsOf(optional)).toEqual([expect.stringContaining('exactOptionalPropertyTypes')])
  })
})

describe('lint', () => {
  test('lint: the whole tree passes, format included', async () => {
    const { status, said } = await run(biome, ['ci', '--colors=off', '.'])
    expect(status, said).toBe(0)
  })

  test.each([
    ['src/planted.ts', "export const side = 'buy'\n", null],
    ['src/planted.ts', 'export const x: any = 1\n', 'noExplicitAny'],
    ['src/planted.ts', "import { join } from 'path'\n\nexport const x = join\n", 'useNodejsImportProtocol'],
    ['scripts/planted.mjs', 'export const x = 1;\n', 'differs from formatting'],
    ['test/planted.test.ts', "console.log('x')\n", 'noConsole'],
  ] as const)('lint: what is wrong with %s holding %j is found: %s', async (path, text, rule) => {
    const folder = temporaryFolder()
    copyFileSync(join(repositoryRoot, 'biome.json'), join(folder, 'biome.json'))
    mkdirSync(join(folder, dirname(path)))
    writeFileSync(join(folder, path), text)
    const { status, said } = await run(biome, ['ci', '--colors=off', '.'], folder)
    expect(status === 0, said).toBe(rule === null)
    if (rule !== null) expect(said).toContain(rule)
  })
})
