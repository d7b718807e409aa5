/** Event ids as bytes: strict UTF-8 in 64 bytes, and the hash that both backends use. Any thread. */
import { layout } from '../../layout.ts'

/** The encoded id of the last successful {@link encodeId}: one per thread, overwritten by the next. */
export const idBytes = new Uint8Array(layout.idWords * 8)
export const idHalves = new Int32Array(idBytes.buffer)

/**
 * Encodes `id` into {@link idBytes} (the rest zero) and returns its size in bytes, or 0: empty, more than 63 bytes, or not
 * well formed (a lone surrogate).
 */
export function encodeId(id: string): number {
  if (typeof id !== 'string' || id.length === 0 || id.length > layout.idBytesMax) return 0
  idBytes.fill(0)
  let size = 0
  for (let index = 0; index < id.length; index += 1) {
    let point = id.charCodeAt(index)
    if (point >= 0xd800 && point <= 0xdfff) {
      const low = id.charCodeAt(index + 1)
      if (point > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) return 0
      point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00)
      index += 1
    }
    const width = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
    if (size + width > layout.idBytesMax) return 0
    if (width === 1) {
      idBytes[size] = point
    } else {
      const lead = width === 2 ? 0xc0 : width === 3 ? 0xe0 : 0xf0
      idBytes[size] = lead | (point >> (6 * (width - 1)))
      for (let byte = 1; byte < width; byte += 1)
        idBytes[size + byte] = 0x80 | ((point >> (6 * (width - 1 - byte))) & 63)
    }
    size += width
  }
  return size
}

/** FNV-1a over the bytes, finished as `hash_id` in native/sync/event_entry.hpp. */
export function hashId(bytes: Uint8Array, count: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < count; index += 1) hash = Math.imul(hash ^ bytes[index]!, 0x01000193)
  hash ^= hash >>> 15
  return Math.imul(hash, 0x2c1b3c6d) >>> 0
}
