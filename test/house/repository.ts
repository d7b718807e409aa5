/** The repository's own files as text, for the tests that hold them to the rules of the house. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url))

/** Texts by path from the root, with `/` between folders. A planted fault is one more entry. */
export type FileMap = ReadonlyMap<string, string>

/** All files below some folders of the root whose name ends in one of `endings`. Folders named build are products. */
export function filesOf(folders: readonly string[], endings: readonly string[]): Map<string, string> {
  const files = new Map<string, string>()
  for (const folder of folders) {
    for (const entry of readdirSync(join(repositoryRoot, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !endings.some((ending) => entry.name.endsWith(ending))) continue
      const path = join(entry.parentPath, entry.name)
      const name = relative(repositoryRoot, path).split(sep).join('/')
      if (name.split('/').includes('build')) continue
      files.set(name, readFileSync(path, 'utf8'))
    }
  }
  return files
}

/** The files with some of them put in or changed. */
export function planted(files: FileMap, faults: Readonly<Record<string, string>>): FileMap {
  return new Map([...files, ...Object.entries(faults)])
}
