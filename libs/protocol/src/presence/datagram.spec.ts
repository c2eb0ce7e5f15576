import { createPublicKey, verify } from 'node:crypto';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { codeOf, hex, loadVectors, session } from '../../test/vectors.js';
import { ProtocolError } from '../errors.js';
import { ANNOUNCEMENT_MAX_BYTES, GOODBYE_COUNTER } from '../limits.js';
import { decodeAnnouncement, encodeAnnouncement, type Announcement } from './announcement.js';
import { encodeDatagram, parseDatagram, splitEarshotField, type SignedDatagram } from './datagram.js';

const vectors = loadVectors<{ kind?: string; username?: string; text?: string; hex?: string }>('announcements');
const accepted = vectors.filter(({ kind }) => kind !== undefined);
const bytesOf = ({ text, hex: digits = '' }: { text?: string; hex?: string }) =>
  text === undefined ? hex(digits) : Buffer.from(text);
const SPKI = hex('302a300506032b6570032100');

/** What the messenger does in libs/crypto, here only to show that the vectors are what they say. */
function checkSignature({ blob, signature, announcement }: SignedDatagram): void {
  const key = createPublicKey({ key: Buffer.concat([SPKI, announcement.identity]), format: 'der', type: 'spki' });
  const signed = Buffer.concat([Buffer.from('earshot/1 announce\0'), blob]);
  if (!verify(null, signed, key, signature)) throw new ProtocolError('bad-signature');
}

function receive(bytes: Buffer): ReturnType<typeof parseDatagram> {
  const datagram = parseDatagram(bytes);
  if (datagram.kind === 'signed') checkSignature(datagram);
  return datagram;
}

const ANNOUNCEMENT: Announcement = {
  vmin: 1,
  vmax: 1,
  identity: Buffer.alloc(32, 3),
  goodbye: false,
  query: false,
  busy: false,
  passOn: false,
  unixMs: 1_760_000_000_000,
  instance: Buffer.alloc(8, 7),
  counter: 5,
  port: 7001,
  ip: '192.168.1.20',
  username: 'alice',
};

describe('datagrams', () => {
  it.each(vectors)('$name is $expect', (vector) => {
    const code = codeOf(() => receive(bytesOf(vector))) ?? 'accepted';
    expect(code).toBe(vector.kind === undefined ? vector.expect : 'accepted');
  });

  it.each(accepted)('$name is $kind', (vector) => {
    const datagram = receive(bytesOf(vector));
    expect(datagram.kind).toBe(vector.kind);
    const name = datagram.kind === 'signed' ? datagram.announcement.username : datagram.username;
    expect(name).toBe(vector.username ?? (JSON.parse(vector.text ?? '') as { username: string }).username);
  });

  it.each(accepted.filter(({ kind, expect: code }) => kind === 'signed' && code === 'success'))(
    '$name comes back byte by byte',
    ({ text = '' }) => {
      const { blob, signature, announcement } = parseDatagram(Buffer.from(text)) as SignedDatagram;
      expect(encodeAnnouncement(announcement)).toEqual(blob);
      expect(encodeDatagram(blob, signature)).toBe(text);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(ANNOUNCEMENT_MAX_BYTES);
    },
  );

  it.each([
    [session.announce, { username: 'alice', goodbye: false, busy: false, counter: 5, status: undefined }],
    [
      session.announce_goodbye,
      { username: 'alice', goodbye: true, busy: false, counter: GOODBYE_COUNTER, status: undefined },
    ],
    [
      session.announce_busy_with_status,
      { username: 'alice', goodbye: false, busy: true, counter: 6, status: 'öğle arası' },
    ],
    [session.announce_unicode_name, { username: 'Özmen', goodbye: false, busy: false, counter: 7, status: undefined }],
  ])('%s of another implementation is read, verified and made again', (text, expected) => {
    const { announcement, blob, signature } = receive(Buffer.from(text)) as SignedDatagram;
    const { username, goodbye, busy, counter, status } = announcement;
    expect({ username, goodbye, busy, counter, status }).toEqual(expected);
    expect({ ip: announcement.ip, port: announcement.port }).toEqual({ ip: '192.168.1.20', port: 7001 });
    expect(encodeDatagram(encodeAnnouncement(announcement), signature)).toBe(text);
    expect(blob).toEqual(encodeAnnouncement(announcement));
  });

  it('are signed as they were sent, not as they would be made again', () => {
    const vector = vectors.find(({ name }) => name === 'signed/unknown-flags');
    const { blob, announcement } = receive(Buffer.from(vector?.text ?? '')) as SignedDatagram;
    expect(encodeAnnouncement(announcement)).not.toEqual(blob);
  });

  it('keep the object prototype out of it', () => {
    const text = '{"__proto__":{"username":"alice","ip":"10.0.0.1","port":7001}}';
    expect(codeOf(() => parseDatagram(Buffer.from(text)))).toBe('bad-username');
  });

  it('are judged by their size before anything else', () => {
    const parse = jest.spyOn(JSON, 'parse');
    expect(codeOf(() => parseDatagram(Buffer.alloc(1025, '[')))).toBe('bad-datagram');
    expect(parse).not.toHaveBeenCalled();
    expect(codeOf(() => parseDatagram(Buffer.alloc(1024, '[')))).toBe('bad-datagram');
    expect(parse).toHaveBeenCalledTimes(1);
    parse.mockRestore();
  });

  it('are not made from what would be refused', () => {
    const signature = Buffer.alloc(64);
    const make = (change: Partial<Announcement>) =>
      encodeDatagram(encodeAnnouncement({ ...ANNOUNCEMENT, ...change }), signature);
    expect(make({})).toContain('"username":"alice","ip":"192.168.1.20","port":7001,"earshot":"');
    expect(() => make({ goodbye: true })).toThrow('bug:');
    expect(() => make({ ip: '192.168.1' })).toThrow('bug:');
    expect(codeOf(() => make({ username: 'a b' }))).toBe('bad-username');
    expect(codeOf(() => make({ status: 'x'.repeat(65) }))).toBe('bad-announcement');
    expect(() => encodeDatagram(encodeAnnouncement(ANNOUNCEMENT), Buffer.alloc(63))).toThrow('bug:');
  });

  it('decode to what was encoded', () => {
    const announcements = fc.record(
      {
        vmin: fc.nat(100),
        vmax: fc.integer({ min: 100, max: 255 }),
        identity: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
        goodbye: fc.constant(false),
        query: fc.boolean(),
        busy: fc.boolean(),
        passOn: fc.boolean(),
        unixMs: fc.nat(253_402_300_799_999),
        instance: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
        counter: fc.nat(0xffff_fffe),
        port: fc.integer({ min: 1, max: 65_535 }),
        ip: fc.ipV4(),
        username: fc.constantFrom('alice', 'Özmen', '张伟', 'ö'.repeat(32)),
        status: fc
          .string({ unit: 'grapheme', minLength: 1, maxLength: 5 })
          .filter((text) => Buffer.byteLength(text) <= 64),
      },
      { requiredKeys: Object.keys(ANNOUNCEMENT) as (keyof Announcement)[] },
    );
    fc.assert(
      fc.property(announcements, (announcement) => {
        const blob = encodeAnnouncement(announcement);
        expect(decodeAnnouncement(blob)).toEqual(announcement);
        const text = encodeDatagram(blob, Buffer.alloc(64, 1));
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(ANNOUNCEMENT_MAX_BYTES);
        expect((parseDatagram(Buffer.from(text)) as SignedDatagram).blob).toEqual(blob);
      }),
    );
  });

  it('come back the same after any change of a byte, unless that is refused or ignored', () => {
    const good = encodeAnnouncement({ ...ANNOUNCEMENT, status: 'away' });
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const blob = Buffer.from(good);
        blob[at] = value;
        let faithful = true;
        const code = codeOf(() => {
          const announcement = decodeAnnouncement(blob);
          const ignored = at === 3 ? value > 7 : announcement.status === undefined;
          faithful = ignored || encodeAnnouncement(announcement).equals(blob);
        });
        expect(faithful).toBe(true);
        expect([undefined, 'bad-announcement', 'newer-announcement', 'bad-username']).toContain(code);
      }),
      { numRuns: 3000 },
    );
  });

  it('refuse random bytes and random JSON with a code, never with another error', () => {
    const json = fc.json().map((text) => Buffer.from(text));
    const near = fc
      .record({ username: fc.anything(), ip: fc.anything(), port: fc.anything(), earshot: fc.base64String() })
      .map((object) =>
        Buffer.from(JSON.stringify(object, (_, value: unknown) => (typeof value === 'bigint' ? 0 : value))),
      );
    const random = fc.uint8Array({ maxLength: 1100 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(json, near, random), (bytes) => {
        expect(codeOf(() => parseDatagram(bytes))).toMatch(
          /^(bad-datagram|bad-username|bad-announcement|newer-announcement)$/,
        );
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect([undefined, 'bad-datagram']).toContain(codeOf(() => splitEarshotField(text)));
      }),
    );
  });
});
