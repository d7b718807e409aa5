/**
 * Builds the browser's side of self-contained pages, `src/observe/page/browser`, into `dist/observe/page`: every `NAME.page.ts`
 * with all that it imports becomes one classic script `NAME.page.js`, every style is copied. Types are checked apart
 * (`tsconfig.page.json`): here TypeScript only takes them away.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'

/** Where the browser's files are, below src; nothing in it is compiled as a module of the package. */
const browserFolder = join('observe', 'page', 'browser')
const builtFolder = join('observe', 'page')

export function isBrowserFile(fileBelowSrc) {
  return fileBelowSrc.startsWith(browserFolder + sep)
}

/** What `buildPages` writes, below dist, with its source below src. */
export function pageOutputs(root) {
  const folder = join(root, 'src', browserFolder)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.page.ts') || name.endsWith('.css'))
    .map((name) => ({ source: join(browserFolder, name), output: join(builtFolder, name.replace(/\.ts$/, '.js')) }))
}

/** @param ts - The TypeScript that is installed, as a module. @throws {Error} Naming the file that does not parse or is missing. */
export function buildPages(root, ts) {
  for (const { source, output } of pageOutputs(root)) {
    const from = join(root, 'src', source)
    const to = join(root, 'dist', output)
    mkdirSync(dirname(to), { recursive: true })
    if (source.endsWith('.css')) copyFileSync(from, to)
    else writeFileSync(to, bundle(from, ts))
  }
}

/** One classic script from an entry and its imports: each module a function, run once, when it is first asked for. */
function bundle(entry, ts) {
  const folder = dirname(entry)
  const modules = new Map()
  const add = (path) => {
    if (modules.has(path)) return
    const text = transpiled(path, ts)
    modules.set(path, text)
    for (const [, specifier] of text.matchAll(/\brequire\("([^"]+)"\)/g)) add(resolve(dirname(path), specifier))
  }
  add(entry)
  const nameOf = (path) => `./${relative(folder, path).split(sep).join('/')}`
  const definitions = [...modules].map(
    ([path, text]) => `${JSON.stringify(nameOf(path))}(exports, require) {\n${text}}`,
  )
  return `(() => {
'use strict'
const modules = {
${definitions.join(',\n')},
}
const loaded = {}
const require = (name) => {
  if (loaded[name] === undefined) modules[name]((loaded[name] = {}), require)
  return loaded[name]
}
require(${JSON.stringify(`./${basename(entry)}`)})
})()
`
}

function transpiled(path, ts) {
  const { outputText, diagnostics } = ts.transpileModule(readFileSync(path, 'utf8'), {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      isolatedModules: true,
      removeComments: true,
    },
  })
  if (diagnostics.length > 0) {
    const [{ file, start, messageText }] = diagnostics
    const line = file.getLineAndCharacterOfPosition(start).line + 1
    throw new Error(`${path}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
  }
  return outputText.replace(/^"use strict";\n/, '')
}
