/**
 * A terminal as a screen of its own: the alternate buffer without a cursor, frames drawn one over the other. It is given back
 * whenever this process is not in the foreground (Ctrl-Z) and at its end, also one that nobody announced: a terminal without a
 * cursor is a broken one. One object a stream; one thread.
 */

/** What the screen hears of the process, and how it stops itself. */
export interface JobControl {
  on(event: 'SIGTSTP' | 'SIGCONT' | 'exit', listener: () => void): unknown
  off(event: 'SIGTSTP' | 'SIGCONT' | 'exit', listener: () => void): unknown
  /** Stops the process until somebody continues it. Nobody listens to SIGTSTP during the call. */
  suspend(): void
}

export const processControl: JobControl = {
  on: (event, listener) => process.on(event, listener),
  off: (event, listener) => process.off(event, listener),
  suspend: () => process.kill(process.pid, 'SIGTSTP'),
}

const enter = '\u001b[?1049h\u001b[?25l'
const leave = '\u001b[?25h\u001b[?1049l'
/** A terminal that knows mode 2026 shows a frame when it is whole; others ignore it. */
const beginFrame = '\u001b[?2026h\u001b[H'
const endFrame = '\u001b[J\u001b[?2026l'

/** Where nobody can continue us (a session's own leader) the system drops the stop: then we go on after this. */
const stoppedByMs = 100

export class Screen {
  readonly #stream: NodeJS.WritableStream
  readonly #control: JobControl
  #isOpen = false
  #isShown = false
  #resumption: NodeJS.Timeout | undefined
  readonly #suspend = (): void => {
    this.#hide()
    this.#control.off('SIGTSTP', this.#suspend)
    this.#control.suspend()
    this.#resumption = setTimeout(this.#resume, stoppedByMs)
  }
  readonly #resume = (): void => {
    clearTimeout(this.#resumption)
    if (!this.#isOpen) return
    this.#control.off('SIGTSTP', this.#suspend)
    this.#control.on('SIGTSTP', this.#suspend)
    this.#show()
  }
  readonly #hide = (): void => {
    if (this.#isShown) this.#stream.write(leave)
    this.#isShown = false
  }

  constructor(stream: NodeJS.WritableStream, control: JobControl = processControl) {
    this.#stream = stream
    this.#control = control
  }

  open(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.#control.on('SIGTSTP', this.#suspend)
    this.#control.on('SIGCONT', this.#resume)
    this.#control.on('exit', this.#hide)
    this.#show()
  }

  /** Replaces what is shown; nothing while the screen is closed or given back. */
  draw(lines: readonly string[]): void {
    if (!this.#isShown) return
    this.#stream.write(`${beginFrame}${lines.map((line) => `${line}\u001b[K`).join('\r\n')}${endFrame}`)
  }

  /** Gives the terminal back as it was. Idempotent. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    clearTimeout(this.#resumption)
    this.#hide()
    this.#control.off('SIGTSTP', this.#suspend)
    this.#control.off('SIGCONT', this.#resume)
    this.#control.off('exit', this.#hide)
  }

  #show(): void {
    if (!this.#isShown) this.#stream.write(enter)
    this.#isShown = true
  }
}
