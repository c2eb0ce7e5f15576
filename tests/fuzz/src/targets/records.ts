import {
  decodeAck,
  decodeClose,
  decodeMsg,
  decodePeers,
  decodePing,
  decodeReady,
  decodeRecord,
  decodeReject,
  decodeReport,
  decodeSync,
  decodeWindow,
  encodeAck,
  encodeClose,
  encodeMsg,
  encodePeers,
  encodePing,
  encodeReady,
  encodeRecord,
  encodeReject,
  encodeReport,
  encodeSync,
  encodeWindow,
  isKnownRecordType,
  judgeContent,
  ProtocolError,
  RECORD_BUCKETS,
  RECORD_TYPE,
} from '@earshot/protocol';
import { assert, unless, type Target } from '../target.js';
import { bytesOf, input, session, vectors } from './vectors.js';

const AGAIN: Readonly<Record<number, (body: Buffer) => Buffer>> = {
  [RECORD_TYPE.ready]: (body) => encodeReady(decodeReady(body)),
  [RECORD_TYPE.sync]: (body) => encodeSync(decodeSync(body)),
  [RECORD_TYPE.msg]: (body) => encodeMsg(decodeMsg(body)),
  [RECORD_TYPE.ack]: (body) => encodeAck(decodeAck(body)),
  [RECORD_TYPE.reject]: (body) => encodeReject(decodeReject(body)),
  [RECORD_TYPE.ping]: (body) => encodePing(decodePing(body)),
  [RECORD_TYPE.pong]: (body) => encodePing(decodePing(body)),
  [RECORD_TYPE.close]: (body) => encodeClose(decodeClose(body)),
  [RECORD_TYPE.window]: (body) => encodeWindow(decodeWindow(body)),
  [RECORD_TYPE.peers]: (body) => encodePeers(decodePeers(body)),
  [RECORD_TYPE.probe]: (body) => encodePing(decodePing(body)),
  [RECORD_TYPE.report]: (body) => encodeReport(decodeReport(body)),
};

function checkBody(type: number, body: Buffer): void {
  const again = unless([ProtocolError], () => AGAIN[type]?.(body));
  if (again === undefined) return;
  assert(again.equals(body), `a body of type ${type} has two spellings`);
  if (type !== RECORD_TYPE.msg) return;
  const { ctype, content } = decodeMsg(body);
  const judged = judgeContent(ctype, content);
  if (judged.kind === 'text') assert(Buffer.from(judged.text).equals(content), 'a text is not the bytes it came as');
}

const typeNamed = (name: unknown) =>
  RECORD_TYPE[String(name).toLowerCase() as keyof typeof RECORD_TYPE] as number | undefined;

/** `type | body` */
export const bodies: Target = {
  name: 'bodies',
  seeds: [
    ...vectors('bodies').flatMap((vector) => {
      const type = typeNamed(vector['body']);
      return type === undefined ? [] : [input(type, bytesOf(vector))];
    }),
    ...session.records.map(({ type, body }) => input(type, Buffer.from(body, 'hex'))),
  ],
  dictionary: [
    '\0\x1f\xff\xff\xff\xff\xff\xff',
    '\0\0\xe6\x77\xd2\x1f\xdb\xff',
    '\xef\xbb\xbf',
    '\xed\xa0\x80',
    '\xf0\x9f\x91\x8d',
  ],
  maxBytes: 512,
  run: (bytes) => {
    checkBody(bytes[0] ?? 0, bytes.subarray(1));
  },
};

/** `role of the sender | expected seq | plaintext, padded to a bucket here` */
export const records: Target = {
  name: 'records',
  seeds: vectors('records').map((vector) => {
    const mode = (vector['role'] === 'I' ? 0 : 1) | ((Number(vector['seq']) & 127) << 1);
    const plaintext = bytesOf(vector);
    return input(mode, plaintext.subarray(0, plaintext.findLastIndex((byte) => byte !== 0) + 1));
  }),
  dictionary: ['\x01I', '\x01R', '\0\0\0\x10', '\0\0\x04\0'],
  maxBytes: 1400,
  run: (bytes) => {
    const mode = bytes[0] ?? 0;
    const expected = { role: (mode & 1) === 0 ? 'I' : 'R', seq: mode >> 1 } as const;
    const rest = bytes.subarray(1);
    const plaintext = Buffer.alloc(RECORD_BUCKETS.find((bucket) => rest.length <= bucket) ?? 0);
    rest.copy(plaintext);
    const record = unless([ProtocolError], () => decodeRecord(plaintext, expected));
    if (record === undefined) return;
    assert(encodeRecord({ ...expected, ...record }).equals(plaintext), 'a record has two spellings');
    if (isKnownRecordType(record.type)) checkBody(record.type, record.body);
  },
};
