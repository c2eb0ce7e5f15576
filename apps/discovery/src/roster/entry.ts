import { GOODBYE_COUNTER } from '@earshot/protocol';
import type { RosterEntry } from '@earshot/protocol/ipc';
import { type KnownAddress, withAddress } from './addresses.js';
import type { Shown } from './order.js';
import type { Arrival, LegacySighting, Moment, SignedSighting } from './sighting.js';

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
    addresses: withAddress(old?.addresses ?? [], addressOf(said, arrival, heard)),
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
  return { ...old, addresses: withAddress(old.addresses, addressOf(said, arrival, heard)) };
}

/** By the UDP source, since a legacy announcement proves nothing of what it says. */
export function legacyKey(said: LegacySighting, arrival: Arrival): string {
  return `legacy:${arrival.source}:${said.port}`;
}

export function legacyEntry(said: LegacySighting, arrival: Arrival, heard: Moment): Entry {
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
    addresses: entry.addresses.map(({ address, interface: name, lastHeard, dialable }) => ({
      address,
      interface: name,
      lastHeard,
      dialable,
    })),
  };
}

/** Whether people or the messenger would want to know now; when somebody was last heard can wait. */
export function differs(a: Entry, b: Entry): boolean {
  return fingerprint(a) !== fingerprint(b);
}

function fingerprint(entry: Entry): string {
  const { username, instance, online, maxVersion, busy, status, addresses } = entry;
  const places = addresses.map((one) => [one.address, one.interface, one.dialable]);
  return JSON.stringify([username, instance, online, maxVersion, busy, status, places]);
}

function addressOf(said: SignedSighting, arrival: Arrival, heard: Moment): KnownAddress {
  return {
    address: `${said.ip}:${said.port}`,
    interface: arrival.interface,
    lastHeard: heard.iso,
    dialable: arrival.dialable,
    round: `${said.instance} ${said.counter}`,
  };
}
