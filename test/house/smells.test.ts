/** The tree holds none of the smells of smell-rules.ts; each is planted once and found. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesOf, repositoryRoot } from './repository.ts'
import {
  leftOutTests,
  lengthFaults,
  linesMax,
  longFiles,
  machinePathFaults,
  typeEscapes,
  unfinishedFaults,
} from './smell-rules.ts'

const texts = ['.ts', '.mjs', '.js', '.json', '.md', '.hpp', '.cpp', '.h', '.txt', '.gyp', '.gypi', '.html', '.css']
const folders = ['src', 'native', 'test', 'scripts', 'samples', 'bench'].filter((name) =>
  existsSync(join(repositoryRoot, name)),
)
const everything = filesOf(folders, texts)
const house = /^test\/house\//
// The root's own files; package-lock.json is npm's.
for (const entry of readdirSync(repositoryRoot, { withFileTypes: true })) {
  if (entry.isFile() && entry.name !== 'package-lock.json' && texts.some((ending) => entry.name.endsWith(ending)))
    everything.set(entry.name, readFileSync(join(repositoryRoot, entry.name), 'utf8'))
}
everything.set('.ci/run', readFileSync(join(repositoryRoot, '.ci/run'), 'utf8'))
const code = filesOf(['src', 'native'], ['.ts', '.hpp', '.cpp', '.h', '.gypi', '.txt'])
const tests = filesOf(['test'], ['.ts', '.mjs'])

function one(text: string): Map<string, string> {
  return new Map([['src/planted.ts', text]])
}

/** The rules' own files name what they forbid. */
function without(files: ReadonlyMap<string, string>, exempt: RegExp): Map<string, string> {
  return new Map([...files].filter(([path]) => !exempt.test(path)))
}

describe('smells', () => {
  test('smells: no `any` and no silenced compiler in src', () => {
    const sources = filesOf(['src'], ['.ts'])
    expect(sources.size).toBeGreaterThan(50)
    expect(typeEscapes(sources)).toEqual([])
  })

  test.each([
    'let x: any',
    'f(x as any)',
    'type A = Record<string, any>',
    '// @ts-ignore',
    '/* @ts-expect-error: x */',
  ])('smells: a planted "%s" is found', (text) => {
    expect(typeEscapes(one(text))).toHaveLength(1)
  })

  test('smells: "any" in a comment or a string is a word', () => {
    expect(typeEscapes(one(`// any\nconst text = ': any'`))).toEqual([])
  })

  test('smells: nothing is marked as unfinished', () => {
    expect(unfinishedFaults(without(everything, house))).toEqual([])
  })

  test.each(['TODO', 'FIXME', 'XXX', 'HACK'])('smells: a planted %s is found', (word) => {
    expect(unfinishedFaults(one(`// ${word}: later`))).toEqual([`src/planted.ts:1: ${word}`])
  })

  test('smells: files of src and native are short, or on the list with a reason', () => {
    expect(code.size).toBeGreaterThan(60)
    expect(lengthFaults(code, longFiles)).toEqual([])
  })

  test('smells: a file that is too long, one that outgrew its place on the list, and a needless place are found', () => {
    const lines = (count: number) => 'x\n'.repeat(count)
    const list = { 'src/long.ts': { lines: 450, reason: '' }, 'src/gone.ts': { lines: 450, reason: '' } }
    expect(lengthFaults(new Map([['src/planted.ts', lines(linesMax)]]), {})).toEqual([])
    expect(lengthFaults(new Map([['src/planted.ts', lines(linesMax + 1)]]), {})).toEqual([
      'src/planted.ts: 401 lines, at most 400',
    ])
    expect(lengthFaults(new Map([['src/long.ts', lines(451)]]), list)).toEqual([
      'src/long.ts: 451 lines, at most 450',
      'src/gone.ts: on the list of long files, but gone',
    ])
    expect(lengthFaults(new Map([['src/long.ts', lines(400)]]), list)[0]).toMatch(/take it off/)
  })

  test('smells: no file names a path of one machine', () => {
    expect(machinePathFaults(without(everything, house))).toEqual([])
  })

  test.each([
    `const data = '${['', 'home', 'me', 'data'].join('/')}'`,
    `cd ${['', 'root', 'x'].join('/')}`,
    `"${['', 'tmp', 'x'].join('/')}"`,
    `file://${['', 'Users', 'me'].join('/')}`,
    `C:\\Users\\me`,
  ])('smells: a planted "%s" is found', (text) => {
    expect(machinePathFaults(one(text))).toHaveLength(1)
  })

  test('smells: paths below the repository and addresses are no machine paths', () => {
    const text = `'../home/x' './root/x' 'https://example.org/home/x' \`\${folder}/tmp/x\``
    expect(machinePathFaults(one(text))).toEqual([])
  })

  test('smells: no test is left out, but what needs the recordings where they are absent', () => {
    expect(tests.size).toBeGreaterThan(30)
    const guard = 'test/support/shared.ts'
    expect(leftOutTests(without(tests, new RegExp(`^${guard}$`)))).toEqual([])
    expect(leftOutTests(new Map([[guard, tests.get(guard)!]]))).toHaveLength(1)
  })

  test.each([
    `test.skip('x', () => {})`,
    `it.only('x', () => {})`,
    `describe.each([1]).skip('x', () => {})`,
    `describe.concurrent.only('x', () => {})`,
    `test.todo('x')`,
    `test.fails('x', () => {})`,
    `describe.skipIf(true)('x', () => {})`,
    `test('x', (context) => context.skip())`,
    `test('x', { skip: true }, () => {})`,
    `xit('x', () => {})`,
  ])('smells: a planted "%s" is found', (text) => {
    expect(leftOutTests(one(text))).toHaveLength(1)
  })
})
