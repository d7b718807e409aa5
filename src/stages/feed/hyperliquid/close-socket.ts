import WebSocket from 'ws'

/** As the protocol numbers it. */
export const normalClose = 1000
const stopTimeoutMs = 1_000

/** Closes politely, and cuts after a second. */
export async function closeSocket(socket: WebSocket): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => socket.terminate(), stopTimeoutMs)
    socket.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    if (socket.readyState === WebSocket.CONNECTING) socket.terminate()
    else socket.close(normalClose)
  })
}
