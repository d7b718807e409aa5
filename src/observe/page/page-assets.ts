/**
 * The static parts of pages, from where the build puts them: styles and each page's script in `dist/observe/page`, and uPlot from
 * its package. Reads files; cold.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf, SignalboxError } from '../../base/errors.ts'

const require = createRequire(import.meta.url)
/** The build's own folder: also where this file is run from `src`, which has no built scripts. */
const builtFolder = new URL('../../../dist/observe/page/', import.meta.url)

/** A style or script of ours, by its name in the built folder: `shell.css`, `events.page.js`. */
export function builtAsset(name: string): string {
  return readAsset(fileURLToPath(new URL(name, builtFolder)), 'build it again: npm run build:ts')
}

/** uPlot's own style and script, its licence with it; the script makes the global `uPlot`. */
export function chartLibrary(): { readonly style: string; readonly script: string } {
  const folder = dirname(require.resolve('uplot/package.json'))
  const read = (name: string): string => readAsset(join(folder, name), 'install it: npm install uplot')
  const licence = read('LICENSE').trim()
  return { style: read('dist/uPlot.min.css'), script: `/*! uPlot: ${licence} */\n${read('dist/uPlot.iife.min.js')}` }
}

function readAsset(path: string, remedy: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    throw new SignalboxError('ERR_IO', `a part of the page cannot be read (${messageOf(thrown)}); ${remedy}`, {
      field: path,
      cause: thrown,
    })
  }
}
