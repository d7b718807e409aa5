/** Sends lines to a journal's thread that tries again and again, until it is told that no more can be kept; prints the code. */
import { Timeline } from '../../dist/domain/units.js'
import { sendText } from '../../dist/journal/journal-frame.js'
import { journalSeries } from '../../dist/journal/series.js'
import { JournalThread } from '../../dist/pipeline/journal-thread.js'

const journal = await JournalThread.open(process.argv[2], {
  series: journalSeries,
  onStopped: 'retry',
  frameMax: 4_096,
  report: () => undefined,
})
const port = journal.connect({
  types: [],
  symbols: [],
  timeline: new Timeline(0),
  policyText: { before: '{', after: '}' },
})
const line = JSON.stringify({ filler: 'x'.repeat(20_000) })
let sent = 0
try {
  for (;;) {
    sendText(port, 3, 0, line)
    sent += 1
  }
} catch (thrown) {
  process.stdout.write(`${thrown.code} ${sent > 100} ${journal.wasFull}\n`)
}
await journal.abandon()
