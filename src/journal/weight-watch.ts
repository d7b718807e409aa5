/**
 * Looks for new weight sets in a journal's folder for a running engine. One thread; a look is one `stat` unless the file changed. Never
 * throws: whatever is wrong with the file is told once, and changes no weights.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../base/errors.ts'
import { type NumberedWeightSet, policyWeightsVersion } from '../domain/weight-set.ts'
import { scanWeightSets, type WeightFault, weightsFile } from './weight-sets.ts'

/** Wrong lines that are told one by one; of more only how many. */
const faultsTold = 3

export class WeightWatch {
  readonly #folder: string
  readonly #report: (line: string) => void
  #version = policyWeightsVersion
  /** Of the file as it was read: what changes when somebody appends. */
  #seen = ''
  #inode = 0n
  /** The last wrong line that was told. */
  #toldLine = 0
  #told = ''

  /** @param report - Takes one line about what is wrong. */
  constructor(folder: string, report: (line: string) => void) {
    this.#folder = folder
    this.#report = report
  }

  /** The newest set, if it is newer than what a look gave before; the policy's own weights count as version 1. */
  look(): NumberedWeightSet | null {
    try {
      return this.#look()
    } catch (thrown) {
      this.#seen = ''
      this.#tell(messageOf(thrown))
      return null
    }
  }

  #look(): NumberedWeightSet | null {
    const stat = statSync(join(this.#folder, weightsFile), { bigint: true, throwIfNoEntry: false })
    if (stat === undefined) return null
    const seen = `${stat.ino} ${stat.size} ${stat.mtimeNs}`
    if (seen === this.#seen) return null
    // Whatever is appended from here on is another size at the next look.
    this.#seen = seen
    if (stat.ino !== this.#inode) this.#toldLine = 0
    this.#inode = stat.ino
    const { sets, faults } = scanWeightSets(this.#folder)
    this.#tellFaults(faults.filter(({ line }) => line > this.#toldLine))
    const newest = sets.at(-1)
    if (newest === undefined || newest.version === this.#version) return null
    if (newest.version < this.#version) {
      if (this.#version > policyWeightsVersion) this.#tellOlder(newest)
      return null
    }
    this.#version = newest.version
    return newest
  }

  #tellFaults(faults: readonly WeightFault[]): void {
    const last = faults.at(-1)
    if (last === undefined) return
    this.#toldLine = last.line
    for (const { error } of faults.slice(0, faultsTold)) this.#report(`passed over: ${error.message}`)
    const more = faults.length - faultsTold
    if (more > 0) this.#report(`passed over: ${more} more lines of ${weightsFile}`)
  }

  #tellOlder({ version }: NumberedWeightSet): void {
    const why = `its newest weight set is ${version} now; version ${this.#version} stays in use until a newer one is appended`
    this.#tell(`${join(this.#folder, weightsFile)}: ${why}`)
  }

  #tell(line: string): void {
    if (line !== this.#told) this.#report(line)
    this.#told = line
  }
}
