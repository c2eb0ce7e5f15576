/**
 * Everybody we know of, in one view: contacts from the store, whoever discovery hears, and who has a session right
 * now (a live session is as good a sign of presence as an announcement). Keyed by identity; a name is a label.
 */
import type { HistoryWriter, StoredPeer } from '@earshot/history';
import { AWAY_AFTER_MS, foldName, sameName } from '@earshot/protocol';
import type { HeardAddress, Peer, RosterEntry, Trust } from '@earshot/protocol/ipc';
import { KnownNames } from './known-names.js';

/** What the directory needs to know of a confirmed session. */
export interface LiveSession {
  /** Where the peer can be dialled, proved by this session. */
  readonly address: string;
}

export interface DirectoryOptions {
  readonly history: HistoryWriter;
  readonly liveSession: (peerId: string) => LiveSession | undefined;
  /** How far away an address was when it last answered, ms. */
  readonly roundTripOf: (address: string) => number | undefined;
  /** Where an accepted peer may be, as another one says. */
  readonly passedOnAddress: (peerId: string) => string | undefined;
  readonly publish: (peer: Peer) => void;
  /** Somebody goes by the name of another person, whom the user has pinned. */
  readonly nameClaimed: (peer: Peer) => void;
}

/** Key of a peer in our own process: its id, or what discovery calls one without. */
type PeerKey = string;

const MIN_PREFIX = 4;
const MAX_CANDIDATES = 20;
/** Pinned ones first: a crowd of strangers under one name must not push them out of the candidates. */
const TRUST_ORDER: readonly Trust[] = ['verified', 'accepted', 'new', 'blocked', 'legacy'];
/** Addresses of one announcement arrive closer together than this. */
const ONE_ANNOUNCEMENT_MS = 100;
const NEVER = new Date(0).toISOString();

export class Directory {
  private readonly roster = new Map<PeerKey, RosterEntry>();
  /** What was last published of each, so that only changes are. */
  private readonly published = new Map<PeerKey, string>();
  private readonly knownNames = new KnownNames();
  private unconfirmed = new Set<PeerKey>();
  private doubt: NodeJS.Timeout | undefined;

  constructor(private readonly options: DirectoryOptions) {
    for (const { id, username, trust } of options.history.peers())
      if (isPinned(trust)) this.knownNames.set(id, username);
  }

  /**
   * Discovery starts over, or is gone. Who was heard a moment ago is still around as far as anybody can know: only those
   * whom it does not name again within the time that makes a silent peer away are dropped.
   */
  resetRoster(): void {
    this.unconfirmed = new Set(this.roster.keys());
    clearTimeout(this.doubt);
    this.doubt = setTimeout(() => {
      for (const key of this.unconfirmed) this.forget(key);
    }, AWAY_AFTER_MS);
    this.doubt.unref();
  }

  /** Nobody is forgotten after this: the history may be closed. */
  stop(): void {
    clearTimeout(this.doubt);
  }

  /** Returns what discovery knew before, so that the caller sees a restart or a return. */
  heard(entry: RosterEntry): RosterEntry | undefined {
    const before = this.roster.get(entry.key);
    this.roster.set(entry.key, entry);
    this.unconfirmed.delete(entry.key);
    this.changed(entry.key);
    return before;
  }

  forget(key: PeerKey): void {
    if (this.roster.delete(key)) this.changed(key);
  }

  /** Something about this peer may be different now: tells the listeners if it is. */
  changed(key: PeerKey): void {
    const peer = this.find(key);
    if (peer === undefined) {
      this.published.delete(key);
      return;
    }
    const renamed = peer.id === null ? [] : this.knownNames.set(peer.id, isPinned(peer.trust) ? peer.username : null);
    this.publish(key, peer);
    // From one name to another, while pinned: whose the other one was may be meant no less.
    if (renamed.length === 2 && this.knownNames.ownerBeside(key, peer.username) !== undefined)
      this.options.nameClaimed(peer);
    if (renamed.length === 0) return;
    // A pinned name is given or given up: that says something else of everybody who goes by it.
    for (const other of this.all()) {
      if (other.id !== null && other.id !== key && renamed.includes(foldName(other.username)))
        this.publish(other.id, other);
    }
  }

  private publish(key: PeerKey, peer: Peer): void {
    const text = JSON.stringify(peer);
    if (this.published.get(key) === text) return;
    this.published.set(key, text);
    this.options.publish(peer);
    if (peer.namesakeOf !== undefined) this.options.nameClaimed(peer);
  }

  all(): Peer[] {
    const keys = new Set<PeerKey>(this.roster.keys());
    for (const row of this.options.history.peers()) keys.add(row.id);
    return [...keys].flatMap((key) => this.find(key) ?? []);
  }

  find(key: PeerKey): Peer | undefined {
    const entry = this.roster.get(key);
    const row = entry?.id === null ? null : this.options.history.peer(key);
    if (entry === undefined && row === null) return undefined;
    const live = this.options.liveSession(key);
    const username = entry?.username ?? row?.username ?? '';
    const trust = trustOf(entry, row);
    const namesakeOf = trust === 'new' ? this.ownerBeside(key, username) : undefined;
    const lastSeen = [entry?.lastSeen, row === null ? undefined : new Date(row.lastSeen).toISOString()];
    return {
      id: entry === undefined ? key : entry.id,
      username,
      address: whereabouts(live, entry) ?? row?.provedAddress ?? '',
      presence: live !== undefined || entry?.presence === 'online' ? 'online' : 'away',
      lastSeen:
        lastSeen
          .filter((time) => time !== undefined)
          .sort()
          .at(-1) ?? NEVER,
      trust,
      ...(namesakeOf === undefined ? {} : { namesakeOf }),
      ...(entry?.busy === true ? { busy: true as const } : {}),
      ...(entry?.status ? { status: entry.status } : {}),
    };
  }

  /** A pinned peer, other than this one, that goes by the name. */
  private ownerBeside(key: PeerKey, username: string): { id: string; username: string } | undefined {
    const id = this.knownNames.ownerBeside(key, username);
    return id === undefined ? undefined : { id, username: this.find(id)?.username ?? username };
  }

  rosterEntry(peerId: string): RosterEntry | undefined {
    return this.roster.get(peerId);
  }

  /** Where a peer was heard, nearest first: on a network of ours, then the quickest to answer, then the newest. */
  heardAddresses(peerId: string): (HeardAddress & { roundTripMs: number | null })[] {
    const addresses = (this.roster.get(peerId)?.addresses ?? []).map((heard) => ({
      ...heard,
      roundTripMs: this.options.roundTripOf(heard.address) ?? null,
    }));
    const beyond = ({ interface: name }: HeardAddress) => (name === '' ? 1 : 0);
    return addresses.sort(
      (a, b) => beyond(a) - beyond(b) || compare(a.roundTripMs ?? Infinity, b.roundTripMs ?? Infinity),
    );
  }

  /** Where an announced or stored peer may be dialled, best first (presence-v1 §6); where it was only proved once, last. */
  addressesOf(peerId: string): string[] {
    const row = this.options.history.peer(peerId);
    const pinned = row !== null && isPinned(row.trust);
    const dialable = this.heardAddresses(peerId).filter((heard) => heard.dialable || (pinned && heard.beyond === true));
    const proved = row?.provedAddress;
    const passedOn = this.options.passedOnAddress(peerId);
    const others = [proved, passedOn].filter((address) => address != null);
    return [...new Set([...dialable.map((a) => a.address), ...others])];
  }

  /**
   * Whom a user can mean: a name, `name#tag`, or the beginning of an id (4 characters or more). Everybody of that name is a
   * candidate, trusted or not, and however written: whom to believe is not decided by a look-up. Pinned ones first.
   */
  resolve(query: string): Peer[] {
    const wanted = query.normalize('NFC');
    const hash = wanted.lastIndexOf('#');
    const name = hash === -1 ? wanted : wanted.slice(0, hash);
    const prefix = wanted.slice(hash + 1).toLowerCase();
    const isMeant = ({ id, username }: Peer) => {
      const named = wanted !== '' && wanted !== '#' && sameName(username, name);
      const fits = prefix.length >= MIN_PREFIX && id?.startsWith(prefix) === true;
      return hash === -1 ? named || fits : named && (prefix === '' || fits);
    };
    const candidates = this.all().filter(isMeant);
    // The original program's users cannot be written to: they are named only where nobody else is meant.
    const able = candidates.filter(({ id }) => id !== null);
    return firstPinned(able.length > 0 ? able : candidates);
  }

  /** Others with an identity who go by the name of this one. */
  namesakes({ id, username }: Peer): Peer[] {
    if (username === '') return [];
    return firstPinned(
      this.all().filter((other) => other.id !== null && other.id !== id && sameName(other.username, username)),
    );
  }
}

/** Two that are unknown are equal, and stay as they came. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function firstPinned(peers: Peer[]): Peer[] {
  return peers.sort((a, b) => TRUST_ORDER.indexOf(a.trust) - TRUST_ORDER.indexOf(b.trust)).slice(0, MAX_CANDIDATES);
}

/** A session outlives the address at which it was made by some seconds; whoever announces another one since is there. */
function whereabouts(live: LiveSession | undefined, entry: RosterEntry | undefined): string | undefined {
  const newest = entry?.addresses[0];
  const proved = entry?.addresses.find(({ address }) => address === live?.address);
  const heardMs = ({ lastHeard }: HeardAddress): number => Date.parse(lastHeard);
  if (newest !== undefined && proved !== undefined && heardMs(newest) - heardMs(proved) > ONE_ANNOUNCEMENT_MS)
    return newest.address;
  return live?.address ?? newest?.address;
}

function isPinned(trust: Trust): boolean {
  return trust === 'accepted' || trust === 'verified';
}

function trustOf(entry: RosterEntry | undefined, row: StoredPeer | null): Trust {
  return entry?.id === null ? 'legacy' : (row?.trust ?? 'new');
}
