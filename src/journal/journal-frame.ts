/**
 * What reaches the journal's thread, as frames of doubles: decisions in binary (domain/decision-record.ts) and, of what is rare, text
 * that is ready. Pure; any thread. Sent by `pipeline/journal-sink.ts`, taken by {@link JournalRenderer}.
 *
 * | kind | payload |
 * |---|---|
 * | decision | a decision's record |
 * | eventName | the event's handle, then its id as text: decisions name events by handle |
 * | line | the index of the series, then the line as text |
 *
 * Text is its length in bytes, then UTF-8, eight bytes a double. The bytes never pass through a double: a NaN could change them.
 */

export const journalFrames = { decision: 1, eventName: 2, line: 3 } as const

/** Where a frame's payload is written, then sent. `claim` waits for room where there may be none (a ring); it never loses a frame. */
export interface JournalPort {
  /** Where claimed payloads are written. */
  readonly payload: Float64Array
  /** Room for so many doubles. @returns Where in `payload` it begins. */
  claim(length: number): number
  commit(kind: number, length: number): void
}

/** Sends a number and a text, as `eventName` and `line` frames hold them. */
export function sendText(port: JournalPort, kind: number, head: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8')
  const length = 2 + Math.ceil(bytes.length / 8)
  const start = port.claim(length)
  port.payload[start] = head
  port.payload[start + 1] = bytes.length
  bytesOf(port.payload, start + 2, bytes.length).set(bytes)
  port.commit(kind, length)
}

/** The text of such a frame. */
export function readText(payload: Float64Array, start: number): string {
  // A copy: the decoder does not read shared memory.
  return Buffer.from(bytesOf(payload, start + 2, payload[start + 1]!)).toString('utf8')
}

function bytesOf(payload: Float64Array, start: number, length: number): Uint8Array {
  return new Uint8Array(payload.buffer, payload.byteOffset + start * 8, length)
}
