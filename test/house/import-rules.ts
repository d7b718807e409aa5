/**
 * The direction of imports (DESIGN "The house"), as a function of file texts:
 *
 *   base ← domain ← {region, channel, journal, decide, fill, strategy} ← {learn, query} ← {stages, observe, workers} ← pipeline ← engine ← {index, cli}
 *   C++: base ← sync ← region ← binding
 *
 * A room may import every room left of it, never one beside it; a stage's room is beside every other stage's. Pipeline does not
 * import observe. No circle of files. What a file names with `new URL('./…', import.meta.url)`, as a worker's entry, counts too.
 */
import { posix } from 'node:path'
import type { FileMap } from './repository.ts'
import { nodesOf, parse, placeOf, ts } from './syntax.ts'

const levels: readonly (readonly string[])[] = [
  ['base'],
  ['domain'],
  ['region', 'channel', 'journal', 'decide', 'fill', 'strategy'],
  ['learn', 'query'],
  ['stages', 'observe', 'workers'],
  ['pipeline'],
  ['engine'],
  ['index', 'cli'],
]
const levelOfRoom = new Map(levels.flatMap((rooms, level) => rooms.map((room) => [room, level] as const)))

/** Files at the root of src. A new one has to be given its room here. */
const roomOfRootFile: Readonly<Record<string, string>> = {
  'engine.ts': 'engine',
  'stage-set.ts': 'engine',
  'stage-threads.ts': 'engine',
  'flow-threads.ts': 'engine',
  'flow-worker.ts': 'engine',
  'watched-thread.ts': 'engine',
  'detector-module.ts': 'engine',
  'stage-worker.ts': 'engine',
  'engine-figures.ts': 'engine',
  'engine-limits.ts': 'engine',
  'journal-ends.ts': 'engine',
  'engine-options.ts': 'engine',
  'strategy-workers.ts': 'engine',
  'strategy-watch.ts': 'engine',
  'strategy-worker.ts': 'engine',
  'config.ts': 'engine',
  'summary.ts': 'engine',
  'detection-run.ts': 'engine',
  'live-run.ts': 'engine',
  'index.ts': 'index',
}

interface Import {
  readonly place: string
  /** As written; null: not a literal, so that nobody can check it. */
  readonly specifier: string | null
  /** A type, or a call of import(): nothing is loaded with the file. */
  readonly isOnDemand: boolean
}

/** The room of a file in src: the first folder, with stages' rooms apart (`stages/feed`); null if there is none. */
function roomOf(path: string): string | null {
  const [first, second, third] = path.split('/').slice(1)
  if (second === undefined) return roomOfRootFile[first!] ?? null
  if (first === 'stages') return third === undefined ? null : `stages/${second}`
  return levelOfRoom.has(first!) ? first! : null
}

function levelOf(room: string): number {
  return levelOfRoom.get(room.startsWith('stages/') ? 'stages' : room)!
}

function isImportMetaUrl(node: ts.Node | undefined): boolean {
  return node !== undefined && node.getText() === 'import.meta.url'
}

function importsOf(path: string, text: string): Import[] {
  const file = parse(path, text)
  const imports: Import[] = []
  const add = (node: ts.Node, named: ts.Node | undefined): void => {
    const specifier = named !== undefined && ts.isStringLiteralLike(named) ? named.text : null
    imports.push({ place: placeOf(file, node), specifier, isOnDemand: isOnDemand(node) })
  }
  for (const node of nodesOf(file)) {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier)
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) add(node, node.moduleSpecifier)
    else if (ts.isImportTypeNode(node))
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node, node.arguments[0])
    else if (ts.isNewExpression(node) && node.expression.getText() === 'URL' && isImportMetaUrl(node.arguments?.[1])) {
      const named = node.arguments![0]!
      // A folder (the package's root) or a page is not a module.
      if (ts.isStringLiteralLike(named) && /\.[cm]?[jt]s$/.test(named.text)) add(node, named)
    }
  }
  return imports
}

/** Why `from` may not import `to`, or null. */
function refusal(from: string, to: string): string | null {
  if (from === to) return null
  if (from === 'pipeline' && to === 'observe') return 'pipeline does not import observe'
  const [fromLevel, toLevel] = [levelOf(from), levelOf(to)]
  if (toLevel < fromLevel) return null
  return toLevel === fromLevel ? `${from} and ${to} are beside each other` : `${to} is above ${from}`
}

/**
 * Optional packages, and the one file that may import each: on demand, for what only names types costs nothing. Elsewhere a
 * missing one would be a stack trace, not the line that says how to install it.
 */
export const optionalImporters: Readonly<Record<string, string>> = {
  '@duckdb/node-api': 'src/base/duckdb.ts',
}

/** Who imports modules of users, which only the run knows. */
export const userModuleImporters: readonly string[] = ['src/detector-module.ts', 'src/strategy-worker.ts']

function isOnDemand(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node)) return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
  if (ts.isExportDeclaration(node)) return node.isTypeOnly
  return true
}

/** Every break of the rule in src/**, a line each; `packages` are the dependencies that users get. */
export function importFaults(files: FileMap, packages: readonly string[]): string[] {
  const faults: string[] = []
  const edges = new Map<string, string[]>()
  for (const [path, text] of files) {
    const room = roomOf(path)
    if (room === null) {
      faults.push(`${path}: belongs to no room; name its room in test/house/import-rules.ts`)
      continue
    }
    const targets: string[] = []
    edges.set(path, targets)
    for (const { place, specifier, isOnDemand } of importsOf(path, text)) {
      if (specifier === null) {
        if (userModuleImporters.includes(path)) continue
        faults.push(`${place}: imports what only the run knows; an import names its file`)
      } else if (!specifier.startsWith('.')) {
        const name = specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/')
        const importer = optionalImporters[name]
        if (importer !== undefined && importer !== path)
          faults.push(`${place}: ${name} is optional: only ${importer} imports it`)
        else if (importer !== undefined && !isOnDemand)
          faults.push(`${place}: ${name} is optional: imported on demand only`)
        else if (importer === undefined && !specifier.startsWith('node:') && !packages.includes(name))
          faults.push(`${place}: ${name} is not among package.json's dependencies`)
      } else {
        // Workers are started from dist, where the same file ends in .js.
        const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts')
        const targetRoom = files.has(target) ? roomOf(target) : null
        if (!files.has(target)) faults.push(`${place}: ${specifier} is no file of src`)
        else if (targetRoom !== null) {
          targets.push(target)
          const why = refusal(room, targetRoom)
          if (why !== null) faults.push(`${place}: imports ${target}: ${why}`)
        }
      }
    }
  }
  const circle = circleIn(edges)
  if (circle !== null) faults.push(`a circle: ${circle.join(' → ')}`)
  return faults
}

/** The first circle met, its first file named again at its end, or null. */
function circleIn(edges: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>()
  const trail: string[] = []
  const visit = (path: string): string[] | null => {
    const since = trail.indexOf(path)
    if (since >= 0) return [...trail.slice(since), path]
    if (done.has(path)) return null
    trail.push(path)
    for (const target of edges.get(path) ?? []) {
      const circle = visit(target)
      if (circle !== null) return circle
    }
    trail.pop()
    done.add(path)
    return null
  }
  for (const path of edges.keys()) {
    const circle = visit(path)
    if (circle !== null) return circle
  }
  return null
}

const nativeRooms = ['base', 'sync', 'region', 'binding']
const nodeHeader =
  /^(napi(-inl)?|node_api(_types)?|js_native_api(_types)?|node|node_buffer|node_version|uv|v8[\w-]*)\.h$/

/**
 * Every break of the rule in native/**. One exception: sync includes region/layout.hpp, which holds offsets and sizes only, no
 * code; the structures of sync are laid out by it, and the region puts them together. Native tests may include all but binding.
 */
export function includeFaults(files: FileMap): string[] {
  const faults: string[] = []
  for (const [path, text] of files) {
    const room = path.split('/')[1]!
    const level = room === 'test' ? nativeRooms.indexOf('region') + 1 : nativeRooms.indexOf(room)
    if (level < 0) {
      faults.push(`${path}: belongs to no room of native`)
      continue
    }
    for (const [index, line] of text.split('\n').entries()) {
      const include = /^\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")/.exec(line)
      if (include === null) continue
      const place = `${path}:${index + 1}`
      const [, system, own] = include
      if (room !== 'binding' && nodeHeader.test(posix.basename(system ?? own!))) {
        faults.push(`${place}: includes ${system ?? own}: only binding knows Node`)
      }
      if (own === undefined || nodeHeader.test(own)) continue
      // As the compiler looks: beside the file, then in native, which the native tests are given.
      const places = [posix.join(posix.dirname(path), own), posix.join('native', own)]
      const target = places.find((each) => files.has(each))
      const targetRoom = target?.split('/')[1] ?? ''
      if (target === undefined) faults.push(`${place}: ${own} is no file of native`)
      else if (targetRoom === room || (room === 'sync' && target === 'native/region/layout.hpp')) continue
      else if (nativeRooms.indexOf(targetRoom) < 0 || nativeRooms.indexOf(targetRoom) >= level)
        faults.push(`${place}: includes ${target}: ${targetRoom} is above ${room}`)
    }
  }
  return faults
}
