/** All views, in the order in which they are listed. Pure data. */
import type { View } from './view.ts'
import { counterfactualsView } from './views/counterfactuals.ts'
import { candidatesView, decisionsView } from './views/decisions.ts'
import { eventsView, inputsView, refusalsView, tradesView } from './views/lines.ts'

export const journalViews: readonly View[] = [
  decisionsView,
  candidatesView,
  counterfactualsView,
  tradesView,
  refusalsView,
  eventsView,
  inputsView,
]
