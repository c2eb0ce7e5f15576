/** The things that our processes talk about, in the field names that users see (`--json`, HTTP). Times are ISO 8601. */
import { z } from 'zod';
import { MESSAGE_TEXT_MAX_BYTES, UNREAD_COUNTED_MAX } from '../limits.js';

/** base32 of a raw Ed25519 public key, lower case, unpadded: 32 bytes are 51 full characters and one that carries a single bit. */
export const peerId = z.string().regex(/^[a-z2-7]{51}[aq]$/);
/** 128 random bits in the text form of a UUID; a peer's need not carry a UUID's version bits, so those are not asked for. */
export const messageId = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
export const isoTime = z.iso.datetime();
export const tcpPort = z.int().min(1).max(65535);
/** `ip:port`, IPv4. */
export const address = z.string().regex(/^(\d{1,3}\.){3}\d{1,3}:\d{1,5}$/);

export const trust = z.enum(['new', 'accepted', 'verified', 'blocked', 'legacy']);
export type Trust = z.infer<typeof trust>;

/** 12 groups of 5 digits, a space between groups. */
export const safetyNumber = z.string().regex(/^\d{5}( \d{5}){11}$/);

export const presence = z.enum(['online', 'away']);
export type Presence = z.infer<typeof presence>;

/** What a person says of themselves, for others to see: they are busy, and a line of their own; both may be old news. */
export const ownPresence = z.object({
  busy: z.boolean(),
  /** 1 to 64 bytes of UTF-8, or empty for none. */
  status: z.string(),
});
export type OwnPresence = z.infer<typeof ownPresence>;

export const peer = z.object({
  /** Null for a legacy peer, which has no identity. */
  id: peerId.nullable(),
  username: z.string(),
  /** Where it was last heard or proved; empty when it was never located. */
  address: z.union([address, z.literal('')]),
  presence,
  lastSeen: isoTime,
  trust,
  /** Of a stranger that goes by the name of somebody pinned: whose name it is. */
  namesakeOf: z.object({ id: peerId, username: z.string() }).optional(),
  /** As they announced it; absent where they did not. */
  busy: z.literal(true).optional(),
  status: z.string().min(1).optional(),
});
export type Peer = z.infer<typeof peer>;

/** `cancelled` is what became of an id: a message that was taken back, or forgotten, is in no list any more. */
export const messageState = z.enum(['queued', 'sent', 'delivered', 'rejected', 'received', 'cancelled']);
export type MessageState = z.infer<typeof messageState>;

export const message = z.object({
  id: messageId,
  peer: peerId,
  username: z.string(),
  direction: z.enum(['sent', 'received']),
  /** Null where the content is of a kind this version does not know. */
  text: z.string().max(MESSAGE_TEXT_MAX_BYTES).nullable(),
  /** The sender's clock: a claim. */
  sentAt: isoTime,
  /** Our clock, when the message was stored here. */
  committedAt: isoTime,
  state: messageState,
});
export type Message = z.infer<typeof message>;

/** What the user has not read of a conversation, on no screen. */
export const unread = z.object({
  peer: peerId,
  /** From the peer; of more than can be counted, as many as that. */
  messages: z.int().min(0).max(UNREAD_COUNTED_MAX),
  /** The newest message that was read; null where none was. */
  readUpTo: messageId.nullable(),
});
export type Unread = z.infer<typeof unread>;

/** One entry of the durable feed of what changed in the history; `seq` orders all of them and is the cursor. */
export const change = z.discriminatedUnion('event', [
  z.object({ event: z.literal('message'), seq: z.int().positive(), ...message.shape }),
  z.object({
    event: z.literal('state'),
    seq: z.int().positive(),
    id: messageId,
    peer: peerId,
    state: z.enum(['sent', 'delivered', 'rejected', 'cancelled']),
  }),
  /** Some of the messages with a peer, or all, are gone: whoever shows them reads again what there is. */
  z.object({ event: z.literal('forgotten'), seq: z.int().positive(), peer: peerId }),
]);
export type Change = z.infer<typeof change>;

/** One address at which a peer was heard. */
export const heardAddress = z.object({
  address,
  /** Name of our interface; `lo` for another profile on this machine. */
  interface: z.string(),
  lastHeard: isoTime,
  /** The signed address is the datagram's source and lies in a subnet of ours (or both are loopback): it may be dialled. */
  dialable: z.boolean(),
  /** The signed address is the datagram's source, in no subnet of ours: it may be dialled once the peer is accepted. */
  beyond: z.literal(true).optional(),
});
export type HeardAddress = z.infer<typeof heardAddress>;

/** By which ways somebody was heard, and when by each last; a hint, since anybody may repeat a datagram. */
export const heardBy = z.partialRecord(z.enum(['broadcast', 'multicast', 'unicast', 'multicast6']), isoTime);
export type HeardTimes = z.infer<typeof heardBy>;
/** The names of HEARD_BY in wire/peer-records.ts. */
export type HeardBy = keyof z.infer<typeof heardBy>;

/** What discovery knows of one peer. */
export const rosterEntry = z.object({
  /** The peer id, or `legacy:<ip>:<port>` for one that announces without an identity. */
  key: z.string(),
  id: peerId.nullable(),
  username: z.string(),
  presence,
  lastSeen: isoTime,
  /** Hex of the 8 bytes that change whenever the peer's discovery starts; empty for a legacy peer. */
  instance: z.string(),
  /** Highest protocol version it announces; 0 for a legacy peer. */
  maxVersion: z.int().min(0).max(255),
  busy: z.boolean(),
  status: z.string(),
  /** Newest first. */
  addresses: z.array(heardAddress),
  heardBy,
  /** Blob and signature of its newest announcement, base64url, where that may be passed on (wire-v1 §5.7). */
  earshot: z.string().max(1024).optional(),
});
export type RosterEntry = z.infer<typeof rosterEntry>;
