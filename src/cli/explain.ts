/** `signalbox explain JOURNAL ID [--json]`: why a decision was as it was, or what became of an event, from a journal folder. */
import { Command } from 'commander'
import { inputError } from '../base/errors.ts'
import { losslessText } from '../domain/lossless-text.ts'
import { type ArbitrationJson, explainArbitration } from './explain/arbitration-explanation.ts'
import { writeArbitration } from './explain/arbitration-page.ts'
import { type EventJson, explainEvent } from './explain/event-explanation.ts'
import { writeEvent } from './explain/event-page.ts'
import { JournalFolder } from './explain/journal-folder.ts'
import { NearestIds } from './explain/nearest-ids.ts'
import { Page, type PageLayout } from './explain/page.ts'
import { layoutOf } from './terminal/layout.ts'

/** The command, for `main.ts` to add. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('why: a decision with its ranking and rules, or an event with each decision about it')
    .argument('<journal>', 'a journal folder')
    .argument('<id>', 'an arbitration id (arb_…) or an event id')
    .option('--json', 'print the explanation as one JSON object')
    .addHelpText('after', '\nExample:\n  $ signalbox explain out arb_20260617_180214_000002')
    .action((folder: string, id: string, options: { json?: boolean }) => {
      const explanation = explain(folder, id, (line) => process.stderr.write(`signalbox: ${line}\n`))
      const text =
        options.json === true ? losslessText(explanation) : explanationText(explanation, layoutOf(process.stdout))
      process.stdout.write(`${text}\n`)
    })
}

/**
 * What the journal says of an id.
 *
 * @param report - Takes one line for each piece of the journal that could not be read.
 * @throws {SignalboxError} `ERR_INPUT` naming the folder, or the id and those that are most like it.
 */
export function explain(folder: string, id: string, report: (line: string) => void): ArbitrationJson | EventJson {
  const journal = new JournalFolder(folder, report)
  // An event may be called anything, so an id that looks like an arbitration's is looked for among the events too.
  const found = (id.startsWith('arb_') ? explainArbitration(journal, id) : null) ?? explainEvent(journal, id)
  if (found !== null) return found
  throw unknownId(journal, id)
}

/** The explanation as a page of text. */
export function explanationText(explanation: ArbitrationJson | EventJson, layout: PageLayout): string {
  const page = new Page(layout)
  if (explanation.kind === 'arbitration') writeArbitration(page, explanation)
  else writeEvent(page, explanation)
  return page.text
}

function unknownId(journal: JournalFolder, id: string): Error {
  const quoted = JSON.stringify(id.length <= 80 ? id : `${id.slice(0, 79)}…`)
  const damaged = journal.damagedLineOf(id)
  if (damaged !== null) {
    return inputError(`${damaged.file}:${damaged.line}`, `the line of ${quoted} is damaged: it ${damaged.message}`, id)
  }
  const isArbitration = id.startsWith('arb_')
  const nearest = new NearestIds(id)
  let nameKind: string | null = null
  for (const one of isArbitration ? journal.arbitrationIds() : journal.eventIds()) nearest.add(one)
  if (!isArbitration) nameKind = journal.kindOf(id)
  const what = isArbitration ? 'an arbitration id' : 'an event id'
  const other = nameKind === null ? '' : `; it is ${nameKind}`
  const like =
    nearest.ids.length === 0 || nameKind?.startsWith('the sequence') === true
      ? ''
      : `; the nearest: ${nearest.ids.join(', ')}`
  return inputError(journal.path, `holds no ${quoted} as ${what}${other}${like}`, id)
}
