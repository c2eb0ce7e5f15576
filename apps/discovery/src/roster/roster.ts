import { AWAY_AFTER_MS, ROSTER_MAX, ROSTER_MAX_PER_IP } from '@earshot/protocol';
import type { DiscoveryContract, EventOf } from '@earshot/protocol/ipc';
import type { Silent } from '../questions.js';
import { isProven } from './addresses.js';
import { differs, type Entry, legacyEntry, legacyKey, published, relocated, renewed } from './entry.js';
import { judge, type Verdict } from './order.js';
import type { Arrival, LegacySighting, Moment, SignedSighting } from './sighting.js';

export type RosterEvent = EventOf<DiscoveryContract>;

/** `full`: refused, since the table or the source's share of it is taken by others. */
export type Outcome = Verdict | 'full';

/**
 * Somebody who is only heard again is published this often at most: with every announcement while there are few, and
 * the more there are, the more rarely, so that the others are not kept busy with it.
 */
const HEARTBEAT_MS = 7_000;
const HEARTBEAT_PER_PEER_MS = 20;
/** A stranger who has been away this long is forgotten. */
const FORGET_AFTER_MS = 60 * 60_000;

interface Row {
  entry: Entry;
  /** When it was last published. */
  publishedMs: number;
}

/**
 * Who is around. Pure: it is told what was heard and when, and answers with the events that tell the others.
 *
 * A bounded table: strangers get a place while there is one, or that of a stranger who is away, but never push out
 * somebody who is here. People whom the user accepted always have a place and take nobody's.
 */
export class Roster {
  private readonly rows = new Map<string, Row>();
  private accepted: ReadonlySet<string> = new Set();

  constructor(private readonly limits = { total: ROSTER_MAX, perIp: ROSTER_MAX_PER_IP }) {}

  get size(): number {
    return this.rows.size;
  }

  /** Ids of the people whom the user accepted or verified. */
  accept(ids: ReadonlySet<string>): void {
    this.accepted = ids;
  }

  entries(): Entry[] {
    return [...this.rows.values()].map(({ entry }) => entry);
  }

  /** The events that build the roster as it is. */
  snapshot(): RosterEvent[] {
    return this.entries().map(asEvent);
  }

  /** Signed addresses of the people who are here but whom no broadcast of ours may reach. */
  beyond(): string[] {
    const places = this.entries().flatMap(({ online, id, addresses }) =>
      online && id !== null ? addresses.slice(0, 1) : [],
    );
    return places.filter(({ dialable }) => !dialable).map(({ address }) => ipOf(address));
  }

  /** Whether somebody was heard over IPv4 while that was any use: what IPv6 alone brings proves no address to dial. */
  isHeardOverIpv4(id: string, nowMs: number): boolean {
    const { broadcast, multicast, unicast } = this.rows.get(id)?.entry.heardBy ?? {};
    return [broadcast, multicast, unicast].some((heard) => heard !== undefined && nowMs - heard.ms < AWAY_AFTER_MS);
  }

  /** For every address, how long ago whoever announced it was last heard, by whatever way, ms. */
  silences(nowMs: number): Map<string, number> {
    const byIp = new Map<string, number>();
    for (const { heard, addresses } of this.entries()) {
      for (const { address } of addresses) {
        const ip = ipOf(address);
        byIp.set(ip, Math.min(byIp.get(ip) ?? Infinity, nowMs - heard.ms));
      }
    }
    return byIp;
  }

  /** The people who are here but were not heard for so long, with the addresses where they have been. */
  silent(nowMs: number, forMs: number): Silent[] {
    return this.entries()
      .filter(({ online, id, heard }) => online && id !== null && nowMs - heard.ms >= forMs)
      .map(({ key, addresses }) => ({
        key,
        ips: [...new Set(addresses.filter(isProven).map(({ address }) => ipOf(address)))],
      }));
  }

  hear(said: SignedSighting, arrival: Arrival, at: Moment): { outcome: Outcome; events: RosterEvent[] } {
    const old = this.rows.get(said.id)?.entry;
    const outcome = judge(old, said);
    switch (outcome) {
      case 'stale':
        return { outcome, events: [] };
      case 'left':
        return { outcome, events: old === undefined ? [] : this.put({ ...old, ended: true, online: false }, at) };
      case 'copy':
        // It may add an address, but a recording of the newest announcement makes nobody present.
        return { outcome, events: old ? this.put(relocated(old, said, arrival, at), at) : [] };
      case 'new': {
        const removed = this.makeRoom(said.id, arrival.source);
        if (removed === undefined) return { outcome: 'full', events: [] };
        return { outcome, events: [...removed, ...this.put(renewed(undefined, said, arrival, at), at)] };
      }
      default:
        return { outcome, events: this.put(renewed(old, said, arrival, at), at) };
    }
  }

  hearLegacy(said: LegacySighting, arrival: Arrival, at: Moment): { outcome: Outcome; events: RosterEvent[] } {
    const key = legacyKey(said, arrival);
    const known = this.rows.has(key);
    const removed = known ? [] : this.makeRoom(key, arrival.source);
    if (removed === undefined) return { outcome: 'full', events: [] };
    const events = [...removed, ...this.put(legacyEntry(this.rows.get(key)?.entry, said, arrival, at), at)];
    return { outcome: known ? 'newer' : 'new', events };
  }

  /** Turns away whoever was not heard for three announcements, and forgets strangers who are long gone. */
  expire(now: Moment): RosterEvent[] {
    const events: RosterEvent[] = [];
    for (const { entry } of this.rows.values()) {
      const silentMs = now.ms - entry.heard.ms;
      if (entry.online && silentMs >= AWAY_AFTER_MS) events.push(...this.put({ ...entry, online: false }, now));
      else if (silentMs >= FORGET_AFTER_MS && !this.accepted.has(entry.key)) events.push(this.remove(entry.key));
    }
    return events;
  }

  private get heartbeatMs(): number {
    return Math.max(HEARTBEAT_MS, HEARTBEAT_PER_PEER_MS * this.rows.size);
  }

  private put(entry: Entry, at: Moment): RosterEvent[] {
    const row = this.rows.get(entry.key);
    const worthTelling = row === undefined || differs(row.entry, entry) || at.ms - row.publishedMs >= this.heartbeatMs;
    this.rows.set(entry.key, { entry, publishedMs: worthTelling ? at.ms : row.publishedMs });
    return worthTelling ? [asEvent(entry)] : [];
  }

  private remove(key: string): RosterEvent {
    this.rows.delete(key);
    return { event: 'roster.removed', key };
  }

  /** What had to go for a newcomer to have a place, or undefined when there is none. */
  private makeRoom(key: string, source: string): RosterEvent[] | undefined {
    if (this.accepted.has(key)) return [];
    let [strangers, neighbours] = [0, 0];
    let goner: Entry | undefined;
    let nearGoner: Entry | undefined;
    // One look at each and no list: this is what a flood of newcomers costs.
    for (const { entry } of this.rows.values()) {
      if (this.accepted.has(entry.key)) continue;
      strangers++;
      goner = longerAway(goner, entry);
      if (entry.origin !== source) continue;
      neighbours++;
      nearGoner = longerAway(nearGoner, entry);
    }
    const crowded = neighbours >= this.limits.perIp;
    if (!crowded && strangers < this.limits.total) return [];
    const leaving = crowded ? nearGoner : goner;
    return leaving === undefined ? undefined : [this.remove(leaving.key)];
  }
}

function longerAway(a: Entry | undefined, b: Entry): Entry | undefined {
  if (b.online) return a;
  return a === undefined || b.heard.ms < a.heard.ms ? b : a;
}

function asEvent(entry: Entry): RosterEvent {
  return { event: 'roster', ...published(entry) };
}

function ipOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
