/**
 * Passes on where accepted peers are to other accepted peers, and takes the same from them (wire-v1 §5.7, PEERS). What was
 * passed on is a place to ask and to dial, never a person who is present: discovery asks there, the handshake decides.
 */
import { networkInterfaces } from 'node:os';
import {
  decodeAnnouncement,
  FEATURE,
  PASS_ON_INTERVAL_MS,
  PASSED_ON_ADDRESSES_MAX,
  PASSED_ON_ADDRESSES_MAX_PER_PEER,
  PASSED_ON_MAX,
  PASSED_ON_MAX_BYTES,
  ProtocolError,
  splitEarshotField,
  type Announcement,
} from '@earshot/protocol';
import type { RosterEntry } from '@earshot/protocol/ipc';
import { verifyAnnouncement } from '../announcements.js';
import { isForbiddenTarget } from '../net/dial-rules.js';
import type { Session } from '../session/session.js';

/** What exchange needs of a session. */
export type ExchangeSession = Pick<Session, 'peerId' | 'isOpen' | 'result' | 'sendPeers'>;

export interface ExchangeOptions {
  readonly ownId: string;
  /** Accepted or verified by the user. */
  readonly isAccepted: (peerId: string) => boolean;
  readonly isBlocked: (peerId: string) => boolean;
  /** Has discovery ask at these addresses. */
  readonly introduce: (ips: string[]) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Somebody who may be passed on. */
interface Passable {
  /** Blob and signature. */
  readonly announcement: Buffer;
  /** What it says that is of use to others: the same again is no news. */
  readonly place: string;
}

interface Talk {
  /** Places that this session was told of, oldest first. */
  readonly told: Set<string>;
  sentMs: number;
  takenMs: number;
  timer: NodeJS.Timeout | undefined;
}

interface PassedOn {
  readonly address: string;
  /** The peer who said so. */
  readonly from: string;
}

/** What is sent in time may arrive closer together. */
const TAKE_INTERVAL_MS = PASS_ON_INTERVAL_MS / 2;
/** Places remembered per session; whoever moves more often is told of again. */
const TOLD_MAX = 1_024;

export class Exchange {
  private readonly passable = new Map<string, Passable>();
  private readonly talks = new Map<ExchangeSession, Talk>();
  /** By peer id, oldest first. */
  private readonly passedOn = new Map<string, PassedOn>();

  constructor(private readonly options: ExchangeOptions) {}

  /** Messages may flow: what is known goes to whoever may have it. */
  opened(session: ExchangeSession): void {
    this.talks.set(session, { told: new Set(), sentMs: -Infinity, takenMs: -Infinity, timer: undefined });
    this.offer(session);
  }

  closed(session: ExchangeSession): void {
    clearTimeout(this.talks.get(session)?.timer);
    this.talks.delete(session);
  }

  /** What discovery says of somebody now. */
  heard({ id, presence, earshot }: RosterEntry): void {
    if (id === null) return;
    const passable = presence === 'online' && this.options.isAccepted(id) ? passableOf(earshot) : undefined;
    if (passable === undefined) this.passable.delete(id);
    else this.passable.set(id, passable);
    if (passable !== undefined) for (const session of this.talks.keys()) this.offer(session);
  }

  /** Discovery starts over, or is gone: who is online is told anew. */
  reset(): void {
    this.passable.clear();
  }

  forget(peerId: string): void {
    this.passable.delete(peerId);
  }

  /** PEERS arrived. Each announcement stands or falls alone, and from strangers none is looked at. */
  received(session: ExchangeSession, announcements: readonly Buffer[]): void {
    const talk = this.talks.get(session);
    const now = this.options.now();
    if (talk === undefined || !this.options.isAccepted(session.peerId)) return;
    if (now - talk.takenMs < TAKE_INTERVAL_MS) return;
    talk.takenMs = now;
    const ips = announcements.flatMap((one) => this.take(one, session.peerId) ?? []);
    if (ips.length > 0) this.options.introduce([...new Set(ips)]);
  }

  /** Where somebody may be as an accepted peer says; whoever answers there must prove to be that one. */
  addressOf(peerId: string): string | undefined {
    return this.options.isAccepted(peerId) ? this.passedOn.get(peerId)?.address : undefined;
  }

  stop(): void {
    for (const { timer } of this.talks.values()) clearTimeout(timer);
    this.talks.clear();
  }

  private offer(session: ExchangeSession): void {
    const talk = this.talks.get(session);
    if (talk === undefined || talk.timer !== undefined || this.newsFor(session, talk).length === 0) return;
    const waitMs = talk.sentMs + PASS_ON_INTERVAL_MS - this.options.now();
    if (waitMs <= 0) {
      this.tell(session, talk);
      return;
    }
    talk.timer = setTimeout(() => {
      talk.timer = undefined;
      this.tell(session, talk);
    }, waitMs);
  }

  private tell(session: ExchangeSession, talk: Talk): void {
    const news = this.newsFor(session, talk);
    if (news.length === 0) return;
    talk.sentMs = this.options.now();
    for (const { place } of news) talk.told.add(place);
    for (const place of talk.told) if (talk.told.size > TOLD_MAX) talk.told.delete(place);
    session.sendPeers(news.map(({ announcement }) => announcement));
    this.offer(session);
  }

  /** What the session's peer was not told yet, as much as one record takes. Trust is read anew: it may have ended. */
  private newsFor(session: ExchangeSession, { told }: Talk): Passable[] {
    const { isAccepted } = this.options;
    const features = session.result?.extensions.features ?? 0;
    if (!session.isOpen || (features & FEATURE.exchange) === 0 || !isAccepted(session.peerId)) return [];
    return [...this.passable]
      .filter(([id, { place }]) => id !== session.peerId && !told.has(place) && isAccepted(id))
      .slice(0, PASSED_ON_MAX)
      .map(([, passable]) => passable);
  }

  /** The IP of an announcement that holds, after its address was noted. */
  private take(announcement: Buffer, from: string): string | undefined {
    const said = readAnnouncement(announcement);
    // The signature last: it is what costs.
    if (said === undefined || !said.passOn || said.goodbye || isNoPlace(said)) return undefined;
    const id = verifyAnnouncement(announcement.toString('base64url'));
    if (id === null || id === this.options.ownId || id === from || this.options.isBlocked(id)) return undefined;
    this.passedOn.delete(id);
    this.passedOn.set(id, { address: `${said.ip}:${said.port}`, from });
    this.makeRoom(from);
    return said.ip;
  }

  /** One peer's many go before another's few. */
  private makeRoom(from: string): void {
    const all = [...this.passedOn];
    const own = all.filter(([, one]) => one.from === from);
    const [oldest] = own.length > PASSED_ON_ADDRESSES_MAX_PER_PEER ? own : all;
    const full = own.length > PASSED_ON_ADDRESSES_MAX_PER_PEER || all.length > PASSED_ON_ADDRESSES_MAX;
    if (full && oldest !== undefined) this.passedOn.delete(oldest[0]);
  }
}

function passableOf(earshot: string | undefined): Passable | undefined {
  const announcement = earshot === undefined ? undefined : Buffer.from(earshot, 'base64url');
  const said = announcement === undefined ? undefined : readAnnouncement(announcement);
  if (announcement === undefined || !said?.passOn) return undefined;
  const place = [said.identity, said.instance].map((bytes) => bytes.toString('hex')).join(' ');
  return { announcement, place: `${place} ${said.ip}:${said.port}` };
}

/** What it says, signature unseen; undefined where it is none, or too long to be passed on. */
function readAnnouncement(bytes: Buffer): Announcement | undefined {
  if (bytes.length > PASSED_ON_MAX_BYTES) return undefined;
  try {
    return decodeAnnouncement(splitEarshotField(bytes.toString('base64url')).blob);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** What nobody may have us ask or dial; loopback is no place that another machine could speak of. */
function isNoPlace({ ip, port }: Announcement): boolean {
  const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return ip.startsWith('127.') || isForbiddenTarget({ ip, port }, interfaces);
}
