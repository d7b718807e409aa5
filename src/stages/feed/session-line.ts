/**
 * Lines of a raw session: what a recorder received over a WebSocket, message by message. Two ways of writing them are known:
 *
 *   `<receive time, ns> <message>`   nothing else
 *   `<receive time, s>: <message>`   between them lines that begin with the address: a connection was made (`wss://… <-> …`),
 *                                    or something was sent (`wss://… <- …`)
 *
 * The receive time is the recorder's clock, seconds off at times: it is not used. Pure; any thread.
 */

/** A line that holds no received message. */
export const noMessage = Symbol('no message')

const connectionPattern = /^wss?:\/\/([^/\s]+)/
const receiveTimePattern = /^\d+(?:\.\d+)?:?$/

/** The message of a line; {@link noMessage}; or null when it is no line of a session. */
export function messageOfLine(line: string): string | typeof noMessage | null {
  if (connectionPattern.test(line)) return noMessage
  const space = line.indexOf(' ')
  if (space < 0 || !receiveTimePattern.test(line.slice(0, space))) return null
  return line.slice(space + 1)
}

/** The host that a line says was connected to, or null. */
export function hostOfLine(line: string): string | null {
  return connectionPattern.exec(line)?.[1] ?? null
}
