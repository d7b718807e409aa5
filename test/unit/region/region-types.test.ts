/**
 * The names of a schema are types: what an editor offers and what the compiler refuses, asked of TypeScript's language service under the
 * repository's own settings. `|` in a text marks where completion is asked for.
 */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { repositoryRoot } from '../../house/repository.ts'
import { ts } from '../../house/syntax.ts'

const place = join(repositoryRoot, 'test/unit/region/planted.ts')
let planted = { text: '', version: 0 }

const settings = ts.readConfigFile(join(repositoryRoot, 'tsconfig.json'), ts.sys.readFile)
const { options: strict } = ts.parseJsonConfigFileContent(settings.config, ts.sys, repositoryRoot)
// Each text uses some of the names above it.
const options = { ...strict, noUnusedLocals: false }
const service = ts.createLanguageService({
  getCompilationSettings: () => options,
  getScriptFileNames: () => [place],
  getScriptVersion: (path) => (path === place ? String(planted.version) : '0'),
  getScriptSnapshot: (path) => {
    const text = path === place ? planted.text : ts.sys.readFile(path)
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
  },
  getCurrentDirectory: () => repositoryRoot,
  getDefaultLibFileName: ts.getDefaultLibFilePath,
  fileExists: (path) => path === place || ts.sys.fileExists(path),
  readFile: ts.sys.readFile,
})

const head = `import { workerData } from 'node:worker_threads'
import { Region, regionSchema, type RegionDescriptor, type RegionSchema, type SnapshotReader } from '../../../src/index.ts'
const inline = Region.create({
  snapshots: [{ name: 'prices', head: ['atNs'], fields: ['last', 'mark'], rows: ['BTC'] }],
  events: { types: ['CASCADE', 'HUNT'], fields: ['score', 'detectedAtNs'] },
})
const schema = regionSchema({
  snapshots: [{ name: 'prices', head: ['atNs'], fields: ['last', 'mark'], rows: ['BTC'] }],
  events: { types: ['CASCADE', 'HUNT'], fields: ['score', 'detectedAtNs'] },
})
const measured = Region.create({ ...schema, histograms: ['order', 'state'] })
const [prices] = schema.snapshots
const region = Region.create(schema)
const untyped = Region.attach(workerData)
const typed = Region.attach<typeof schema>(workerData)
const again = Region.attach(region.descriptor)
export { inline, measured, prices, untyped, typed, again }
`

function plant(text: string): void {
  planted = { text: head + text, version: planted.version + 1 }
}

/** What is offered at `|`, in alphabetical order, without what every object has. */
function offered(text: string): string[] {
  plant(text.replace('|', ''))
  const entries = service.getCompletionsAtPosition(place, head.length + text.indexOf('|'), {})?.entries ?? []
  return entries.map(({ name }) => name).sort()
}

/** What the compiler says of `text`, a line each. */
function faultsOf(text: string): string[] {
  plant(text)
  const faults = [...service.getSyntacticDiagnostics(place), ...service.getSemanticDiagnostics(place)]
  return faults.map((fault) => ts.flattenDiagnosticMessageText(fault.messageText, '\n').split('\n')[0]!)
}

describe('region types', () => {
  it.each([
    ['inline.events.fieldIndex.|', ['detectedAtNs', 'score']],
    ['region.events.fieldIndex.|', ['detectedAtNs', 'score']],
    ['typed.events.fieldIndex.|', ['detectedAtNs', 'score']],
    ['again.events.fieldIndex.|', ['detectedAtNs', 'score']],
    ['region.events.typeIndexOf.|', ['CASCADE', 'HUNT']],
    ["measured.histogram('|')", ['order', 'state']],
    ['typed.events.typeIndexOf.|', ['CASCADE', 'HUNT']],
    ['region.reader(prices).fieldIndex.|', ['last', 'mark']],
    ['region.claimWriter(prices).headIndex.|', ['atNs']],
    ['inline.reader(inline.schema.snapshots[0]).fieldIndex.|', ['last', 'mark']],
    ["region.reader({ name: 'x', head: ['h'], fields: ['f', 'g'], rows: [] }).fieldIndex.|", ['f', 'g']],
  ])('types: an editor offers at %s the names of the schema, and nothing else', (text, names) => {
    expect(offered(text)).toEqual(names)
  })

  it('types: an editor offers the keys of a schema while it is written', () => {
    expect(offered('Region.create({ snapshots: [], events: { types: [], fields: [], | } })')).toContain('capacity')
    expect(offered('regionSchema({ snapshots: [{ | }] })')).toEqual(expect.arrayContaining(['head', 'rows', 'slots']))
  })

  it.each([
    ['region.events.fieldIndex.scor', "Property 'scor' does not exist on type"],
    ['inline.events.fieldIndex.scor', "Property 'scor' does not exist on type"],
    ['typed.events.typeIndexOf.CASCAD', "Property 'CASCAD' does not exist on type"],
    ['region.reader(prices).fieldIndex.lst', "Property 'lst' does not exist on type"],
    ['Region.create({ ...schema, positionMax: 3 })', "Type 'number' is not assignable to type 'never'"],
    ['Region.create({ snapshots: [], events: { ...schema.events, capasity: 64 } })', "to type 'never'"],
    ["regionSchema({ ...schema, snapshots: [{ ...prices, name: 'x', slot: 4 }] })", 'slot: 4'],
    ["measured.histogram('oder')", 'is not assignable to parameter'],
    ["region.histogram('order')", "is not assignable to parameter of type 'never'"],
    ["region.reader('prices')", 'is not assignable to parameter'],
    ['Region.attach(region)', "is not assignable to parameter of type 'RegionDescriptor<"],
  ])('types: %s is refused by the compiler', (text, fault) => {
    expect(faultsOf(text)).toEqual([expect.stringContaining(fault)])
  })

  it('types: where the schema is not known as a type any name goes, and a known region goes where any is taken', () => {
    const fine = `
const any: Region[] = [region, inline, measured, typed, untyped]
const descriptor: RegionDescriptor = region.descriptor
const wide: RegionSchema = schema
const names: string[] = ['last']
const reader: SnapshotReader = region.reader(prices)
const read: number = untyped.events.fieldIndex.whatever + untyped.histogram('any').count + Region.create(wide).events.fieldIndex.whatever
const other = Region.create({ snapshots: [{ name: 'x', head: names, fields: names, rows: names }], events: wide.events })
export const all = [any, descriptor, reader, read, other.reader(other.schema.snapshots[0]).fieldIndex.whatever]
function scored(of: Region<typeof schema>): number { return of.events.record[of.events.fieldIndex.score] }
scored(typed)
`
    expect(faultsOf(fine)).toEqual([])
  })
})
