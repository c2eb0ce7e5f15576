import { ADDRESSES_PER_PEER } from '@earshot/protocol';
import type { HeardAddress } from '@earshot/protocol/ipc';

/** An address, and the announcement (instance and counter) that last named it: several of one round are equally new. */
export interface KnownAddress extends HeardAddress {
  readonly round: string;
}

/**
 * The addresses after one more was heard: newest first, at most three.
 *
 * A machine with several interfaces announces one address on each, all in one round. The first of a round to arrive
 * stays in front, so that the order does not change with every datagram. A copy of an announcement can only add to what
 * is known: whoever replays it from elsewhere must not make the address look undiallable.
 */
export function withAddress(known: readonly KnownAddress[], heard: KnownAddress): readonly KnownAddress[] {
  const same = known.find(({ address }) => address === heard.address);
  if (same?.round === heard.round) {
    return isProven(heard) && !isProven(same) ? known.map((one) => (one === same ? heard : one)) : known;
  }
  const thisRound = known.filter(({ round }) => round === heard.round);
  const older = known.filter((one) => one !== same && one.round !== heard.round);
  return [...thisRound, heard, ...older].slice(0, ADDRESSES_PER_PEER);
}

/** The announcer itself was there. */
export function isProven({ dialable, beyond }: HeardAddress): boolean {
  return dialable || beyond === true;
}
