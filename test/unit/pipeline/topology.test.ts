/** ARCHITECTURE draws what the table says, and the table leaves nobody out. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { routes, stageNames, topologies } from '../../../src/pipeline/topology.ts'
import { root } from '../../support/command.ts'

const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')

/** Who hears which message, a line a kind. */
function drawnRoutes(): string {
  return Object.entries(routes)
    .map(([kind, stages]) => `    ${kind.padEnd(11)}▶ ${stages.join(', ') || 'whoever watches'}`)
    .join('\n')
}

/** Which stages share a thread, a line a topology. */
function drawnTopologies(): string {
  return Object.entries(topologies)
    .map(([name, threads]) => `    ${name.padEnd(8)}${threads.map((stages) => stages.join(' ')).join(' │ ')}`)
    .join('\n')
}

it('topology: ARCHITECTURE’s drawings of the routes and of the threads are the tables', () => {
  expect(architecture).toContain(`\n${drawnRoutes()}\n`)
  expect(architecture).toContain(`\n${drawnTopologies()}\n`)
})

it('topology: every stage has one thread in every topology, thread 0 has the venue, and the journal is where arbitration is', () => {
  for (const threads of Object.values(topologies)) {
    expect(threads.flat().sort()).toEqual([...stageNames].sort())
    expect(threads[0]).toContain('order')
    expect(threads[0]).toContain('outcome')
    const ofArbitration = threads.find((stages) => (stages as readonly string[]).includes('arbitration'))
    expect(ofArbitration).toContain('journal')
  }
})
