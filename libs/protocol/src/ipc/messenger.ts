/** What the messenger offers the other processes. */
import { z } from 'zod';
import { IPC_ERROR_CODES } from '../errors.js';
import { FEED_EVENT_MAX_ITEMS, PAGE_MAX_ROWS, REQUESTS_MAX } from '../limits.js';
import { defineService } from './contract.js';
import {
  address,
  change,
  heardAddress,
  heardBy,
  isoTime,
  message,
  messageId,
  messageState,
  ownPresence,
  peer,
  peerId,
  presence,
  safetyNumber,
  tcpPort,
  trust,
  unread,
} from './entities.js';
import { lifeEvent, outboxCursor, waiting } from './outbox.js';

const self = z.object({
  id: peerId,
  /** Null until somebody registers. */
  username: z.string().nullable(),
  port: tcpPort,
});

/** What came of a TCP connection; `failed` for any other error of the system. */
const reached = z.enum(['connected', 'refused', 'timed-out', 'unreachable', 'not-tried', 'failed']);
export type Reached = z.infer<typeof reached>;

const sent = z.object({ id: messageId, state: messageState });
const refused = z.object({ id: messageId, error: z.object({ code: z.enum(IPC_ERROR_CODES), detail: z.string() }) });

export const messengerContract = defineService({
  name: 'messenger',
  methods: {
    /** `address`: `ip:port` on each of this machine's networks. */
    whoami: { request: z.object({}), reply: self.extend({ address: z.array(address) }) },
    /** Takes a name, or a new name: the identity stays. */
    register: { request: z.object({ username: z.string() }), reply: self },
    /** What we say of ourselves in our announcements. */
    presence: { request: z.object({}), reply: ownPresence },
    /** Changes it; what is absent stays as it is. An empty `status` takes the text away. */
    setPresence: { request: ownPresence.partial(), reply: ownPresence },
    /** Every peer known: contacts from the history and whoever discovery hears. */
    peers: {
      request: z.object({ after: z.int().nonnegative().default(0) }),
      reply: z.object({ items: z.array(peer), next: z.int().nullable() }),
    },
    /** Strangers whose messages wait for the user to accept or block them, the longest waiting first. */
    requests: {
      request: z.object({}),
      reply: z.object({ items: z.array(z.object({ peer, messages: z.int().positive() })).max(REQUESTS_MAX) }),
    },
    /** Whom a user can mean by a name, `name#tag` or id prefix. None or several is for the caller to report. */
    resolve: { request: z.object({ query: z.string().max(256) }), reply: z.object({ items: z.array(peer).max(20) }) },
    whois: {
      request: z.object({ peer: peerId }),
      reply: z.object({
        id: peerId,
        username: z.string(),
        trust,
        presence,
        lastSeen: isoTime,
        /** Whether an authenticated session is open right now, and since when. */
        session: z.object({ address: z.string(), since: isoTime, initiator: z.boolean() }).nullable(),
        /** Nearest first. `roundTripMs` as of the last answer, null where it was never connected to. */
        addresses: z.array(heardAddress.extend({ roundTripMs: z.number().nonnegative().nullable() })),
        heardBy,
        /** Where a session last proved this identity. */
        provedAddress: z.string().nullable(),
        /** Highest protocol version ever seen of it, 0 when none. */
        maxVersion: z.int(),
        busy: z.boolean(),
        status: z.string(),
        /** Messages from it that wait for the user to accept it. */
        pendingRequest: z.boolean(),
        queued: z.int().nonnegative(),
        /** Where this history and the peer's were found to differ, because an older copy of one of them was restored. */
        setbacks: z.array(z.object({ whose: z.enum(['us', 'peer']), at: isoTime })),
        /** When this identity was first met; null for one that was only heard. */
        firstSeen: isoTime.nullable(),
        /** Others who go by the name, pinned ones first. */
        namesakes: z.array(z.object({ id: peerId, trust })),
      }),
    },
    /**
     * Stores a message for a peer and answers when it is durable. The same id with the same peer and text again
     * answers with the state it has; with another peer or text it is an `id-conflict`.
     */
    send: {
      request: z.object({ id: messageId, peer: peerId, text: z.string() }),
      reply: sent,
    },
    /**
     * `send` for many to one peer, which cost a fraction of as many requests: stored in this order and answered when all
     * are durable, each with what `send` would have answered. A request that fails as a whole has stored none of them.
     */
    sendMany: {
      request: z.object({
        peer: peerId,
        messages: z
          .array(z.object({ id: messageId, text: z.string() }))
          .min(1)
          .max(PAGE_MAX_ROWS),
      }),
      reply: z.object({ outcomes: z.array(z.union([sent, refused])) }),
    },
    /** Answers once the message has reached the state or a final one, or with the state it has when the time is over. */
    waitFor: {
      request: z.object({
        id: messageId,
        state: z.enum(['queued', 'sent', 'delivered']),
        timeoutMs: z.int().min(0).max(60_000),
      }),
      reply: z.object({ id: messageId, state: messageState }),
    },
    /**
     * Everything that is not delivered yet, by peer, each peer's in the order in which it was written; for every peer in
     * the page, why it waits. `next` is the `after` of the following page.
     */
    outbox: {
      request: z.object({ after: outboxCursor.optional() }),
      reply: z.object({
        items: z.array(message),
        waiting: z.array(waiting),
        next: outboxCursor.nullable(),
      }),
    },
    /** Takes back a message that was never put on the wire; again, it answers the same. */
    cancel: {
      request: z.object({ id: messageId }),
      reply: z.object({ id: messageId, state: z.literal('cancelled') }),
    },
    /**
     * Forgets messages with a peer, the oldest first and a bounded number at a time: their text and times are erased here,
     * and what was not acknowledged yet goes out as void (wire-v1 §6.2). The first answer says `upto`, the end of the feed
     * as it was then; asked with it again until `isDone`, nothing is forgotten that came later.
     */
    forget: {
      request: z.object({
        peer: peerId,
        /** Only what was stored here before. */
        before: isoTime.optional(),
        upto: z.int().nonnegative().optional(),
      }),
      reply: z.object({
        messages: z.int().nonnegative(),
        /** Of those, the ones of ours that had not been delivered. */
        undelivered: z.int().nonnegative(),
        upto: z.int().nonnegative(),
        isDone: z.boolean(),
      }),
    },
    /** The user has read up to a message, or without one all there is. An earlier one than before changes nothing. */
    markRead: { request: z.object({ peer: peerId, id: messageId.optional() }), reply: unread },
    /** The life of one message, in order; `waiting` is null where nothing more is to come. */
    why: {
      request: z.object({ id: messageId }),
      reply: z.object({
        id: messageId,
        peer: peerId,
        username: z.string(),
        events: z.array(lifeEvent),
        waiting: waiting.nullable(),
      }),
    },
    /** The newest messages with a peer before a message id, oldest first. */
    history: {
      request: z.object({
        peer: peerId,
        limit: z.int().min(1).max(PAGE_MAX_ROWS).default(50),
        before: messageId.optional(),
      }),
      /** `next` is the `before` of the page further back. */
      reply: z.object({ items: z.array(message), next: messageId.nullable() }),
    },
    /** The durable feed after a cursor; without one, just where it stands now. */
    changes: {
      request: z.object({
        after: z.int().nonnegative().optional(),
        limit: z.int().min(1).max(PAGE_MAX_ROWS).default(PAGE_MAX_ROWS),
      }),
      reply: z.object({ items: z.array(change), upto: z.int().nonnegative() }),
    },
    /** Dials an address and answers with who is there. */
    connect: {
      request: z.object({ host: z.string().min(1).max(253), port: tcpPort }),
      reply: z.object({ id: peerId, username: z.string(), address: z.string() }),
    },
    /**
     * Tries what connects us with a peer: a TCP connection to each address where it may be dialled, and, with one that the
     * user accepted, what it hears of us (PROBE, wire-v1 §5.7), over the session that there is or one that is made.
     */
    examine: {
      request: z.object({ peer: peerId }),
      reply: z.object({
        reached: z.array(z.object({ address, outcome: reached })),
        /** By which ways we hear it. */
        heardBy,
        probe: z.enum(['answered', 'unanswered', 'no-session', 'not-accepted', 'not-understood']),
        report: z
          .object({
            /** What came of its connection to our TCP port. */
            tcp: reached,
            /** Seconds since it last heard us, by way. */
            heardBy: z.partialRecord(heardBy.keyType, z.int().nonnegative()),
          })
          .nullable(),
      }),
    },
    /**
     * `accepted` leaves a verified peer verified; `new` is for a blocked one alone, which becomes a stranger again. To have
     * somebody verified there is `verify`.
     */
    setTrust: {
      request: z.object({ peer: peerId, trust: z.enum(['new', 'accepted', 'blocked']) }),
      reply: peer,
    },
    /** What the user and the peer compare over another channel (wire-v1 §7): the same on both sides if nobody is in between. */
    safetyNumber: {
      request: z.object({ peer: peerId }),
      reply: z.object({ id: peerId, username: z.string(), trust, safetyNumber }),
    },
    /** The number that the peer reads out is ours too: it becomes verified. Otherwise `wrong-safety-number`, and nothing changes. */
    verify: { request: z.object({ peer: peerId, safetyNumber }), reply: peer },
    /** For discovery, which has no key: the signed datagram for one interface, as UTF-8 JSON. */
    signAnnouncement: {
      request: z.object({
        instance: z.string().regex(/^[0-9a-f]{16}$/),
        counter: z.int().min(0).max(0xffff_ffff),
        ip: z.ipv4(),
        query: z.boolean().default(false),
        goodbye: z.boolean().default(false),
      }),
      reply: z.object({ datagram: z.string() }),
    },
    /** For discovery: which of these `earshot` fields (base64url) carry a valid signature, and by whom. */
    verifyAnnouncements: {
      request: z.object({ items: z.array(z.string().max(1024)).max(256) }),
      reply: z.object({ ids: z.array(peerId.nullable()) }),
    },
  },
  event: z.discriminatedUnion('event', [
    /** Who we are, and what we say of ourselves; again when that changed. */
    z.object({ event: z.literal('self'), ...self.shape, ...ownPresence.shape }),
    /** A peer appeared or changed. */
    z.object({ event: z.literal('peer'), ...peer.shape }),
    /** The history has entries up to here: fetch them with `changes`. */
    z.object({
      event: z.literal('feed'),
      upto: z.int().nonnegative(),
      /** Where they are few: the changes behind `after`, so that whoever has read up to there need not ask. */
      after: z.int().nonnegative().optional(),
      items: z.array(change).max(FEED_EVENT_MAX_ITEMS).optional(),
    }),
    /** What is unread in a conversation now. */
    z.object({ event: z.literal('unread'), ...unread.shape }),
    /** Something the user should be told. */
    z.object({
      event: z.literal('notice'),
      code: z.enum([
        'legacy-message',
        'unexpected-identity',
        'version-rollback',
        'name-claimed',
        'store-failed',
        'store-recovered',
        'history-set-back',
        'peer-set-back',
      ]),
      address: z.string(),
      peer: peerId.nullable(),
      username: z.string(),
    }),
  ]),
});
export type MessengerContract = typeof messengerContract;
