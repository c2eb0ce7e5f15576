import fc from 'fast-check';
import { codeOf, hex, loadVectors, session } from '../../test/vectors.js';
import { RECORD_BUCKETS } from '../limits.js';
import { RECORD_BODY_MAX_BYTES, decodeRecord, encodeRecord, isKnownRecordType, type Role } from './record.js';

const vectors = loadVectors<{ role: Role; seq: number; hex: string }>('records');
const roles = fc.constantFrom<Role>('I', 'R');

describe('records', () => {
  it.each(vectors)('$name is $expect', ({ role, seq, hex: text, expect: code }) => {
    expect(codeOf(() => decodeRecord(hex(text), { role, seq })) ?? 'success').toBe(code);
  });

  it.each(vectors.filter(({ expect: code }) => code === 'success'))('$name comes back byte by byte', (vector) => {
    const { role, seq } = vector;
    const record = decodeRecord(hex(vector.hex), { role, seq });
    expect(encodeRecord({ role, seq, ...record }).toString('hex')).toBe(vector.hex);
  });

  it.each(session.records)('$name has the size of the frame in session.json', ({ from, seq, type, body, frame }) => {
    const role = from === 'initiator' ? 'I' : 'R';
    const plaintext = encodeRecord({ role, type, seq, body: hex(body) });
    // Fernet: version, time, IV, padded ciphertext, MAC; then base64 with its padding.
    const token = 4 * Math.ceil((1 + 8 + 16 + (plaintext.length + 16) + 32) / 3);
    expect(frame).toHaveLength(1 + token);
    expect(decodeRecord(plaintext, { role, seq })).toEqual({ type, body: hex(body) });
  });

  it.each([
    [0, 256],
    [240, 256],
    [241, 1024],
    [1008, 1024],
    [1009, 4096],
    [4080, 4096],
    [4081, 16384],
    [16368, 16384],
    [16369, 65536],
    [RECORD_BODY_MAX_BYTES, 65536],
  ])('pads a body of %d bytes to %d', (bytes, bucket) => {
    const plaintext = encodeRecord({ role: 'R', type: 3, seq: 1, body: Buffer.alloc(bytes, 0xff) });
    expect(plaintext).toHaveLength(bucket);
    expect(plaintext.subarray(16 + bytes).every((byte) => byte === 0)).toBe(true);
  });

  it('does not make a record that fits no bucket', () => {
    const body = Buffer.alloc(RECORD_BODY_MAX_BYTES + 1);
    expect(() => encodeRecord({ role: 'I', type: 3, seq: 0, body })).toThrow('bug:');
    expect(() => encodeRecord({ role: 'I', type: 3, seq: 2 ** 53, body: Buffer.alloc(0) })).toThrow('bug:');
  });

  it('knows its types', () => {
    expect([0, 1, 9, 10, 0x7f].map(isKnownRecordType)).toEqual([false, true, true, false, false]);
  });

  it('open what was made, for whoever expects just that', () => {
    const fields = fc.record({
      role: roles,
      type: fc.nat(0x7f),
      seq: fc.maxSafeNat(),
      body: fc.uint8Array({ maxLength: 1500 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(fields, roles, fc.maxSafeNat(), ({ role, type, seq, body }, otherRole, otherSeq) => {
        const plaintext = encodeRecord({ role, type, seq, body });
        expect(decodeRecord(plaintext, { role, seq })).toEqual({ type, body });
        const code = codeOf(() => decodeRecord(plaintext, { role: otherRole, seq: otherSeq }));
        expect(code).toBe(otherRole !== role ? 'bad-role' : otherSeq !== seq ? 'bad-sequence' : undefined);
      }),
    );
  });

  it('let no changed byte through unseen', () => {
    const good = encodeRecord({ role: 'I', type: 3, seq: 5, body: Buffer.alloc(100, 0x61) });
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const bytes = Buffer.from(good);
        bytes[at] = value;
        codeOf(() => {
          const record = decodeRecord(bytes, { role: 'I', seq: 5 });
          expect(encodeRecord({ role: 'I', seq: 5, ...record }).equals(bytes)).toBe(true);
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('refuse random bytes with a code, never with another error', () => {
    const sizes = fc.oneof(fc.nat(300), fc.constantFrom(...RECORD_BUCKETS.slice(0, 2)));
    const plaintexts = sizes.chain((n) => fc.uint8Array({ minLength: n, maxLength: n }));
    fc.assert(
      fc.property(plaintexts, (bytes) => {
        expect(codeOf(() => decodeRecord(Buffer.from(bytes), { role: 'I', seq: 0 }))).toMatch(/^bad-/);
      }),
    );
  });
});
