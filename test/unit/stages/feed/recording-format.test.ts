import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findRecordings } from '../../../../src/stages/feed/recording-file.ts'
import { type RecordingFormat, shapeRowsMax } from '../../../../src/stages/feed/recording-format.ts'
import { contextLine, RecordingFolder, tradeLine } from './recordings.ts'

let folder: RecordingFolder
beforeEach(() => {
  folder = new RecordingFolder()
})
afterEach(() => folder.remove())

const forcedOrder = 'LRC,SELL,LIMIT,IOC,226,0.16815,0.17057,FILLED,226,226,1737908829829,38.0019'
const aggTrade = '1737897220002, BTCUSDT, 2541757614, 104943.5, 0.15, 1737897219873, False'
const trades = '{"channel":"trades","data":[]}'
const ticker = '{"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":1,"s":"BTCUSDT"}}'

async function formatOf(name: string, content: readonly string[] | Buffer): Promise<RecordingFormat> {
  return (await findRecordings([folder.write(name, content)]))[0]!.format
}

describe('recording format', () => {
  test('recording format: a file of one symbol is known by its name', async () => {
    for (const [name, format] of [
      ['trades_BTC_20260617.jsonl.gz', 'hyperliquid_trades'],
      ['ctx_kPEPE_a.jsonl', 'hyperliquid_contexts'],
      ['l2_@107_a.jsonl', 'hyperliquid_books'],
    ] as const) {
      const [file] = await findRecordings([folder.write(name, [])])
      expect(file).toMatchObject({ format, symbol: name.split('_')[1] })
    }
  })

  test('recording format: every other file is known by its first rows, whatever it is called', async () => {
    for (const [format, line] of [
      ['binance_forced_orders', forcedOrder],
      ['binance_forced_orders', `${forcedOrder},100`],
      ['binance_trades', aggTrade],
      ['binance_trades', `${aggTrade}, 15741.52, 25`],
      ['hyperliquid_session', `1737918843893903000 ${trades}`],
      ['hyperliquid_session', `1737918843.893: ${trades}`],
      ['binance_session', `1723161255088169167 ${ticker}`],
      ['binance_session', `1626992741.06217: ${ticker}`],
      ['binance_session', '1723161255088169167 {"e":"trade","E":1,"s":"BTCUSDT"}'],
      ['binance_session', 'wss://fstream.binance.com/stream?streams=a@b <-> 1626992740.179554'],
    ] as const) {
      for (const name of ['binance_trades.csv', 'a.txt', 'b.gz']) {
        expect(await formatOf(name, ['', line]), line).toBe(format)
        expect(await formatOf(name, ['symbol,side,cut off', line]), line).toBe(format)
      }
    }
  })

  test('recording format: packed content under a name that does not say so is unpacked', async () => {
    expect(await formatOf('orders', gzipSync(`${forcedOrder}\n`))).toBe('binance_forced_orders')
  })

  test('recording format: what neither name nor first rows tell is refused in one line', async () => {
    const refused = async (name: string, content: readonly string[] | Buffer, words: RegExp): Promise<void> => {
      const path = folder.write(name, content)
      const refusal = await findRecordings([path]).then(
        () => null,
        (error: unknown) => error,
      )
      expect(refusal).toMatchObject({ code: 'ERR_INPUT', field: path, message: expect.stringMatching(words) })
      expect((refusal as Error).message).not.toContain('\n')
    }
    const unknown = /is no recording that is known: neither its name nor its first rows tell; expected trades_/
    await refused('empty.csv', [], unknown)
    await refused('notes.txt', ['to whom it may concern'], unknown)
    await refused('object.json', ['{', '"name": 1', '}'], unknown)
    await refused('late.csv', [...Array.from({ length: shapeRowsMax }, () => 'x'), forcedOrder], unknown)
    await refused('session', ['1737918843893903000 {"type":"snapshot"}'], unknown)
    await refused(
      'book_BTC_1.jsonl',
      [tradeLine(1)],
      /holds rows of one symbol, which only the name tells; expected trades_<SYMBOL>_/,
    )
    await refused('ctx_BTC.jsonl', [contextLine(1)], /expected ctx_<SYMBOL>_/)
    await refused('renamed.jsonl', ['{"ts":1781999997890,"bids":[],"asks":[]}'], /expected l2_<SYMBOL>_/)
    await refused('a.csv.gz', Buffer.from(forcedOrder), /is not gzip, or corrupt/)
  })

  test('recording format: a session of another venue is refused by the venue’s address', async () => {
    for (const [url, host] of [
      ['wss://www.bitmex.com/realtime', 'www.bitmex.com'],
      ['wss://ws.okx.com:8443/ws/v5/public', 'ws.okx.com:8443'],
      ['wss://stream.binance.com/ws', 'stream.binance.com'],
    ] as const) {
      const path = folder.write('session', [
        `${url} <-> 1626993367.388005`,
        `${url} <- 1626993367.9: {"op":"subscribe"}`,
      ])
      await expect(findRecordings([path])).rejects.toMatchObject({
        code: 'ERR_INPUT',
        message: `${path}: is a raw session of ${host}, which Signalbox does not read (it reads api.hyperliquid.xyz and fstream.binance.com)`,
      })
    }
  })

  test('recording format: the order of the merge’s ties is format, then symbol, then name, whatever the order of the arguments', async () => {
    const names = [
      'ctx_ETH_1.jsonl',
      'trades_BTC_1.jsonl',
      'trades_ETH_0.jsonl',
      'a_trades.csv',
      'orders.csv',
      'l2_BTC_1.jsonl',
      'hl',
      'bn',
    ]
    const content: Record<string, string> = {
      'a_trades.csv': aggTrade,
      'orders.csv': forcedOrder,
      hl: `1737918843893903000 ${trades}`,
      bn: `1723161255088169167 ${ticker}`,
    }
    const paths = names.map((name) => folder.write(name, [content[name] ?? '']))
    const sorted = await findRecordings([...paths].reverse())
    expect(sorted.map(({ name }) => name)).toEqual(names)
  })
})
