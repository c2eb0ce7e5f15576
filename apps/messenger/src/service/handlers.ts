/** Answers the other processes: the messenger's side of libs/protocol/ipc/messenger.ts. */
import { lookup } from 'node:dns/promises';
import { isIPv4 } from 'node:net';
import type { IdentityKey } from '@earshot/crypto';
import type { HistoryWriter } from '@earshot/history';
import type { Handlers } from '@earshot/ipc';
import { checkUsername, IpcError, PAGE_MAX_ROWS, sameName, STATUS_TEXT_MAX_BYTES } from '@earshot/protocol';
import type { MessengerContract, Peer } from '@earshot/protocol/ipc';
import { signAnnouncement, verifyAnnouncement } from '../announcements.js';
import type { Delivery } from '../delivery/delivery.js';
import type { Dialler } from '../net/dialler.js';
import type { Probing } from '../help/probing.js';
import { ownAddresses } from '../net/own-addresses.js';
import type { Directory } from '../peers/directory.js';
import { decideTrust, safetyNumberWith, verifyPeer } from '../peers/trust.js';
import type { SessionRegistry } from '../session/session-registry.js';
import { examine } from './examine.js';
import { stored } from './stored.js';
import { waitingFor } from './waiting.js';

/** Half of what a page may hold: each row may be another peer's, and bring why that one waits. */
const OUTBOX_PAGE_ROWS = PAGE_MAX_ROWS / 2;

export interface HandlerParts {
  readonly identity: IdentityKey;
  readonly ownId: string;
  readonly port: number;
  /** Whether others may pass our announcements on. */
  readonly passOn: boolean;
  readonly history: HistoryWriter;
  readonly directory: Directory;
  readonly delivery: Delivery;
  readonly registry: SessionRegistry;
  readonly dialler: Dialler;
  readonly probing: Probing;
  readonly wallClock: () => number;
  /** Monotonic milliseconds, the clock of the sessions. */
  readonly now: () => number;
  /** Tells everybody who we are, after a registration, or what we say of ourselves. */
  readonly selfChanged: () => void;
  /** Somebody has read a conversation further. */
  readonly unreadChanged: (peerId: string) => void;
  /** A user's decision about a peer is stored: sessions and listeners follow. */
  readonly trustDecided: (peerId: string) => void;
}

export function messengerHandlers(parts: HandlerParts): Handlers<MessengerContract> {
  const { identity, ownId, port, history, directory, delivery, registry, dialler } = parts;
  const self = () => ({ id: ownId, username: history.username(), port });
  const registeredName = () => {
    const username = history.username();
    if (username === null) throw new IpcError('not-registered');
    return username;
  };
  const known = (peerId: string): Peer => {
    if (peerId === ownId) throw new IpcError('own-peer');
    const peer = directory.find(peerId);
    if (peer === undefined) throw new IpcError('unknown-peer');
    return peer;
  };

  return {
    whoami: () => ({ ...self(), address: ownAddresses().map((ip) => `${ip}:${port}`) }),

    register: ({ username }) => {
      const problem = checkUsername(username);
      if (problem !== 'ok') throw new IpcError('bad-username', problem);
      stored(history, (tx) => {
        tx.setUsername(username);
      });
      parts.selfChanged();
      return self();
    },

    presence: () => history.ownPresence(),

    setPresence: (change) => {
      const before = history.ownPresence();
      const presence = { busy: change.busy ?? before.busy, status: change.status ?? before.status };
      if (!isStatus(presence.status)) throw new IpcError('bad-status', `${Buffer.byteLength(presence.status)} bytes`);
      stored(history, (tx) => {
        tx.setOwnPresence(presence);
      });
      parts.selfChanged();
      return presence;
    },

    peers: ({ after }) => {
      const all = directory.all();
      const items = all.slice(after, after + PAGE_MAX_ROWS);
      return { items, next: after + items.length < all.length ? after + items.length : null };
    },

    requests: () => ({
      items: history.requests().flatMap(({ peer: id, messages }) => {
        const peer = directory.find(id);
        return peer === undefined ? [] : [{ peer, messages }];
      }),
    }),

    resolve: ({ query }) => {
      if (query === ownId || sameName(query, history.username() ?? '')) {
        const others = directory.resolve(query);
        if (others.length === 0) throw new IpcError('own-peer');
        return { items: others };
      }
      return { items: directory.resolve(query) };
    },

    whois: ({ peer: peerId }) => {
      const peer = known(peerId);
      const row = history.peer(peerId);
      const entry = directory.rosterEntry(peerId);
      const session = registry.current(peerId);
      return {
        id: peerId,
        username: peer.username,
        trust: peer.trust,
        presence: peer.presence,
        lastSeen: peer.lastSeen,
        session:
          session === undefined
            ? null
            : {
                address: session.remoteAddress,
                since: new Date(parts.wallClock() - (parts.now() - session.startedAt)).toISOString(),
                initiator: session.role === 'initiator',
              },
        addresses: directory.heardAddresses(peerId),
        heardBy: entry?.heardBy ?? {},
        provedAddress: row?.provedAddress ?? null,
        maxVersion: Math.max(row?.maxVersion ?? 0, entry?.maxVersion ?? 0),
        busy: entry?.busy ?? false,
        status: entry?.status ?? '',
        pendingRequest: history.requests().some(({ peer: waiting }) => waiting === peerId),
        queued: history.undeliveredCount(peerId),
        setbacks: history.setbacks(peerId).map(({ whose, at }) => ({ whose, at: new Date(at).toISOString() })),
        firstSeen: row === null ? null : new Date(row.firstSeen).toISOString(),
        namesakes: directory.namesakes(peer).flatMap(({ id, trust }) => (id === null ? [] : [{ id, trust }])),
      };
    },

    send: async ({ id, peer, text }) => {
      registeredName();
      known(peer);
      const [outcome] = await delivery.send(peer, [{ id, text }]);
      if (outcome === undefined) throw new Error('bug: one message has one outcome');
      if ('error' in outcome) throw outcome.error;
      return outcome;
    },

    sendMany: async ({ peer, messages }) => {
      registeredName();
      known(peer);
      const outcomes = await delivery.send(peer, messages);
      return {
        outcomes: outcomes.map((outcome) =>
          'error' in outcome
            ? { id: outcome.id, error: { code: outcome.error.code, detail: outcome.error.detail } }
            : outcome,
        ),
      };
    },

    waitFor: async ({ id, state, timeoutMs }) => ({ id, state: await delivery.waitFor(id, state, timeoutMs) }),

    outbox: ({ after }) => {
      const { items, next } = history.undelivered(after, OUTBOX_PAGE_ROWS);
      const waiting = [...new Set(items.map(({ peer }) => peer))].map((peer) => waitingFor(known(peer), parts));
      return { items, waiting, next };
    },

    cancel: async ({ id }) => {
      const result = await delivery.cancel(id);
      if (result === 'already-sent') throw new IpcError('already-sent');
      if (result === 'unknown')
        throw new IpcError(history.messageState(id) === null ? 'unknown-message' : 'received-message');
      return { id, state: result };
    },

    forget: async ({ peer, before, upto }) => {
      known(peer);
      const until = before === undefined ? undefined : Date.parse(before);
      const end = upto ?? history.lastSeq();
      const result = await delivery.forget({ peer, before: until, upto: end, goesOn: upto !== undefined });
      return { ...result, upto: end };
    },

    markRead: ({ peer, id }) => {
      known(peer);
      const isFurther = stored(history, (tx) => tx.markRead(peer, id));
      if (isFurther) parts.unreadChanged(peer);
      return history.unread(peer);
    },

    why: ({ id }) => {
      const life = history.life(id);
      if (life === null) throw new IpcError('unknown-message');
      const { peer, username, events, state } = life;
      const open = state === 'queued' || state === 'sent';
      return { id, peer, username, events, waiting: open ? waitingFor(known(peer), parts) : null };
    },

    history: ({ peer, limit, before }) => {
      known(peer);
      return history.page(peer, before === undefined ? { limit } : { limit, before });
    },

    changes: ({ after, limit }) => {
      if (after === undefined) return { items: [], upto: history.lastSeq() };
      return history.changes(after, limit);
    },

    connect: async ({ host, port: peerPort }) => {
      registeredName();
      const ip = await ipv4Of(host);
      const session = await dialler.dial({ ip, port: peerPort });
      const { peerId, extensions } = resultOf(session);
      return { id: peerId, username: extensions.username ?? '', address: `${ip}:${peerPort}` };
    },

    examine: ({ peer }) => {
      known(peer);
      return examine(peer, parts);
    },

    setTrust: ({ peer, trust }) => {
      known(peer);
      decideTrust(history, peer, trust);
      parts.trustDecided(peer);
      return known(peer);
    },

    safetyNumber: ({ peer }) => {
      const { username, trust } = known(peer);
      return { id: peer, username, trust, safetyNumber: safetyNumberWith(ownId, peer) };
    },

    verify: ({ peer, safetyNumber }) => {
      known(peer);
      verifyPeer(history, ownId, peer, safetyNumber);
      parts.trustDecided(peer);
      return known(peer);
    },

    signAnnouncement: ({ instance, counter, ip, query, goodbye }) => ({
      datagram: signAnnouncement(identity, {
        instance,
        counter,
        ip,
        query,
        goodbye,
        port,
        username: registeredName(),
        unixMs: parts.wallClock(),
        passOn: parts.passOn,
        ...history.ownPresence(),
      }),
    }),

    verifyAnnouncements: ({ items }) => ({ ids: items.map(verifyAnnouncement) }),
  };
}

/** What an announcement can carry (presence-v1 §2); empty for none. */
function isStatus(text: string): boolean {
  return Buffer.byteLength(text) <= STATUS_TEXT_MAX_BYTES && text.isWellFormed();
}

/** Version 1 dials IPv4. A name is looked up only because the user typed it. */
async function ipv4Of(host: string): Promise<string> {
  if (isIPv4(host)) return host;
  try {
    return (await lookup(host, { family: 4 })).address;
  } catch {
    throw new IpcError('bad-address', 'this host has no IPv4 address that can be found');
  }
}

function resultOf(session: { result: { peerId: string; extensions: { username?: string } } | undefined }) {
  if (session.result === undefined) throw new Error('bug: a confirmed session has a result');
  return session.result;
}
