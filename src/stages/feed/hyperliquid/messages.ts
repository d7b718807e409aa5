/**
 * Hyperliquid's WebSocket messages, as far as Signalbox speaks them: what to send, and what a received text is. Keys that
 * are not known are accepted. Pure; any thread.
 *
 * Source: design notes "Hyperliquid's WebSocket", after recorded sessions and the SDKs named there.
 */
import type { MalformedKind } from '../malformed.ts'
import { isObject } from '../row-fields.ts'

export type SubscriptionType = 'trades' | 'activeAssetCtx'

export const pingText = '{"method":"ping"}'
export const greetingText = 'Websocket connection established.'

export function subscribeText(type: SubscriptionType, coin: string): string {
  return JSON.stringify({ method: 'subscribe', subscription: { type, coin } })
}

/** One received message; what is inside a trade or a context is checked field by field later. */
export type VenueMessage =
  | { readonly channel: 'greeting' | 'pong' }
  | { readonly channel: 'subscriptionResponse'; readonly type: string; readonly coin: string }
  | { readonly channel: 'error'; readonly message: string }
  | { readonly channel: 'trades'; readonly trades: readonly unknown[] }
  | { readonly channel: 'activeAssetCtx'; readonly coin: unknown; readonly context: Record<string, unknown> }
  | { readonly channel: 'l2Book'; readonly coin: unknown; readonly time: unknown; readonly levels: readonly unknown[] }
  | { readonly channel: 'malformed'; readonly kind: MalformedKind }

const pong: VenueMessage = { channel: 'pong' }
const greeting: VenueMessage = { channel: 'greeting' }
const badMessage: VenueMessage = { channel: 'malformed', kind: 'bad_message' }

export function parseVenueMessage(text: string): VenueMessage {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return text.startsWith('Websocket connection established') ? greeting : { channel: 'malformed', kind: 'json' }
  }
  if (!isObject(parsed)) return { channel: 'malformed', kind: 'json' }
  const { channel, data } = parsed
  switch (channel) {
    case 'trades':
      return Array.isArray(data) ? { channel, trades: data } : badMessage
    case 'activeAssetCtx':
      return isObject(data) && isObject(data.ctx) ? { channel, coin: data.coin, context: data.ctx } : badMessage
    case 'l2Book':
      return isObject(data) && Array.isArray(data.levels)
        ? { channel, coin: data.coin, time: data.time, levels: data.levels }
        : badMessage
    case 'pong':
      return pong
    case 'subscriptionResponse':
      return readSubscription(data)
    case 'error':
      return { channel, message: typeof data === 'string' ? data : JSON.stringify(data ?? null) }
    default:
      return { channel: 'malformed', kind: 'unknown_channel' }
  }
}

function readSubscription(data: unknown): VenueMessage {
  if (!isObject(data) || !isObject(data.subscription)) return badMessage
  const { type, coin } = data.subscription
  if (typeof type !== 'string' || typeof coin !== 'string') return badMessage
  return { channel: 'subscriptionResponse', type, coin }
}
