/** How wide and how coloured a page of text may be. */
import type { PageLayout } from '../explain/page.ts'

/** Colour only on a terminal that does not ask for none. */
export function layoutOf(stream: NodeJS.WriteStream): PageLayout {
  const { NO_COLOR: noColour, COLUMNS: columns } = process.env
  const width = stream.isTTY === true ? stream.columns : Number(columns ?? Number.NaN)
  return {
    columns: Number.isInteger(width) && width > 0 ? width : 80,
    isColoured: stream.isTTY === true && (noColour === undefined || noColour === ''),
  }
}
