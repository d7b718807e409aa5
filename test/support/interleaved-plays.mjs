/**
 * Short plays of two participants of one region: `first` is an operation of the one, in which the other comes with `meanwhile`, at
 * whichever step; `after` looks at what they left. `judge`: the sequential model that must explain the calls, or null: the play itself
 * says what is wrong. `reservable`: how many events are there to be reserved. Plain JavaScript: interleaving-worker.mjs runs them,
 * with calls that it records.
 */
const capital = 10
const longLeaseNs = 1e15
const shortLeaseNs = 1_000

/** Ids of the registry's plays: the first three are in one bucket, the others in other ones. */
const [x, y, z, elsewhere, filling] = [0, 1, 2, 3, 4]

/** Three slots: the other's, then the one's, then the other's. The root names a block of the other's. */
function threeSlots(one, other, leaseNs = longLeaseNs) {
  const [first] = other.reserve([0, capital])
  const [token] = one.reserve([1, capital], leaseNs)
  other.reserve([2, capital])
  return { first, token }
}

/** The other changes the ledger twice, the second time in the block that the one may be copying: each slot moves up by one. */
function moveUp(other, first) {
  other.release(first)
  other.reserve([0, capital])
}

export const plays = {
  'a ring is read': {
    judge: null,
    play(one, other) {
      other.publish(5)
      return { first: () => one.readRing(), meanwhile: () => other.publish(5) }
    },
  },
  'a ring is claimed': {
    judge: null,
    play: (one, other) => ({
      first: () => one.claimRing(),
      meanwhile: () => other.claimRing(),
      after: () => one.expect(one.isWriter() !== other.isWriter(), 'a ring has two writers, or none'),
    }),
  },
  'an event is read whose entry is used again': {
    judge: 'registry',
    play(one, other) {
      const handle = one.register(x)
      const reuse = () => {
        other.retire(x, handle)
        other.register(y)
      }
      return { first: () => one.get(x, handle), meanwhile: reuse }
    },
  },
  'an event is moved whose entry is used again': {
    judge: 'registry',
    play(one, other) {
      const handle = one.register(x)
      const reuse = () => {
        other.retire(x, handle)
        other.register(y)
      }
      return { first: () => one.transition(x, handle, 1), meanwhile: reuse, after: () => one.getById(y) }
    },
  },
  'the id of an event is read whose entry is used again': {
    judge: null,
    play(one, other) {
      const handle = one.register(x)
      const reuse = () => {
        other.retire(x, handle)
        other.register(y)
      }
      return { first: () => one.expectIdOf(handle, x), meanwhile: reuse }
    },
  },
  'an event is retired while its bucket takes another': {
    judge: 'registry',
    play(one, other) {
      const handle = one.register(x)
      return {
        first: () => one.retire(x, handle),
        meanwhile: () => other.register(y),
        after: () => one.getById(y),
      }
    },
  },
  'an event is retired by two': {
    judge: 'registry',
    play(one, other) {
      const handle = one.register(x)
      return { first: () => one.retire(x, handle), meanwhile: () => other.retire(x, handle) }
    },
  },
  'an id is registered by two': {
    judge: 'registry',
    play: (one, other) => ({ first: () => one.register(x), meanwhile: () => other.register(x) }),
  },
  'an id is looked for behind an entry that is used again': {
    judge: 'registry',
    play(one, other) {
      one.register(x)
      const between = one.register(y)
      // At the head, so that the bucket leads where it did: only its tag says that something left.
      one.register(z)
      const reuse = () => {
        other.retire(y, between)
        other.register(elsewhere)
      }
      return { first: () => one.getById(x), meanwhile: reuse }
    },
  },
  'an id of a full table is registered': {
    judge: 'registry',
    play(one, other, capacity) {
      one.register(x)
      const before = one.register(y)
      for (let used = 2; used < capacity; used += 1) one.register(filling + used)
      const reuse = () => {
        other.retire(y, before)
        other.register(elsewhere)
      }
      return { first: () => one.register(x), meanwhile: reuse }
    },
  },
  'an event is reserved by two': {
    judge: 'ledger',
    reservable: 3,
    play: (one, other) => ({ first: () => one.reserve([0, capital]), meanwhile: () => other.reserve([0, capital]) }),
  },
  'a reservation fits before and after every change': {
    judge: 'ledger',
    reservable: 3,
    play(one, other) {
      // Held are 50 before and after, of 100; the first slot as it was and the second as it is hold 80.
      const [token] = other.reserve([0, 40, 1, 10])
      const change = () => {
        other.release(token)
        other.reserve([0, 40])
      }
      return { first: () => one.reserve([2, 50]), meanwhile: change }
    },
  },
  'a token is submitted while its slot moves': {
    judge: 'ledger',
    reservable: 3,
    play(one, other) {
      const { first, token } = threeSlots(one, other)
      return { first: () => one.submit(token), meanwhile: () => moveUp(other, first) }
    },
  },
  'a token is released while its slot moves': {
    judge: 'ledger',
    reservable: 3,
    play(one, other) {
      const { first, token } = threeSlots(one, other)
      return { first: () => one.release(token), meanwhile: () => moveUp(other, first) }
    },
  },
  'a lease ends while its slot moves': {
    judge: null,
    reservable: 3,
    play(one, other) {
      const { first } = threeSlots(one, other, shortLeaseNs)
      return { first: () => one.expectRecovered(shortLeaseNs, 1), meanwhile: () => moveUp(other, first) }
    },
  },
  'the ledger is read while slots move': {
    judge: 'ledger',
    reservable: 3,
    play(one, other) {
      const { first } = threeSlots(one, other)
      return { first: () => one.account(), meanwhile: () => moveUp(other, first) }
    },
  },
  'a change is read in the middle': {
    judge: 'ledger',
    reservable: 3,
    play(one, other) {
      const [token] = one.reserve([0, capital, 1, capital])
      return { first: () => one.release(token), meanwhile: () => other.account() }
    },
  },
  'a token is released by two, and its event reserved again': {
    judge: 'ledger',
    reservable: 3,
    play(one, other) {
      const [token] = one.reserve([0, capital])
      const again = () => {
        other.release(token)
        other.reserve([0, capital])
      }
      return { first: () => one.release(token), meanwhile: again }
    },
  },
  'a token is submitted by two': {
    judge: 'ledger',
    reservable: 3,
    play(one, other) {
      const [token] = one.reserve([0, capital])
      return { first: () => one.submit(token), meanwhile: () => other.submit(token) }
    },
  },
  'an event is reserved while its position is settled': {
    judge: 'ledger',
    reservable: 3,
    play(one, other) {
      const [token] = other.reserve([0, capital])
      other.submit(token)
      return { first: () => one.reserve([0, capital]), meanwhile: () => other.release(token, true) }
    },
  },
  'an event is reserved whose entry is used again': {
    judge: null,
    play(one, other) {
      const handle = one.register(x)
      const reuse = () => {
        other.retire(x, handle)
        other.register(y)
      }
      return { first: () => one.expectReservedAs(handle, x), meanwhile: reuse }
    },
  },
}
