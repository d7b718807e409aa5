/** What the channel's cases send: a record of 128 bytes, sixteen numbers that a fill may have, and its codecs. */
import { numbersCodec } from '../../dist/channel/codec.js'

export const fields = [
  ...[
    'sequence',
    'timeNs',
    'symbol',
    'side',
    'priceTicks',
    'quantityLots',
    'bidTicks',
    'askTicks',
    'bidLots',
    'askLots',
  ],
  ...['markTicks', 'fundingRate', 'feeMinor', 'token', 'strategy', 'score'],
]

/** Of every record its sequence counts, and the last field says it again: a record that is not whole is seen. */
export function recordOf(sequence) {
  const record = byHand.create()
  for (const [at, field] of fields.entries()) record[field] = at + 0.25
  record.sequence = sequence
  record.score = sequence
  return record
}

export const numbers = numbersCodec(fields)

export const byHand = {
  size: fields.length,
  write(record, values, at) {
    values[at] = record.sequence
    values[at + 1] = record.timeNs
    values[at + 2] = record.symbol
    values[at + 3] = record.side
    values[at + 4] = record.priceTicks
    values[at + 5] = record.quantityLots
    values[at + 6] = record.bidTicks
    values[at + 7] = record.askTicks
    values[at + 8] = record.bidLots
    values[at + 9] = record.askLots
    values[at + 10] = record.markTicks
    values[at + 11] = record.fundingRate
    values[at + 12] = record.feeMinor
    values[at + 13] = record.token
    values[at + 14] = record.strategy
    values[at + 15] = record.score
  },
  read(values, at, into) {
    into.sequence = values[at]
    into.timeNs = values[at + 1]
    into.symbol = values[at + 2]
    into.side = values[at + 3]
    into.priceTicks = values[at + 4]
    into.quantityLots = values[at + 5]
    into.bidTicks = values[at + 6]
    into.askTicks = values[at + 7]
    into.bidLots = values[at + 8]
    into.askLots = values[at + 9]
    into.markTicks = values[at + 10]
    into.fundingRate = values[at + 11]
    into.feeMinor = values[at + 12]
    into.token = values[at + 13]
    into.strategy = values[at + 14]
    into.score = values[at + 15]
  },
  create: () => ({
    sequence: 0,
    timeNs: 0,
    symbol: 0,
    side: 0,
    priceTicks: 0,
    quantityLots: 0,
    bidTicks: 0,
    askTicks: 0,
    bidLots: 0,
    askLots: 0,
    markTicks: 0,
    fundingRate: 0,
    feeMinor: 0,
    token: 0,
    strategy: 0,
    score: 0,
  }),
}

/** What MessagePort is handed, by how it is written here. */
export const payloads = {
  'an object': {
    create: recordOf,
    sequenceOf: (message) => message.sequence,
    write: (record, sequence) => {
      record.sequence = sequence
      record.score = sequence
    },
  },
  'a Float64Array': {
    create: (sequence) => {
      const values = new Float64Array(fields.length)
      byHand.write(recordOf(sequence), values, 0)
      return values
    },
    sequenceOf: (values) => values[0],
    write: (values, sequence) => {
      values[0] = sequence
      values[fields.length - 1] = sequence
    },
  },
}
