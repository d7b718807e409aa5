/** A machine without the optional DuckDB: processes that are started meanwhile do not find it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './temporary.ts'

const hookText = `import { register } from 'node:module'
const resolve = (name, context, next) => {
  if (name === '@duckdb/node-api') throw Object.assign(new Error("Cannot find package"), { code: 'ERR_MODULE_NOT_FOUND' })
  return next(name, context)
}
register('data:text/javascript,' + encodeURIComponent('export const resolve = ' + resolve))
`

export function withoutDuckDb(work: () => void): void {
  const hook = join(temporaryFolder(), 'absent.mjs')
  writeFileSync(hook, hookText)
  const options = process.env.NODE_OPTIONS
  process.env.NODE_OPTIONS = `--import ${hook}`
  try {
    work()
  } finally {
    if (options === undefined) delete process.env.NODE_OPTIONS
    else process.env.NODE_OPTIONS = options
  }
}
