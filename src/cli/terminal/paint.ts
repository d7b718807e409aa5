/** Text attributes of a terminal, or none where nobody would see them: elsewhere, and where NO_COLOR asks for none. Pure. */

export interface Paint {
  bold(text: string): string
  dim(text: string): string
  green(text: string): string
  red(text: string): string
}

const plain = (text: string): string => text
const attribute =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001b[${on}m${text}\u001b[${off}m`

export const noPaint: Paint = { bold: plain, dim: plain, green: plain, red: plain }
export const terminalPaint: Paint = {
  bold: attribute(1, 22),
  dim: attribute(2, 22),
  green: attribute(32, 39),
  red: attribute(31, 39),
}

/** @param noColor - The environment's NO_COLOR; set and not empty: no colours. */
export function paintFor(isTerminal: boolean, noColor: string | undefined): Paint {
  return isTerminal && (noColor === undefined || noColor === '') ? terminalPaint : noPaint
}
