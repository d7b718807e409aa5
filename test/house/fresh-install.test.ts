/**
 * What a clone needs to become a running program: scripts/build.mjs and scripts/ensure-built.mjs, tried on a small package of
 * the same shape in a folder of its own, with a PATH that holds Node, npm and a shell but no compiler. Offline.
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporary.ts'
import { repositoryRoot } from './repository.ts'

const main = "#!/usr/bin/env node\nimport { line } from '../one.ts'\nprocess.stdout.write(line)\n"

function programOnPath(name: string): string {
  for (const folder of process.env.PATH!.split(delimiter)) {
    const file = join(folder, name)
    try {
      accessSync(file, constants.X_OK)
      return realpathSync(file)
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(`${name} is not on PATH`)
}

interface Clone {
  readonly folder: string
  /** Runs one of scripts/ there; `programs` are added to the bare PATH, by name. */
  script(name: string, args?: readonly string[]): { status: number | null; lines: string[]; stdout: string }
  at(path: string): string
  write(path: string, text: string): void
}

/** A package that is installed and not built. */
function clone(): Clone {
  const folder = temporaryFolder()
  const at = (path: string): string => join(folder, path)
  for (const name of ['scripts', 'native', 'binding.gyp', 'package.json', 'tsconfig.json', 'tsconfig.build.json']) {
    cpSync(join(repositoryRoot, name), at(name), { recursive: true, filter: (path) => !path.endsWith('/native/build') })
  }
  symlinkSync(join(repositoryRoot, 'node_modules'), at('node_modules'))
  writeFileSync(at('package-lock.json'), '{}')
  // Older than what npm wrote: installed.
  utimesSync(at('package-lock.json'), 1, 1)
  mkdirSync(at('src/cli'), { recursive: true })
  writeFileSync(at('src/cli/main.ts'), main)
  writeFileSync(at('src/one.ts'), "export const line = 'one'\n")
  mkdirSync(at('programs'))
  for (const name of ['sh', 'env']) symlinkSync(programOnPath(name), at(`programs/${name}`))
  symlinkSync(process.execPath, at('programs/node'))
  symlinkSync(programOnPath('npm'), at('programs/npm'))
  return {
    folder,
    at,
    write: (path, text) => writeFileSync(at(path), text),
    script(name, args = []) {
      const done = spawnSync(process.execPath, [at(`scripts/${name}`), ...args], {
        cwd: folder,
        encoding: 'utf8',
        env: { HOME: folder, PATH: at('programs') },
      })
      return { status: done.status, lines: done.stderr.split('\n').filter((line) => line !== ''), stdout: done.stdout }
    },
  }
}

const notBuilt =
  'signalbox: the native addon could not be built (no C++ compiler, no make, no python3 found); ' +
  'the js backend serves. Build it later: npm run build:gyp'

describe('fresh install', () => {
  test('fresh install: without a compiler `prepare` says one line and leaves a program that runs', () => {
    const fresh = clone()
    expect(fresh.script('build.mjs', ['--tolerant'])).toEqual({ status: 0, lines: [notBuilt], stdout: '' })
    const ran = spawnSync(fresh.at('dist/cli/main.js'), { encoding: 'utf8' })
    expect(ran.error).toBeUndefined()
    expect(ran.stdout).toBe('one')
  })

  test('fresh install: without --tolerant the same is a failure with the end of what node-gyp said', () => {
    const { status, lines } = clone().script('build.mjs')
    expect(status).toBe(1)
    expect(lines[0]).toMatch(/^signalbox: the native addon could not be built \(no C\+\+ compiler/)
    expect(lines.join('\n')).toContain('gyp ERR!')
  })

  test('fresh install: an addon whose source is wrong is refused with the first error of the compiler', () => {
    const fresh = clone()
    // What a build says, without one: this npm prints as a compiler would.
    const said = ['gyp info ok', '../native/region/region.cpp:7:3: error: expected ;', 'make: *** [x] Error 1']
    rmSync(fresh.at('programs/npm'))
    fresh.write('programs/npm', `#!/bin/sh\n${said.map((line) => `echo '${line}'`).join('\n')}\nexit 1\n`)
    for (const name of ['npm', 'g++', 'make', 'python3']) {
      if (name !== 'npm') fresh.write(`programs/${name}`, '#!/bin/sh\nexit 1\n')
      spawnSync('chmod', ['755', fresh.at(`programs/${name}`)])
    }
    const { status, lines } = fresh.script('build.mjs', ['--tolerant'])
    expect(status).toBe(0)
    expect(lines).toEqual([expect.stringContaining('(native/region/region.cpp:7:3: error: expected ;)')])
  })

  test('fresh install: TypeScript that does not compile fails, tolerant or not, and is tried again', () => {
    const fresh = clone()
    fresh.write('src/one.ts', "export const line: number = 'one'\n")
    for (const _ of [1, 2]) {
      const { status, lines } = fresh.script('build.mjs', ['--tolerant'])
      expect(status).toBe(1)
      expect(lines.join('\n')).toContain('src/one.ts(1,14)')
    }
  })

  test('first command: builds what is missing once, a line a step, and is silent where nothing changed', () => {
    const fresh = clone()
    expect(fresh.script('ensure-built.mjs').lines).toEqual([
      'signalbox: building the native addon (node-gyp)',
      notBuilt,
      'signalbox: compiling TypeScript (tsc)',
    ])
    // What was refused is not tried again, but not forgotten either.
    expect(fresh.script('ensure-built.mjs')).toEqual({ status: 0, lines: [notBuilt], stdout: '' })
    // An addon newer than its sources counts as built.
    mkdirSync(fresh.at('build/Release'), { recursive: true })
    fresh.write('build/Release/signalbox.node', '')
    expect(fresh.script('ensure-built.mjs')).toEqual({ status: 0, lines: [], stdout: '' })
  })

  test('first command: a changed source is built anew, a deleted one and a map of older builds leave dist, a deleted output comes back', () => {
    const fresh = clone()
    fresh.write('src/two.ts', 'export const two = 2\n')
    mkdirSync(fresh.at('build/Release'), { recursive: true })
    fresh.write('build/Release/signalbox.node', '')
    const compiles = { status: 0, lines: ['signalbox: compiling TypeScript (tsc)'], stdout: '' }
    expect(fresh.script('ensure-built.mjs')).toEqual(compiles)

    rmSync(fresh.at('src/two.ts'))
    fresh.write('dist/one.js.map', '{}')
    expect(fresh.script('ensure-built.mjs')).toEqual(compiles)
    for (const name of ['two.js', 'two.d.ts', 'one.js.map']) expect(existsSync(fresh.at(`dist/${name}`))).toBe(false)

    rmSync(fresh.at('dist/one.js'))
    expect(fresh.script('ensure-built.mjs')).toEqual(compiles)
    expect(readFileSync(fresh.at('dist/one.js'), 'utf8')).toContain("'one'")

    fresh.write('src/one.ts', "export const line = 'other'\n")
    expect(fresh.script('ensure-built.mjs')).toEqual(compiles)
    expect(readFileSync(fresh.at('dist/one.js'), 'utf8')).toContain("'other'")

    fresh.write('native/region/region.cpp', '// changed\n')
    utimesSync(fresh.at('build/Release/signalbox.node'), 1, 1)
    expect(fresh.script('ensure-built.mjs').lines[0]).toBe('signalbox: building the native addon (node-gyp)')
  })

  test('first command: the script of a page and all that it imports become one, styles are copied, the rest is no module', () => {
    const fresh = clone()
    const browser = 'src/observe/page/browser'
    mkdirSync(fresh.at(browser), { recursive: true })
    fresh.write(
      `${browser}/seen.page.ts`,
      "import { line } from './line.ts'\nimport type { Ink } from './ink.ts'\nprint(line as Ink)\n",
    )
    fresh.write(`${browser}/line.ts`, "import { half } from './half.ts'\nexport const line: string = half + half\n")
    fresh.write(`${browser}/half.ts`, "export const half = 'ha'\n")
    fresh.write(`${browser}/ink.ts`, 'export type Ink = string\n')
    fresh.write(`${browser}/shell.css`, 'p {\n}\n')
    const built = { status: 0, lines: [], stdout: '' }
    expect(fresh.script('build.mjs', ['--only', 'typescript'])).toEqual(built)
    expect(readdirSync(fresh.at('dist/observe/page')).sort()).toEqual(['seen.page.js', 'shell.css'])
    const printed: string[] = []
    const script = readFileSync(fresh.at('dist/observe/page/seen.page.js'), 'utf8')
    runInNewContext(script, { print: (text: string) => printed.push(text) })
    expect(printed).toEqual(['haha'])

    fresh.write(`${browser}/half.ts`, "export const half = 'ho'\n")
    expect(fresh.script('build.mjs', ['--only', 'typescript'])).toEqual(built)
    expect(readFileSync(fresh.at('dist/observe/page/seen.page.js'), 'utf8')).toContain("'ho'")

    fresh.write(`${browser}/half.ts`, 'export const half = (\n')
    const broken = fresh.script('build.mjs', ['--only', 'typescript'])
    expect(broken.status).toBe(1)
    expect(broken.lines).toEqual([
      expect.stringMatching(/a page's script cannot be built: .*half\.ts:\d: Expression expected/),
    ])

    rmSync(fresh.at('src/observe'), { recursive: true })
    expect(fresh.script('build.mjs', ['--only', 'typescript'])).toEqual(built)
    expect(existsSync(fresh.at('dist/observe'))).toBe(false)
  })

  test('first command: an interrupt ends the build with 130 and what it left is not taken for done', async () => {
    const fresh = clone()
    // In the place of npm: a program that says that it runs and then waits to be ended.
    rmSync(fresh.at('programs/npm'))
    const waits = `#!${process.execPath}\nimport { writeFileSync } from 'node:fs'\nwriteFileSync('${fresh.at('runs')}', '')\nsetInterval(() => {}, 1000)\n`
    fresh.write('programs/npm', waits)
    spawnSync('chmod', ['755', fresh.at('programs/npm')])
    const child = spawn(process.execPath, [fresh.at('scripts/ensure-built.mjs')], {
      env: { HOME: fresh.folder, PATH: fresh.at('programs') },
      stdio: 'ignore',
    })
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))
    await expect.poll(() => existsSync(fresh.at('runs')), { timeout: 30_000 }).toBe(true)
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    expect(existsSync(fresh.at('dist'))).toBe(false)
    expect(existsSync(fresh.at('build/addon-refused.json'))).toBe(false)
  })
})
