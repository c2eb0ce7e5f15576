/** The parts of the messenger and how they hang together; what each does is in its own folder. */
import { encodePeerId, type IdentityKey } from '@earshot/crypto';
import type { HistoryWriter } from '@earshot/history';
import { createClient, Service, subscribe, type Client, type Subscription } from '@earshot/ipc';
import {
  FEATURE,
  FEED_EVENT_MAX_ITEMS,
  FEED_EVENT_MAX_TEXT_BYTES,
  foldName,
  IpcError,
  USERNAME_MAX_BYTES,
  type ProtocolErrorCode,
} from '@earshot/protocol';
import {
  discoveryContract,
  messengerContract,
  type Change,
  type DiscoveryContract,
  type EventOf,
  type MessengerContract,
  type Peer,
  type RosterEntry,
} from '@earshot/protocol/ipc';
import { Tally, type Logger } from '@earshot/runtime/service';
import { Delivery } from './delivery/delivery.js';
import { Exchange } from './help/exchange.js';
import { Probing } from './help/probing.js';
import { Admission } from './net/admission.js';
import { parseAddress } from './net/dial-rules.js';
import { Dialler } from './net/dialler.js';
import { RoundTrips } from './net/round-trips.js';
import { interfaceWith } from './net/own-addresses.js';
import { TcpListener } from './net/tcp-listener.js';
import { Directory } from './peers/directory.js';
import { messengerHandlers } from './service/handlers.js';
import { SessionHost } from './session/session-host.js';
import { SessionRegistry } from './session/session-registry.js';
import type { Session } from './session/session.js';

export interface MessengerOptions {
  readonly identity: IdentityKey;
  readonly history: HistoryWriter;
  /** Where the services' sockets are. */
  readonly sockets: string;
  readonly port: number;
  readonly policy: 'requests' | 'open';
  readonly exchange: 'on' | 'off';
  readonly version: string;
  readonly log: Logger;
}

/** What we understand beyond revision 2 of wire-v1. */
const FEATURES = FEATURE.exchange | FEATURE.probe;
/** How often idle sessions and sessions due for new keys are looked for. */
const SWEEP_MS = 30_000;
const IMPOSTORS_REMEMBERED = 1_024;
const SETBACKS_REMEMBERED = 1_024;

type Notice = Extract<EventOf<MessengerContract>, { event: 'notice' }>;

export class Messenger {
  private readonly ownId: string;
  /** What strangers can bring about as often as they like, on its way to the log and to the consoles. */
  private readonly tally: Tally;
  private readonly admission: Admission;
  private readonly directory: Directory;
  private readonly delivery: Delivery;
  private readonly registry: SessionRegistry;
  private readonly exchange: Exchange;
  private readonly probing: Probing;
  private readonly dialler: Dialler;
  private readonly host: SessionHost;
  private readonly listener: TcpListener;
  private readonly service: Service<MessengerContract>;
  private readonly roundTrips = new RoundTrips();
  private readonly impostors = new Set<string>();
  private readonly setbacks = new Set<string>();
  private readonly discoveryClient: Client<DiscoveryContract>;
  private discovery: Subscription | undefined;
  private sweep: NodeJS.Timeout | undefined;

  constructor(private readonly options: MessengerOptions) {
    const { identity, history, port, log } = options;
    // Monotonic: nothing here may depend on the wall clock, which people and time servers set back and forth.
    const now = () => performance.now();
    const wallClock = () => Date.now();
    this.ownId = encodePeerId(identity.publicKey);
    this.tally = new Tally(now);
    this.admission = new Admission(now);
    this.directory = new Directory({
      history,
      liveSession: (peerId) => {
        const session = this.registry.current(peerId);
        return session === undefined
          ? undefined
          : { address: dialableAddress(session) ?? history.peer(peerId)?.provedAddress ?? session.remoteAddress };
      },
      roundTripOf: (address) => this.roundTrips.of(address),
      passedOnAddress: (peerId) => this.exchange.addressOf(peerId),
      publish: (peer) => {
        this.service.publish({ event: 'peer', ...peer });
      },
      nameClaimed: (peer) => {
        this.nameClaimed(peer);
      },
    });
    this.registry = new SessionRegistry(
      this.ownId,
      (peerId) => {
        const peer = history.peer(peerId);
        return {
          blocked: peer?.trust === 'blocked',
          accepted: peer?.trust === 'accepted' || peer?.trust === 'verified',
          maxVersion: peer?.maxVersion ?? 0,
        };
      },
      {
        confirmed: (session) => {
          this.sessionConfirmed(session);
        },
        closed: (session, reason, wasConfirmed) => {
          if (!wasConfirmed) return;
          const count = this.countOf('session closed', session.peerId);
          log[count > 0 ? 'info' : 'debug']('session closed', { peer: session.peerId, code: reason, count });
          this.directory.changed(session.peerId);
          this.dialler.lost(session.peerId, now() - session.startedAt);
        },
      },
      now,
    );
    this.delivery = new Delivery({
      history,
      wallClock,
      now,
      acceptStrangers: options.policy === 'open',
      sessionWith: (peerId) => this.registry.current(peerId),
      wantSession: (peerId) => {
        if (this.needsSession(peerId)) this.dialler.want(peerId);
      },
      committed: (before) => {
        this.service.publish({ event: 'feed', upto: history.lastSeq(), ...newsSince(history, before) });
      },
      unreadChanged: (peerId) => {
        this.unreadChanged(peerId);
      },
      trustChanged: (peerId) => {
        this.directory.changed(peerId);
      },
      storeFailed: (error) => {
        log.error('store failed: nothing is acknowledged until it works again', { err: error });
        this.notice('store-failed', '', null);
      },
      storeRecovered: () => {
        log.info('store works again');
        this.notice('store-recovered', '', null);
      },
      restored: (peerId, who) => {
        log.warn('histories differ: an older copy was restored', { peer: peerId, state: who });
        this.noticeSetback(peerId, who);
      },
    });
    this.exchange = new Exchange({
      ownId: this.ownId,
      isAccepted: (peerId) => this.isAccepted(peerId),
      isBlocked: (peerId) => history.peer(peerId)?.trust === 'blocked',
      introduce: (ips) => void this.introduce(ips),
      now,
    });
    this.probing = new Probing({
      heardBy: (peerId) => this.directory.rosterEntry(peerId)?.heardBy,
      now,
      wallClock,
    });
    this.discoveryClient = createClient(discoveryContract, { directory: options.sockets });
    this.dialler = new Dialler({
      addressesOf: (peerId) => this.directory.addressesOf(peerId),
      isWanted: (peerId) => this.needsSession(peerId),
      roundTrips: this.roundTrips,
      open: (socket, dial) => {
        this.host.dialled(socket, dial);
      },
      now,
    });
    this.host = new SessionHost({
      local: () => ({
        identity,
        extensions: { ...nameExtension(history.username()), tcpPort: port, features: FEATURES },
      }),
      registry: this.registry,
      delivery: this.delivery,
      exchange: this.exchange,
      probing: this.probing,
      admission: this.admission,
      isAccepted: (peerId) => this.isAccepted(peerId),
      now,
      answered: (session, roundTripMs) => {
        const address = dialableAddress(session);
        if (address !== undefined) this.roundTrips.note(address, roundTripMs);
      },
      refused: (reason, address, expectedId) => {
        this.connectionRefused(reason, address, expectedId);
      },
    });
    this.listener = new TcpListener(
      port,
      this.admission,
      (socket, leave) => {
        this.host.accept(socket, leave);
      },
      (ip) => {
        this.connectionRefused('too-busy', ip, undefined);
      },
    );
    this.service = new Service(messengerContract, {
      directory: options.sockets,
      health: () => ({ version: options.version, ports: { tcp: port } }),
      onError: (error, method) => {
        log.error('request failed', { code: method, err: error instanceof Error ? error : new Error('not an error') });
      },
      snapshot: () => [
        this.self(),
        ...this.directory.all().map((peer) => ({ event: 'peer' as const, ...peer })),
        ...history.allUnread().map((unread) => ({ event: 'unread' as const, ...unread })),
        { event: 'feed' as const, upto: history.lastSeq() },
      ],
      handlers: messengerHandlers({
        identity,
        ownId: this.ownId,
        port,
        passOn: options.exchange === 'on',
        history,
        directory: this.directory,
        delivery: this.delivery,
        registry: this.registry,
        dialler: this.dialler,
        probing: this.probing,
        wallClock,
        now,
        selfChanged: () => {
          this.service.publish(this.self());
        },
        unreadChanged: (peerId) => {
          this.unreadChanged(peerId);
        },
        trustDecided: (peerId) => {
          if (history.peer(peerId)?.trust === 'blocked') this.registry.drop(peerId);
          this.rememberAddress(peerId);
          this.directory.changed(peerId);
          this.delivery.trustDecided(peerId);
        },
      }),
    });
  }

  /** Rejects with the system's error where the TCP port cannot be had. */
  async start(): Promise<void> {
    const latestLast = this.options.history.peers().sort((a, b) => a.lastSeen - b.lastSeen);
    for (const { id } of latestLast) this.rememberAddress(id);
    await this.listener.start();
    await this.service.start();
    this.discovery = subscribe(discoveryContract, {
      directory: this.options.sockets,
      onReset: () => {
        this.exchange.reset();
        this.directory.resetRoster();
      },
      onEvent: (event) => {
        if (event.event === 'roster') this.heard(event);
        else this.forget(event.key);
      },
      onDown: () => {
        this.exchange.reset();
        this.directory.resetRoster();
      },
    });
    for (const peerId of this.options.history.peersWithPending())
      if (this.needsSession(peerId)) this.dialler.want(peerId);
    this.sweep = setInterval(() => {
      this.registry.closeIdle((peerId) => this.delivery.hasPending(peerId));
      for (const peerId of this.registry.dueForRekey()) this.rekey(peerId);
    }, SWEEP_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.sweep);
    this.dialler.stop();
    this.discovery?.close();
    this.discoveryClient.close();
    this.exchange.stop();
    this.directory.stop();
    // What has arrived is stored and acknowledged before the goodbye.
    this.delivery.stop();
    this.registry.closeAll();
    this.host.stop();
    await this.listener.stop();
    await this.service.stop();
  }

  private self(): EventOf<MessengerContract> {
    const { history, port } = this.options;
    return { event: 'self', id: this.ownId, username: history.username(), port, ...history.ownPresence() };
  }

  private unreadChanged(peerId: string): void {
    this.service.publish({ event: 'unread', ...this.options.history.unread(peerId) });
  }

  private isAccepted(peerId: string): boolean {
    const trust = this.options.history.peer(peerId)?.trust;
    return trust === 'accepted' || trust === 'verified';
  }

  /** Where an accepted peer was last met: a flood must not lock it out, also not when we have just started. */
  private rememberAddress(peerId: string): void {
    const proved = this.options.history.peer(peerId)?.provedAddress;
    const target = proved == null || !this.isAccepted(peerId) ? undefined : parseAddress(proved);
    if (target !== undefined) this.admission.remember(target.ip);
  }

  /** How many of something are to be logged now: of people whom the user accepted each, of strangers what has come together. */
  private countOf(what: string, peerId: string): number {
    return this.isAccepted(peerId) ? 1 : this.tally.add(what);
  }

  /** Messages wait for an accepted peer, and no session could take them. */
  private needsSession(peerId: string): boolean {
    return this.isAccepted(peerId) && this.registry.current(peerId) === undefined && this.delivery.hasPending(peerId);
  }

  private sessionConfirmed(session: Session): void {
    const { history, log } = this.options;
    const { peerId, extensions, maxVersion } = resultOf(session);
    const address = dialableAddress(session);
    const count = this.countOf('session open', peerId);
    log[count > 0 ? 'info' : 'debug']('session open', { peer: peerId, state: session.role, count });
    let dropped: string[] = [];
    try {
      history.transaction((tx) => {
        const isNews = history.peer(peerId) === null;
        tx.upsertPeer(peerId, {
          ...nameExtension(extensions.username ?? null),
          lastSeen: Date.now(),
          maxVersion,
          // Where it says it listens is its word; where we reached it is proved, and is not given up for a word.
          ...(address !== undefined && (session.role === 'initiator' || !history.peer(peerId)?.provedAddress)
            ? { provedAddress: address }
            : {}),
        });
        tx.noteEncounter(peerId, {
          address: address ?? session.remoteAddress,
          interface: interfaceWith(session.localIp),
        });
        if (isNews) dropped = tx.dropSilentStrangers();
      });
    } catch (error) {
      // Worth having, not worth a session: the store's trouble is delivery's to report.
      log.warn('cannot note the peer', { peer: peerId, err: error as Error });
    }
    for (const id of [peerId, ...dropped]) this.directory.changed(id);
  }

  private heard(entry: RosterEntry): void {
    const before = this.directory.heard(entry);
    this.exchange.heard(entry);
    if (entry.id === null) return;
    // A session whose other end lost its power looks open for long: it is asked, too.
    if (entry.presence !== 'online') {
      this.registry.current(entry.id)?.probe();
      return;
    }
    const restarted = before !== undefined && before.instance !== entry.instance;
    const returned = before?.presence !== 'online';
    const moved = before?.addresses[0]?.address !== entry.addresses[0]?.address;
    const session = this.registry.current(entry.id);
    // Our own end of it has gone with its interface or address.
    const stranded = session !== undefined && interfaceWith(session.localIp) === '';
    if (!restarted && !returned && !moved && !stranded) return;
    this.dialler.heard(entry.id, restarted);
    session?.probe();
  }

  private forget(key: string): void {
    this.exchange.forget(key);
    this.directory.forget(key);
  }

  /** Worth a try: without discovery there is nobody who could ask, and an accepted one can be dialled all the same. */
  private async introduce(ips: string[]): Promise<void> {
    try {
      await this.discoveryClient.call('introduce', { ips });
    } catch (error) {
      if (!(error instanceof IpcError)) throw error;
    }
  }

  /** Said once for each who does, however often it changes its name back and forth. */
  private nameClaimed({ id, username, address }: Peer): void {
    if (id === null || this.impostors.has(id) || this.impostors.size >= IMPOSTORS_REMEMBERED) return;
    // A flood of new identities under one name is one piece of news.
    if (this.tally.add(`name ${foldName(username)}`) === 0) return;
    this.impostors.add(id);
    this.options.log.warn('a known name is claimed by another key', { peer: id });
    this.notice('name-claimed', address, id);
  }

  private connectionRefused(reason: string, address: string, expectedId: string | undefined): void {
    // Whom we dial is our choice; what else comes in is everybody's.
    const count =
      expectedId === undefined
        ? this.tally.addFrom(reason, address.slice(0, address.lastIndexOf(':')))
        : this.tally.add(`${reason} ${expectedId}`);
    this.options.log[count > 0 ? 'warn' : 'debug']('connection refused', {
      code: reason,
      address,
      count,
      ...(expectedId === undefined ? {} : { peer: expectedId }),
    });
    if (count === 0) return;
    const reported: readonly ProtocolErrorCode[] = ['legacy-message', 'unexpected-identity', 'version-rollback'];
    const code = reported.find((c) => c === reason);
    if (code === 'legacy-message' || code === 'unexpected-identity' || code === 'version-rollback')
      this.notice(code, address, expectedId ?? null);
  }

  /** A peer can claim it with every session: said once for each. */
  private noticeSetback(peerId: string, who: 'us' | 'peer'): void {
    const key = `${peerId} ${who}`;
    if (this.setbacks.has(key) || this.setbacks.size >= SETBACKS_REMEMBERED) return;
    this.setbacks.add(key);
    this.notice(who === 'us' ? 'history-set-back' : 'peer-set-back', '', peerId);
  }

  private notice(code: Notice['code'], address: string, peer: string | null): void {
    const username = peer === null ? '' : (this.directory.find(peer)?.username ?? '');
    this.service.publish({ event: 'notice', code, address, peer, username: username.slice(0, USERNAME_MAX_BYTES) });
  }

  /** Make before break: the fresh session supersedes the old one when it is confirmed (wire-v1 §5). */
  private rekey(peerId: string): void {
    void this.dialler.reach(peerId).then((failure) => {
      if (failure !== null) this.options.log.warn('no fresh keys yet', { peer: peerId, code: failure });
    });
  }
}

/** Saves followers a request for each message of a conversation; where there is much news, they ask for it in pages. */
function newsSince(history: HistoryWriter, after: number): { after?: number; items?: Change[] } {
  // Each change has a number of its own.
  if (history.lastSeq() - after > FEED_EVENT_MAX_ITEMS) return {};
  const { items } = history.changes(after, FEED_EVENT_MAX_ITEMS);
  const bytes = items.reduce((sum, c) => sum + (c.event === 'message' ? Buffer.byteLength(c.text ?? '') : 0), 0);
  return bytes > FEED_EVENT_MAX_TEXT_BYTES ? {} : { after, items };
}

function nameExtension(username: string | null): { username?: string } {
  return username === null ? {} : { username };
}

/** Where a session's peer listens: proved by the connection we made, or by its own word about its own address. */
function dialableAddress(session: Session): string | undefined {
  if (session.role === 'initiator') return session.remoteAddress;
  const port = session.result?.extensions.tcpPort;
  if (port === undefined || port < 1024) return undefined;
  return `${session.remoteIp}:${port}`;
}

function resultOf(session: Session) {
  if (session.result === undefined) throw new Error('bug: a confirmed session has a result');
  return session.result;
}
