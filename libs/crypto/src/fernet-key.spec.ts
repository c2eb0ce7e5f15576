import { inspect } from 'node:util';
import { CryptoError } from './errors.js';
import { FernetKey } from './fernet-key.js';
import { openFernet, sealFernet } from './fernet.js';

const TEXT = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';
const bytes = Buffer.from(TEXT, 'base64url');

describe('FernetKey', () => {
  it('signs with the first half and encrypts with the second', () => {
    const key = new FernetKey(bytes);
    expect(key.signing).toEqual(bytes.subarray(0, 16));
    expect(key.encryption).toEqual(bytes.subarray(16));
  });

  it('is the same made from text', () => {
    expect(openFernet(FernetKey.fromText(TEXT), sealFernet(new FernetKey(bytes), Buffer.from('x')))).toEqual(
      Buffer.from('x'),
    );
  });

  it.each([TEXT.slice(0, -1), `${TEXT}=`, TEXT.replace('_', '/'), TEXT.replace('4=', '5='), '', `AAAA${TEXT}`])(
    'refuses another text than the canonical one (%#)',
    (text) => {
      expect(() => FernetKey.fromText(text)).toThrow(new CryptoError('bad-key'));
    },
  );

  it.each([0, 16, 31, 33, 64])('takes no %i bytes for a key', (length) => {
    expect(() => new FernetKey(Buffer.alloc(length))).toThrow(/^bug:/);
  });

  it('keeps its own copy, so that the giver can erase the original', () => {
    const given = Buffer.from(bytes);
    const key = new FernetKey(given);
    given.fill(0);
    expect(key.signing).toEqual(bytes.subarray(0, 16));
  });

  it('erases both halves, and is never used as the all-zero key afterwards', () => {
    const key = new FernetKey(bytes);
    const { signing, encryption } = key;
    const token = sealFernet(key, Buffer.from('x'));
    key.erase();
    expect(Buffer.concat([signing, encryption])).toEqual(Buffer.alloc(32));
    expect(() => sealFernet(key, Buffer.from('x'))).toThrow(/^bug:/);
    expect(() => openFernet(key, token)).toThrow(/^bug:/);
    key.erase();
  });

  it('does not show itself in logs', () => {
    const key = new FernetKey(bytes);
    expect(inspect(key, { depth: 9 })).toBe('FernetKey {}');
    expect(JSON.stringify({ key })).toBe('{"key":{}}');
  });
});
