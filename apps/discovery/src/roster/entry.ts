import { GOODBYE_COUNTER } from '@earshot/protocol';
import type { HeardBy, RosterEntry } from '@earshot/protocol/ipc';
import { type KnownAddress, withAddress } from './addresses.js';
import type { Shown } from './order.js';
import type { Arrival, LegacySighting, Moment, SignedSighting } from './sighting.js';

type Ways = Readonly<Partial<Record<HeardBy, Moment>>>;

/** One row of the roster. */
export interface Entry extends Shown {
  readonly key: string;
  /** Null for a legacy peer. */
  readonly id: string | null;
  /** UDP source that first told us: its share of the table is bounded. */
  readonly origin: string;
  readonly username: string;
  readonly maxVersion: number;
  readonly busy: boolean;
  readonly status: string;
  readonly online: boolean;
  readonly heard: Moment;
  readonly addresses: readonly KnownAddress[];
  /** When it was last heard by each way. */
  readonly heardBy: Ways;
  /** Of the newest announcement, where it may be passed on. */
  readonly earshot?: string;
}

/** Restarts remembered per identity, so that a recording of an older run does not bring it back. */
const SUPERSEDED_MAX = 16;

/** The entry after an announcement that is newer than what it shows. */
export function renewed(old: Entry | undefined, said: SignedSighting, arrival: Arrival, heard: Moment): Entry {
  const restarted = old !== undefined && old.instance !== said.instance;
  return {
    key: said.id,
    id: said.id,
    origin: old?.origin ?? arrival.source,
    username: said.username,
    instance: said.instance,
    counter: said.counter,
    ended: false,
    superseded: restarted ? superseded(old, said.instance) : (old?.superseded ?? new Map()),
    maxVersion: said.maxVersion,
    busy: said.busy,
    status: said.status,
    online: true,
    heard,
    addresses: withAddress(old?.addresses ?? [], addressOf(old, said, arrival, heard)),
    heardBy: { ...old?.heardBy, [arrival.by]: heard },
    ...(said.earshot === undefined ? {} : { earshot: said.earshot }),
  };
}

/** What is remembered of the instances before the one that is now shown. */
function superseded(old: Entry, shown: string): ReadonlyMap<string, number> {
  const before = [...old.superseded].filter(([instance]) => instance !== shown);
  return new Map<string, number>(
    [[old.instance, old.ended ? GOODBYE_COUNTER : old.counter] as const, ...before].slice(0, SUPERSEDED_MAX),
  );
}

/** The entry after one more copy of its newest announcement. */
export function relocated(old: Entry, said: SignedSighting, arrival: Arrival, heard: Moment): Entry {
  const addresses = withAddress(old.addresses, addressOf(old, said, arrival, heard));
  return { ...old, addresses, heardBy: { ...old.heardBy, [arrival.by]: heard } };
}

/** By the UDP source, since a legacy announcement proves nothing of what it says. */
export function legacyKey(said: LegacySighting, arrival: Arrival): string {
  return `legacy:${arrival.source}:${said.port}`;
}

export function legacyEntry(old: Entry | undefined, said: LegacySighting, arrival: Arrival, heard: Moment): Entry {
  const address = `${arrival.source}:${said.port}`;
  return {
    key: legacyKey(said, arrival),
    id: null,
    origin: arrival.source,
    username: said.username,
    instance: '',
    counter: 0,
    ended: false,
    superseded: new Map(),
    maxVersion: 0,
    busy: false,
    status: '',
    online: true,
    heard,
    // Never dialled: there is nothing there that could prove who it is.
    addresses: [{ address, interface: arrival.interface, lastHeard: heard.iso, dialable: false, round: '' }],
    heardBy: { ...old?.heardBy, [arrival.by]: heard },
  };
}

/** What the other processes see of it. */
export function published(entry: Entry): RosterEntry {
  const { key, id, username, instance, maxVersion, busy, status } = entry;
  return {
    key,
    id,
    username,
    presence: entry.online ? 'online' : 'away',
    lastSeen: entry.heard.iso,
    instance,
    maxVersion,
    busy,
    status,
    addresses: entry.addresses.map(({ address, interface: name, lastHeard, dialable, beyond }) => ({
      address,
      interface: name,
      lastHeard,
      dialable,
      ...(beyond === true ? { beyond } : {}),
    })),
    heardBy: Object.fromEntries(Object.entries(entry.heardBy).map(([way, { iso }]) => [way, iso])),
    ...(entry.earshot === undefined ? {} : { earshot: entry.earshot }),
  };
}

/** Whether people or the messenger would want to know now; when somebody was last heard can wait. */
export function differs(a: Entry, b: Entry): boolean {
  return fingerprint(a) !== fingerprint(b);
}

function fingerprint(entry: Entry): string {
  const { username, instance, online, maxVersion, busy, status, addresses, heardBy } = entry;
  const places = addresses.map((one) => [one.address, one.interface, one.dialable, one.beyond]);
  const ways = Object.keys(heardBy).sort();
  return JSON.stringify([username, instance, online, maxVersion, busy, status, places, ways]);
}

function addressOf(old: Entry | undefined, said: SignedSighting, arrival: Arrival, heard: Moment): KnownAddress {
  const address = `${said.ip}:${said.port}`;
  // What comes over IPv6 proves nothing of an IPv4 address, and takes nothing away from it.
  const known = arrival.by === 'multicast6' ? old?.addresses.find((one) => one.address === address) : undefined;
  return {
    address,
    interface: known?.interface ?? arrival.interface,
    lastHeard: heard.iso,
    dialable: known?.dialable ?? arrival.dialable,
    ...(arrival.beyond ? { beyond: true } : {}),
    round: `${said.instance} ${said.counter}`,
  };
}
