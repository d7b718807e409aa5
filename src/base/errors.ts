/**
 * The one error class of Signalbox and the closed list of its codes.
 *
 * Expected refusals are values (a discriminated union), never exceptions: what is thrown is misuse, bad input,
 * a machine that failed, or a broken invariant. Any thread.
 */

/** Every code that a {@link SignalboxError} can carry. Codes are stable: programs may branch on them. */
export type ErrorCode =
  /** An argument is outside its documented range or of the wrong type. */
  | 'ERR_INVALID_ARGUMENT'
  /** A file, line, key or option that a person gave is wrong: exit code 2. */
  | 'ERR_INPUT'
  /** The operating system refused (disk full, permission, connection): exit code 1. */
  | 'ERR_IO'
  /** The object was closed before the call. */
  | 'ERR_CLOSED'
  /** The region has no free participant for one more attachment. */
  | 'ERR_PARTICIPANTS'
  /** The snapshot ring already has its one writer. */
  | 'ERR_WRITER_CLAIMED'
  /** The end of the channel belongs to another thread, or every sender's place is taken. */
  | 'ERR_CHANNEL_CLAIMED'
  /** The bytes are not a region, or one of another layout version or schema. */
  | 'ERR_FOREIGN_REGION'
  /** The requested backend cannot be loaded. */
  | 'ERR_BACKEND'
  /** A numbered invariant does not hold: new entries halt. */
  | 'ERR_INVARIANT'

/** What {@link SignalboxError} is built from beside code and message. */
export interface ErrorDetails {
  /** The argument, key, file or line that is wrong. */
  field?: string
  /** The offending value, as given. */
  value?: unknown
  cause?: unknown
}

/** The only class that Signalbox throws on purpose. */
export class SignalboxError extends Error {
  override readonly name = 'SignalboxError'
  readonly code: ErrorCode
  readonly field: string | undefined
  readonly value: unknown

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.field = details.field
    this.value = details.value
  }
}

/** Bad input of a person: one clear line that names the file, line or key; the command line exits with 2. */
export function inputError(field: string, message: string, value?: unknown): SignalboxError {
  return new SignalboxError('ERR_INPUT', `${field}: ${message}`, { field, value })
}

/** The text of anything that was thrown, for messages that wrap it. Throws nothing, whatever it is. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown)
  } catch {
    // An object without a prototype, or whose `toString` throws: somebody else's code may throw that too.
    return 'something that has no text'
  }
}
