/** The page of `detect --html`: what the detectors saw, drawn over the price. Its looks and its script are in `browser/`. */
import { pageDocument } from './document.ts'
import { builtAsset, chartLibrary } from './page-assets.ts'
import type { EventsPage } from './page-data.ts'

/** The page as one HTML text. @throws {SignalboxError} `ERR_IO` when a part of the build is missing. */
export function eventsPageHtml(page: EventsPage): string {
  const chart = chartLibrary()
  return pageDocument({
    title: `${page.title} · Signalbox`,
    styles: [chart.style, builtAsset('shell.css'), builtAsset('events.css')],
    scripts: [chart.script, builtAsset('events.page.js')],
    data: page,
  })
}
