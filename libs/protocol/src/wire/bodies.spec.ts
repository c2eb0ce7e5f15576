import fc from 'fast-check';
import { codeOf, hex, loadVectors, session } from '../../test/vectors.js';
import {
  decodeAck,
  decodeClose,
  decodePing,
  decodeReady,
  decodeReject,
  decodeSync,
  decodeWindow,
  encodeAck,
  encodeClose,
  encodePing,
  encodeReady,
  encodeReject,
  encodeSync,
  encodeWindow,
} from './bodies.js';
import { decodeMsg, encodeMsg, judgeContent } from './message-body.js';
import { decodePeers, decodeReport, encodePeers, encodeReport } from './peer-records.js';

const REENCODE = {
  READY: (body: Buffer) => encodeReady(decodeReady(body)),
  SYNC: (body: Buffer) => encodeSync(decodeSync(body)),
  MSG: (body: Buffer) => encodeMsg(decodeMsg(body)),
  ACK: (body: Buffer) => encodeAck(decodeAck(body)),
  REJECT: (body: Buffer) => encodeReject(decodeReject(body)),
  PING: (body: Buffer) => encodePing(decodePing(body)),
  CLOSE: (body: Buffer) => encodeClose(decodeClose(body)),
  WINDOW: (body: Buffer) => encodeWindow(decodeWindow(body)),
  PEERS: (body: Buffer) => encodePeers(decodePeers(body)),
  PROBE: (body: Buffer) => encodePing(decodePing(body)),
  REPORT: (body: Buffer) => encodeReport(decodeReport(body)),
};
type Body = keyof typeof REENCODE;
const BY_TYPE: readonly Body[] = ['READY', 'SYNC', 'MSG', 'ACK', 'REJECT', 'PING', 'PING', 'CLOSE', 'WINDOW'];

type BodyVector = { body: Body; hex: string } | { body: 'content'; hex: string; ctype: number; times?: number };
const vectors = loadVectors<BodyVector>('bodies');
const bodies = vectors.flatMap((vector) => (vector.body === 'content' ? [] : [vector]));
const contents = vectors.flatMap((vector) => (vector.body === 'content' ? [vector] : []));
const STREAM = hex('0102030405060708');

describe('bodies', () => {
  it.each(bodies)('$name is $expect', ({ body, hex: text, expect: code }) => {
    let again = '';
    expect(codeOf(() => (again = REENCODE[body](hex(text)).toString('hex'))) ?? 'success').toBe(code);
    expect(again).toBe(code === 'success' ? text : '');
  });

  it.each(session.records)('$name of session.json comes back byte by byte', ({ type, body }) => {
    const name = BY_TYPE[type - 1];
    expect(name === undefined ? '' : REENCODE[name](hex(body)).toString('hex')).toBe(body);
  });

  it('decode to their fields', () => {
    const lastId = Buffer.alloc(16, 9);
    expect(decodeReady(hex('00'))).toBe('ok');
    expect(decodeReady(hex('02'))).toBe('busy');
    expect(decodeSync(encodeSync([{ stream: STREAM, lastN: 2 ** 40, lastId }]))).toEqual([
      { stream: STREAM, lastN: 2 ** 40, lastId },
    ]);
    expect(decodeAck(hex('0102030405060708000000000000002a'))).toEqual({ stream: STREAM, upto: 42 });
    expect(decodeReject(hex('0102030405060708000000000000002b02'))).toEqual({ stream: STREAM, n: 43, reason: 2 });
    expect(decodePing(hex('ffffffffffffffff'))).toBe(2n ** 64n - 1n);
    expect(decodeClose(hex('04'))).toBe(4);
    expect(decodeWindow(hex('200000800000'))).toEqual({ messages: 8192, bytes: 8 * 1024 * 1024 });
    const { body = '' } = session.records.find(({ name }) => name === 'MSG text') ?? {};
    expect(decodeMsg(hex(body))).toEqual({
      stream: STREAM,
      n: 42,
      id: hex('00112233445566778899aabbccddeeff'),
      sentMs: 1_760_000_000_123,
      ctype: 1,
      content: Buffer.from('merhaba dünya ✓'),
    });
  });

  it.each(Object.keys(REENCODE) as Body[])('%s: whatever decodes comes back the same', (name) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 140 }), (random) => {
        const body = Buffer.from(random);
        const code = codeOf(() => {
          expect(REENCODE[name](body).equals(body)).toBe(true);
        });
        expect([undefined, 'bad-record']).toContain(code);
      }),
      { numRuns: 500 },
    );
  });

  it('are not made from what has no place in them', () => {
    const entry = { stream: STREAM, lastN: 1, lastId: Buffer.alloc(16) };
    expect(() => encodeSync([entry, entry, entry, entry, entry])).toThrow('bug:');
    expect(() => encodeAck({ stream: STREAM, upto: 2 ** 53 })).toThrow('bug:');
    expect(() => encodeAck({ stream: STREAM, upto: -1 })).toThrow('bug:');
  });
});

describe('judgeContent', () => {
  const answers = { text: 'success', void: 'success', unsupported: 'skip' } as const;

  it.each(contents)('$name is $expect', ({ ctype, hex: text, times = 1, expect: answer }) => {
    const content = hex(text.repeat(times));
    const judgement = judgeContent(ctype, content);
    expect(judgement.kind === 'reject' ? `reject-${judgement.reason}` : answers[judgement.kind]).toBe(answer);
    // Text is kept to the last byte, a byte order mark too.
    expect(judgement.kind === 'text' ? Buffer.from(judgement.text) : content).toEqual(content);
  });

  it('takes every text that can be written, and judges every other content', () => {
    const texts = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(texts, (text) => {
        expect(judgeContent(1, Buffer.from(text))).toEqual({ kind: 'text', text });
      }),
    );
    fc.assert(
      fc.property(fc.nat(255), fc.uint8Array(), (ctype, bytes) => {
        const content = Buffer.from(bytes);
        const judgement = judgeContent(ctype, content);
        expect(judgement.kind === 'text' ? Buffer.from(judgement.text) : content).toEqual(content);
      }),
    );
  });
});
