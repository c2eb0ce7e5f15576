/**
 * Orders of records that a session accepts or not (wire-v1 §5.2, §6.4). The side under test is `side`; `records` are the
 * plaintexts' types and bodies in the order in which that side receives (`in`) or has sent (`out`) them; the last `in` is
 * the one that `expect` is about.
 */
import { MESSAGE_ID, SENT_MS, STREAM, cat, u16, u32, u64, u8, utf8 } from './bytes.mjs';

const READY_OK = { type: 1, body: u8(0) };
const READY_BUSY = { type: 1, body: u8(2) };
const SYNC = { type: 2, body: u8(0) };
const WINDOW = { type: 9, body: cat(u16(64), u32(524288)) };
const PING = { type: 6, body: u64(7) };
const CLOSE = { type: 8, body: u8(0) };
const UNKNOWN = { type: 0x7f, body: u8(0) };
const msg = (n) => ({ type: 3, body: cat(STREAM, u64(n), MESSAGE_ID, u64(SENT_MS), u8(1), utf8('x')) });
const ack = (n, stream = STREAM) => ({ type: 4, body: cat(stream, u64(n)) });
const reject = (n, stream = STREAM) => ({ type: 5, body: cat(stream, u64(n), u8(4)) });
const OTHER = Buffer.alloc(8, 0x99);

const incoming = (...records) => records.map((record) => ({ way: 'in', ...record }));
const outgoing = (...records) => records.map((record) => ({ way: 'out', ...record }));
const entry = (side) => (name, expect, rule, records, why) => ({
  name: `${side}/${name}`,
  expect,
  ...(rule === null ? {} : { rule }),
  side,
  records: records.map(({ way, type, body }) => ({ way, type, body: body.toString('hex') })),
  why,
});
const initiator = entry('initiator');
const responder = entry('responder');

const OPEN = [...incoming(READY_OK, SYNC), ...outgoing(SYNC)];
const SENT_TWO = [...OPEN, ...outgoing(msg(1), msg(2))];
const ANSWERED = [...outgoing(READY_OK, SYNC), ...incoming(SYNC)];

export const sessions = [
  initiator('ready-sync', 'success', null, incoming(READY_OK, SYNC), 'the order of the responder'),
  initiator('ready-busy-close', 'success', null, incoming(READY_BUSY, CLOSE), 'no room: try again later'),
  initiator('close-at-once', 'success', null, incoming(CLOSE), 'it stops this very moment'),
  initiator('close-before-sync', 'success', null, incoming(READY_OK, CLOSE), 'it may end at any time'),
  initiator('message', 'success', null, [...OPEN, ...incoming(msg(1))], 'after both SYNCs'),
  initiator('unknown-record', 'success', null, [...OPEN, ...incoming(UNKNOWN)], 'below 80: ignored'),
  initiator('ack-of-sent', 'success', null, [...SENT_TWO, ...incoming(ack(2))], 'both'),
  initiator('ack-again', 'success', null, [...SENT_TWO, ...incoming(ack(2), ack(1))], 'late, and harmless'),
  initiator('ack-of-unknown-stream', 'success', null, [...SENT_TWO, ...incoming(ack(9, OTHER))], 'ignored'),
  initiator('reject-of-unknown-stream', 'success', null, [...SENT_TWO, ...incoming(reject(9, OTHER))], 'ignored'),
  responder('sync', 'success', null, [...outgoing(READY_OK, SYNC), ...incoming(SYNC)], 'the order of the initiator'),
  responder('window-after-sync', 'success', null, [...ANSWERED, ...incoming(WINDOW)], 'any time after it'),
  responder(
    'close-at-once',
    'success',
    null,
    [...outgoing(READY_OK, SYNC), ...incoming(CLOSE)],
    'superseded meanwhile',
  ),

  initiator('sync-before-ready', 'bad-order', 'W-5.17', incoming(SYNC), 'nothing says that it accepted us'),
  initiator('ping-before-ready', 'bad-order', 'W-5.17', incoming(PING), 'nothing says that it accepted us'),
  initiator('ready-twice', 'bad-order', 'W-5.17', incoming(READY_OK, READY_OK), 'once'),
  initiator('ready-later', 'bad-order', 'W-5.17', [...OPEN, ...incoming(READY_OK)], 'once'),
  responder(
    'ready-of-initiator',
    'bad-order',
    'W-5.17',
    [...outgoing(READY_OK, SYNC), ...incoming(READY_OK)],
    'only the responder says it',
  ),
  initiator('window-before-sync', 'bad-order', 'W-5.18', incoming(READY_OK, WINDOW), 'SYNC comes first'),
  initiator('message-before-sync', 'bad-order', 'W-5.18', incoming(READY_OK, msg(1)), 'SYNC comes first'),
  initiator('sync-twice', 'bad-order', 'W-5.18', [...OPEN, ...incoming(SYNC)], 'acted on once in a session'),
  responder(
    'message-before-sync',
    'bad-order',
    'W-5.18',
    [...outgoing(READY_OK, SYNC), ...incoming(msg(1))],
    'SYNC comes first',
  ),
  responder('sync-twice', 'bad-order', 'W-5.18', [...ANSWERED, ...incoming(SYNC)], 'acted on once in a session'),
  initiator('ack-of-unsent', 'ack-of-unsent', 'W-6.1', [...SENT_TWO, ...incoming(ack(3))], 'two were sent'),
  responder(
    'ack-of-unsent',
    'ack-of-unsent',
    'W-6.1',
    [...ANSWERED, ...outgoing(msg(1)), ...incoming(ack(2))],
    'one was sent',
  ),
  initiator('reject-of-unsent', 'ack-of-unsent', 'W-6.2', [...SENT_TWO, ...incoming(reject(3))], 'two were sent'),
];
