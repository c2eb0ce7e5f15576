/**
 * Every bound of earshot/1 in one place.
 *
 * *Specification* limits are part of the protocol: changing one is a new version, since another implementation
 * relies on it. *Implementation* limits are ours to tune. All are enforced before the work they bound is done.
 */

// --- specification: wire-v1.md, presence-v1.md ------------------------------------------------------------

/** The one protocol version spoken here; a version number stands for a whole suite. */
export const PROTOCOL_VERSION = 1;

/** Frame lengths N (the type byte counts, the u32 in front does not), by what the state allows (wire-v1 §3). */
export const HELLO_I_FRAME = 73;
export const HELLO_R_FRAME = 701;
export const AUTH_I_FRAME = 633;
/** Plaintext sizes a record is padded to, smallest that holds it (wire-v1 §5). */
export const RECORD_BUCKETS = [256, 1024, 4096, 16384, 65536] as const;
/** Frame lengths of those buckets: 1 + the Fernet token of the bucket. */
export const RECORD_FRAMES = [441, 1465, 5561, 21945, 87481] as const;

export const HANDSHAKE_PAYLOAD_BYTES = 304;
export const HANDSHAKE_TOKEN_BYTES = 632;
/** The whole handshake, from accept or connect, not per read: a byte per second must not hold a slot. */
export const HANDSHAKE_DEADLINE_MS = 5_000;

/** Latest time a peer may claim, in Unix milliseconds: the end of the year 9999, the last that ISO 8601 writes with four digits. */
export const TIME_MAX_MS = 253_402_300_799_999;
/** The UTF-8 bytes of one message's text. */
export const MESSAGE_TEXT_MAX_BYTES = 32_768;
/** Username: Unicode code points and UTF-8 bytes. */
export const USERNAME_MAX_CODE_POINTS = 32;
export const USERNAME_MAX_BYTES = 64;
export const STATUS_TEXT_MAX_BYTES = 64;
export const CLIENT_STRING_MAX_BYTES = 32;

/** Records per key; the chain steps when `seq >> 10` changes (wire-v1 §5). */
export const RECORDS_PER_EPOCH_BITS = 10;
export const REKEY_AFTER_MS = 60 * 60_000;
export const REKEY_AFTER_RECORDS = 2 ** 24;
export const REKEY_RESPONDER_GRACE_MS = 5 * 60_000;
export const SESSION_HARD_STOP_MS = 2 * 60 * 60_000;
export const SESSION_HARD_STOP_RECORDS = 2 ** 26;
export const PING_IDLE_MS = 20_000;
export const PEER_DEAD_MS = 60_000;
export const SESSION_IDLE_MS = 5 * 60_000;

export const SYNC_MAX_STREAMS = 4;
/** What a peer may send before our first WINDOW. */
export const INITIAL_WINDOW = { messages: 64, bytes: 524_288 } as const;
/** Nothing is taken for now. */
export const SHUT_WINDOW = { messages: 0, bytes: 0 } as const;
/** What an unaccepted peer may leave with us; after that WINDOW 0 and no ACK until the user decides. */
export const REQUEST_MAX_MESSAGES = 20;

/** Announcements of others in one PEERS record, and the bytes of one (blob and signature). */
export const PASSED_ON_MAX = 32;
export const PASSED_ON_MAX_BYTES = 480;
/** Between two PEERS on one session, and between two PROBEs that are answered there. */
export const PASS_ON_INTERVAL_MS = 10_000;
export const PROBE_INTERVAL_MS = 5_000;
/** Ways of being heard that a REPORT names. */
export const REPORT_MAX_PATHS = 8;

export const DISCOVERY_PORT = 6004;
export const MULTICAST_GROUP = '239.255.60.4';
/** Transient (RFC 4291 §2.7), link-local: no router carries it on. */
export const MULTICAST_GROUP_6 = 'ff12::ea75';
/** Largest datagram that is read, checked before anything is parsed; the original's parser takes as much. */
export const DATAGRAM_MAX_BYTES = 1024;
/** Largest datagram that is sent. */
export const ANNOUNCEMENT_MAX_BYTES = 640;
export const ANNOUNCE_INTERVAL_MS = 8_000;
export const ANNOUNCE_JITTER_MS = 1_000;
export const ANNOUNCE_WIDE_INTERVAL_MS = 32_000;
/** Offsets of the burst at start and on an interface change. */
export const ANNOUNCE_BURST_MS = [0, 200, 1_000, 3_000] as const;
/** Three announcements missed, and a second for the network. */
export const AWAY_AFTER_MS = 3 * ANNOUNCE_INTERVAL_MS + 1_000;
/** The counter of a goodbye: nothing of the same instance can come after it. */
export const GOODBYE_COUNTER = 0xffff_ffff;

// --- implementation ---------------------------------------------------------------------------------------

/** The window we grant an accepted peer (wire-v1 §6). */
export const OUR_WINDOW = { messages: 8_192, bytes: 8 * 1024 * 1024 } as const;
/** A session that there is reason to doubt is asked (PING), and given up when nothing comes within this. */
export const PROBE_ANSWER_MS = 5_000;
export const NO_PROGRESS_RESEND_MS = 15_000;
export const NO_PROGRESS_DROP_MS = 30_000;
export const BACKOFF_MIN_MS = 1_000;
export const BACKOFF_MAX_MS = 60_000;
/** Strangers whose messages wait for the user to decide: in all, and from one address. From more nothing is taken yet. */
export const REQUESTS_MAX = 256;
export const REQUESTS_MAX_PER_IP = 16;
/** Strangers who connected and wrote nothing: the newest are remembered. */
export const SILENT_STRANGERS_MAX = 1_024;
export const STREAMS_REMEMBERED_PER_PEER = 64;
/** How many of the newest received positions per peer are searched for rejections to repeat after a SYNC. */
export const REJECT_REPEAT_MESSAGES = 10_000;
/** Of each peer: sessions remembered, and streams of ours that took over from another, for `earshot why`. */
export const MEETINGS_REMEMBERED_PER_PEER = 64;
/** How often one peer's SYNC may send us over more than so many messages again: a restored copy is rare, and a peer may lie. */
export const RENUMBERINGS_MAX = 3;
export const RENUMBERED_AT_WILL_MESSAGES = 1_000;
export const RENUMBERINGS_WITHIN_MS = 10 * 60_000;
export const OUTBOX_MAX_MESSAGES = 100_000;
export const OUTBOX_MAX_BYTES = 256 * 1024 * 1024;

export const HALF_OPEN_MAX = 32;
export const HALF_OPEN_MAX_PER_IP = 4;
export const HANDSHAKES_PER_SECOND = 20;
export const HANDSHAKES_PER_SECOND_PER_IP = 3;
/** Beside the totals: slots for addresses that an accepted peer authenticated from recently. */
export const HALF_OPEN_RESERVED = 8;
export const SESSIONS_MAX = 512;
export const SESSIONS_MAX_UNACCEPTED = 32;
/** Identities cost nothing: one address must not take all of those. */
export const SESSIONS_MAX_UNACCEPTED_PER_IP = 8;
export const UNACCEPTED_RECORDS_PER_SECOND = 200;
export const UNACCEPTED_BYTES_PER_SECOND = 2 * 1024 * 1024;
/** Unwritten bytes per connection from which nothing more is dequeued for it. */
export const UNWRITTEN_MAX_BYTES = 1024 * 1024;
/**
 * Unwritten bytes at which a connection is closed: what must be answered has no window. The outbox stops at the limit
 * above; 10 000 repeated REJECTs are 4.4 MB, and an honest slow reader gets several times that.
 */
export const UNWRITTEN_CLOSE_BYTES = 16 * 1024 * 1024;
export const NO_DRAIN_CLOSE_MS = 30_000;

export const DATAGRAMS_PER_SECOND = 1_000;
export const DATAGRAMS_PER_SECOND_PER_IP = 20;
export const ROSTER_MAX = 4_096;
export const ROSTER_MAX_PER_IP = 16;
export const ADDRESSES_PER_PEER = 3;
/** Addresses that accepted peers passed on: remembered in all, and of one peer's. */
export const PASSED_ON_ADDRESSES_MAX = 256;
export const PASSED_ON_ADDRESSES_MAX_PER_PEER = 64;

/** Largest IPC message, request, reply or event. */
export const IPC_MAX_BYTES = 1024 * 1024;
/** Longest Unix socket path that every platform takes (sun_path less the terminating NUL, Linux). */
export const IPC_PATH_MAX_BYTES = 107;
/** Changes that an event about the feed carries along, and the bytes of their text: it may wait in 10 000 queues. */
export const FEED_EVENT_MAX_ITEMS = 16;
export const FEED_EVENT_MAX_TEXT_BYTES = 4 * 1024;
/** Unread messages of a conversation that are counted; of more, it is this many. */
export const UNREAD_COUNTED_MAX = 1_000;
/** Rows in a page of any list that crosses IPC or HTTP. */
export const PAGE_MAX_ROWS = 500;
/** Bytes of text after which such a page is cut short (a page holds at least one row), under IPC_MAX_BYTES with room for escapes. */
export const PAGE_MAX_TEXT_BYTES = 128 * 1024;

export const HTTP_MAX_CONNECTIONS = 128;
export const HTTP_HEADERS_TIMEOUT_MS = 5_000;
export const HTTP_REQUEST_TIMEOUT_MS = 10_000;
export const HTTP_MAX_HEADER_BYTES = 8 * 1024;
