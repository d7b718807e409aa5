/**
 * Builds what is not in the repository: the native addon (`npm run build:gyp`) and dist (tsc; the scripts of pages, see
 * build-pages.mjs). Built-in modules only, because it also runs where nothing is installed yet.
 *
 *   node scripts/build.mjs                     the addon, then dist; each only if it is out of date
 *   node scripts/build.mjs --tolerant          the same (`prepare`), but an addon that cannot be built costs one line and no failure
 *   node scripts/build.mjs --only typescript   dist alone (`build:ts`)
 *
 * Up to date means: `build/Release/signalbox.node`, which the build puts there last, is no older than native/** and binding.gyp;
 * dist has an output for every source and none for any other, and `dist/.built`, written last, is no older than src/** and the
 * tsconfigs and names the TypeScript that is installed. Both files are dated back to the moment their build began, so that a
 * source saved meanwhile counts as newer; a build that failed or was cut short leaves them missing or old.
 */
import { spawn } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { buildPages, isBrowserFile, pageOutputs } from './build-pages.mjs'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Set by ensure-built.mjs around its `npm ci`: it builds afterwards itself, so `prepare` has nothing to do. */
export const buildsLaterVariable = 'SIGNALBOX_BUILDS_LATER'

const addonFile = join(root, 'build/Release/signalbox.node')
/** What was tried in vain, so that it is not tried again at every start; a clean of build/ forgets it. */
const refusalFile = join(root, 'build/addon-refused.json')
const distFolder = join(root, 'dist')
const distStamp = join(distFolder, '.built')
/** What tsc remembers of its last output, to write only what changed. */
const typescriptMemory = join(distFolder, '.tsbuildinfo')
const linesOfTail = 40
const linesOfHead = 20

/** One line for the person who waits. */
export function say(line) {
  process.stderr.write(`signalbox: ${line}\n`)
}

/** A step that failed: what is to be said, and the code to end with. */
export class StepFailed extends Error {
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/**
 * Runs a program to its end with its output kept. An interrupt goes to the program and all that it started, is waited for, and
 * then ends this process too: nothing goes on behind the next command's back.
 */
export async function run(command, args, environment = {}) {
  const ownGroup = process.platform !== 'win32'
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: ownGroup,
    shell: process.platform === 'win32' && !command.endsWith('.exe'),
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text) => {
      output += text
    })
  }
  let interruptedBy = null
  const forward = (signal) => {
    interruptedBy = signal
    try {
      if (ownGroup) process.kill(-child.pid, signal)
      else child.kill(signal)
    } catch (thrown) {
      // ESRCH: it ended before the signal reached it.
      if (thrown.code !== 'ESRCH') throw thrown
    }
  }
  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }
  for (const signal of Object.keys(signals)) process.on(signal, forward)
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  }).catch((thrown) => {
    output += `${command}: ${thrown.message}\n`
    return 127
  })
  for (const signal of Object.keys(signals)) process.off(signal, forward)
  if (interruptedBy !== null) throw new StepFailed('interrupted', signals[interruptedBy])
  return { status, output }
}

/** Runs npm: the one that runs us where there is one, else the one on PATH. */
export function runNpm(args, environment = {}) {
  const running = process.env.npm_execpath
  if (running !== undefined && /npm-cli\.c?js$/.test(running) && existsSync(running)) {
    return run(process.execPath, [running, ...args], environment)
  }
  return run('npm', args, environment)
}

/** The end of a failed program's output. */
export function tailOf(output) {
  return output.trimEnd().split('\n').slice(-linesOfTail).join('\n')
}

/** The beginning of a failed program's output: npm says what is wrong first, and then how it is called. */
export function headOf(output) {
  return output.trim().split('\n').slice(0, linesOfHead).join('\n')
}

function filesBelow(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Milliseconds since 1970 of the last change; 0 for a file that is not there. */
function changedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function newestOf(files) {
  return files.reduce((newest, file) => Math.max(newest, changedAt(file)), 0)
}

// The addon.

function addonSourcesChangedAt() {
  const native = join(root, 'native')
  // Neither what a build left in native/build nor the native tests go into the addon.
  const others = [join(native, 'build', sep), join(native, 'test', sep)]
  const sources = filesBelow(native).filter((file) => !others.some((folder) => file.startsWith(folder)))
  return newestOf([join(root, 'binding.gyp'), ...sources])
}

function onPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  for (const name of names) {
    for (const folder of folders) {
      try {
        const file = join(folder, name)
        accessSync(file, constants.X_OK)
        if (statSync(file).isFile()) return file
      } catch {
        // Not in this folder.
      }
    }
  }
  return null
}

/** The programs that node-gyp needs outside Windows, and where they are. */
function buildTools() {
  return {
    'C++ compiler': process.env.CXX ?? onPath(['g++', 'c++', 'clang++']),
    make: process.env.MAKE ?? onPath(['make', 'gmake']),
    python3: process.env.NODE_GYP_FORCE_PYTHON ?? process.env.PYTHON ?? onPath(['python3', 'python']),
  }
}

/** `fresh`; `stale`: to be built; `refused`: a build failed before, and neither the sources nor the tools have changed since. */
export function addonState() {
  const sourcesChangedAt = addonSourcesChangedAt()
  if (changedAt(addonFile) >= sourcesChangedAt) return { state: 'fresh' }
  if (!existsSync(refusalFile)) return { state: 'stale' }
  try {
    const refusal = JSON.parse(readFileSync(refusalFile, 'utf8'))
    const same = refusal.sourcesChangedAt === sourcesChangedAt && refusal.tools === JSON.stringify(buildTools())
    return same ? { state: 'refused', reason: refusal.reason } : { state: 'stale' }
  } catch {
    // Half written: as good as none.
    return { state: 'stale' }
  }
}

export function addonRefusal(reason) {
  return `the native addon could not be built (${reason}); the js backend serves. Build it later: npm run build:gyp`
}

/** In a few words, why node-gyp failed: a missing program first, then the first thing that a compiler or node-gyp calls an error. */
function reasonOf(output) {
  const missing = Object.entries(buildTools())
    .filter(([, place]) => place === null)
    .map(([name]) => `no ${name}`)
  if (missing.length > 0 && process.platform !== 'win32') return `${missing.join(', ')} found`
  const lines = output.split('\n').map((line) => line.trim())
  const compilers = lines.find((line) => /\b(fatal )?error: /.test(line) && !line.startsWith('npm '))
  const gyps = lines.find((line) => /^gyp ERR! stack /.test(line))?.replace(/^gyp ERR! stack (Error: )?/, '')
  const reason = compilers ?? gyps ?? lines.findLast((line) => line !== '') ?? 'node-gyp said nothing'
  return reason.replaceAll(root, '').replace(/^(\.\.\/)+/, '')
}

/**
 * The folder with the headers of the Node that runs us, where they were installed beside it: node-gyp then needs no download.
 * Null leaves it to node-gyp, and to whoever configured a `nodedir`.
 */
function headersBesideNode() {
  if (process.env.npm_config_nodedir !== undefined) return null
  const prefix = join(dirname(realpathSync(process.execPath)), '..')
  const versionHeader = join(prefix, 'include/node/node_version.h')
  if (!existsSync(versionHeader) || !existsSync(join(prefix, 'include/node/common.gypi'))) return null
  const major = /#define NODE_MAJOR_VERSION (\d+)/.exec(readFileSync(versionHeader, 'utf8'))?.[1]
  return major === process.versions.node.split('.')[0] ? prefix : null
}

/** Builds the addon. Null, or the reason why it could not be built and the output that says so. */
export async function buildAddon() {
  const beganAt = new Date()
  const sourcesChangedAt = addonSourcesChangedAt()
  const nodedir = headersBesideNode()
  const { status, output } = await runNpm(
    ['run', 'build:gyp', ...(nodedir === null ? [] : ['--', `--nodedir=${nodedir}`])],
    { JOBS: process.env.JOBS ?? 'max' },
  )
  if (status === 0 && existsSync(addonFile)) {
    utimesSync(addonFile, beganAt, beganAt)
    return null
  }
  const reason = reasonOf(output)
  mkdirSync(dirname(refusalFile), { recursive: true })
  writeFileSync(refusalFile, `${JSON.stringify({ reason, sourcesChangedAt, tools: JSON.stringify(buildTools()) })}\n`)
  return { reason, output }
}

// dist.

const outputEndings = ['.d.ts', '.js', '.css']

/** Of src and dist: sources that lack their output, and outputs whose source is gone. */
function compareDist() {
  const sources = filesBelow(join(root, 'src')).filter((file) => /\.(ts|css)$/.test(file) && !file.endsWith('.d.ts'))
  const modules = sources
    .map((file) => relative(join(root, 'src'), file))
    .filter((file) => file.endsWith('.ts') && !isBrowserFile(file))
  const stems = new Set(modules.map((file) => file.slice(0, -'.ts'.length)))
  const ofPages = new Set(pageOutputs(root).map(({ output }) => join(distFolder, output)))
  const outputs = new Set(filesBelow(distFolder))
  const wanted = [...[...stems].map((stem) => join(distFolder, `${stem}.js`)), ...ofPages]
  const missing = wanted.filter((output) => !outputs.has(output))
  const orphans = [...outputs].filter((file) => {
    // Of an older build: the package has no sources that a map could point to.
    if (file.endsWith('.map')) return true
    const ending = outputEndings.find((each) => file.endsWith(each))
    if (ending === undefined || ofPages.has(file)) return false
    return !stems.has(relative(distFolder, file).slice(0, -ending.length))
  })
  return { sources, missing, orphans }
}

function installedTypeScript() {
  const manifest = join(root, 'node_modules/typescript/package.json')
  if (!existsSync(manifest)) throw new StepFailed('TypeScript is not installed: npm ci')
  return JSON.parse(readFileSync(manifest, 'utf8')).version
}

/** TypeScript as a module; imported late, because this file also runs where it is not installed. */
async function installedCompiler() {
  const { default: compiler } = await import(
    pathToFileURL(join(root, 'node_modules/typescript/lib/typescript.js')).href
  )
  return compiler
}

/** Whether dist is other than what a compilation would make of src now. */
export function isDistStale() {
  const { sources, missing, orphans } = compareDist()
  if (missing.length > 0 || orphans.length > 0) return true
  const settings = ['tsconfig.json', 'tsconfig.build.json'].map((name) => join(root, name))
  if (changedAt(distStamp) < newestOf([...sources, ...settings])) return true
  return readFileSync(distStamp, 'utf8') !== installedTypeScript()
}

/** Compiles src into dist. */
export async function compileTypeScript() {
  const beganAt = new Date()
  const version = installedTypeScript()
  rmSync(distStamp, { force: true })
  const { missing, orphans } = compareDist()
  for (const orphan of orphans) {
    rmSync(orphan)
    for (
      let folder = dirname(orphan);
      folder !== distFolder && readdirSync(folder).length === 0;
      folder = dirname(folder)
    )
      rmdirSync(folder)
  }
  // tsc writes only what it believes to have changed: it has to forget what it wrote before somebody deleted it.
  if (missing.length > 0) rmSync(typescriptMemory, { force: true })
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { status, output } = await run(process.execPath, [compiler, '-p', 'tsconfig.build.json'])
  if (status !== 0) throw new StepFailed(`tsc -p tsconfig.build.json failed:\n${tailOf(output)}`)
  if (pageOutputs(root).length > 0) {
    const compiler = await installedCompiler()
    try {
      buildPages(root, compiler)
    } catch (thrown) {
      throw new StepFailed(`a page's script cannot be built: ${thrown.message}`)
    }
  }
  chmodSync(join(distFolder, 'cli/main.js'), 0o755)
  writeFileSync(distStamp, version)
  utimesSync(distStamp, beganAt, beganAt)
}

async function main() {
  const { values } = parseArgs({ options: { tolerant: { type: 'boolean' }, only: { type: 'string' } } })
  if (values.only !== undefined && values.only !== 'typescript') throw new StepFailed('--only takes: typescript', 2)
  if (values.only === undefined && addonState().state !== 'fresh') {
    const failure = await buildAddon()
    if (failure !== null && !values.tolerant) {
      throw new StepFailed(`the native addon could not be built (${failure.reason}):\n${tailOf(failure.output)}`)
    }
    if (failure !== null) say(addonRefusal(failure.reason))
  }
  if (isDistStale()) await compileTypeScript()
}

/** Runs a script's `main`; what it throws becomes its words and its exit code. */
export async function runScript(script) {
  try {
    await script()
  } catch (thrown) {
    if (!(thrown instanceof StepFailed)) throw thrown
    say(thrown.message)
    process.exitCode = thrown.exitCode
  }
}

const isCalled = process.argv[1] !== undefined && pathToFileURL(realpathSync(process.argv[1])).href === import.meta.url
if (isCalled && process.env[buildsLaterVariable] !== '1') await runScript(main)
