/** What the figures were measured on: printed before them, since they mean nothing without it. */
import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, release, type } from 'node:os'
import { loadNative } from '../dist/region/backend/native.js'
import { root } from './root.mjs'

export function environment() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    node: process.versions.node,
    os: `${type()} ${release()} ${process.arch}`,
    compiler: loadNative().compiler ?? 'none: no addon is loaded',
    commit: commit(),
    date: new Date().toISOString(),
  }
}

/** Of the checkout, marked where files differ from it; a copy without git has none. */
function commit() {
  try {
    const git = (...args) =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const isChanged = git('status', '--porcelain').trim() !== ''
    return `${git('rev-parse', '--short=12', 'HEAD').trim()}${isChanged ? ' with changes' : ''}`
  } catch {
    return 'unknown'
  }
}
