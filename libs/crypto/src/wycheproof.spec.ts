/** Wycheproof, run through our own functions rather than through node:crypto beside them. */
import { createHmac } from 'node:crypto';
import {
  atLeastOne,
  describeVectors,
  hex,
  mayUseVectors,
  wycheproofCases,
  type WycheproofCase,
} from '../test/external-vectors.js';
import { verifyUnlabelled } from './ed25519.js';
import { FernetKey } from './fernet-key.js';
import { openFernet, sealFernet } from './fernet.js';
import { equalBytes, expandInfo, extract } from './hkdf.js';
import { agree, x25519FromSeed } from './x25519.js';

/** The numbers of the cases that did not go as they should. */
function wrong(cases: readonly WycheproofCase[], isRight: (one: WycheproofCase) => boolean): number[] {
  return cases.filter((one) => !isRight(one)).map((one) => one.tcId);
}

/** What a call came to: hex, or the error's text. */
function outcome(call: () => Buffer): string {
  try {
    return call().toString('hex');
  } catch (err) {
    return (err as Error).message;
  }
}

// Here rather than in a file of its own: jest does not list the titles of a file in which everything is skipped.
describe('the loader of external vectors', () => {
  it('skips a missing file, unless the vectors are required', () => {
    expect(mayUseVectors('no-such.json', '/nowhere', false)).toBe(false);
    expect(() => mayUseVectors('no-such.json', '/nowhere', true)).toThrow('no-such.json is missing');
  });

  it('fails on a file without vectors', () => {
    expect(() => atLeastOne([])).toThrow('no vectors found');
    expect(() => wycheproofCases('{"numberOfTests":0,"testGroups":[]}')).toThrow('no vectors found');
  });

  it('fails where it finds fewer cases than the file counts', () => {
    expect(() => wycheproofCases('{"numberOfTests":2,"testGroups":[{"tests":[{}]}]}')).toThrow('1 of 2 cases');
  });
});

describeVectors('wycheproof/x25519_test.json', (text) => {
  const cases = wycheproofCases(text);

  it('agrees on the secret of every share, and refuses those that lead to zero', () => {
    const answer = (one: WycheproofCase) => outcome(() => agree(x25519FromSeed(hex(one.private)), hex(one.public)));
    const expected = (one: WycheproofCase) => (/^0+$/.test(one.shared) ? 'bad-share' : one.shared);
    expect(wrong(cases, (one) => answer(one) === expected(one))).toEqual([]);
    expect(cases.filter((one) => expected(one) === 'bad-share')).toHaveLength(31);
  });
});

describeVectors('wycheproof/ed25519_test.json', (text) => {
  const cases = wycheproofCases(text);

  it('verifies what is valid and nothing else', () => {
    const isRight = (one: WycheproofCase) =>
      verifyUnlabelled(hex(one.publicKey.pk), hex(one.msg), hex(one.sig)) === (one.result === 'valid');
    expect(wrong(cases, isRight)).toEqual([]);
  });
});

describeVectors('wycheproof/hkdf_sha256_test.json', (text) => {
  const cases = wycheproofCases(text);

  it('extracts and expands as RFC 5869 says, and makes no more than 255 blocks', () => {
    const answer = (one: WycheproofCase) =>
      outcome(() => expandInfo(extract(hex(one.salt), hex(one.ikm)), hex(one.info), one.size));
    const expected = (one: WycheproofCase) =>
      one.result === 'valid' ? one.okm : `bug: HKDF cannot make ${one.size} bytes`;
    expect(wrong(cases, (one) => answer(one) === expected(one))).toEqual([]);
  });
});

describeVectors('wycheproof/hmac_sha256_test.json', (text) => {
  const cases = wycheproofCases(text);

  it('makes and compares HMAC-SHA256, of which extraction is nothing but a use', () => {
    const isRight = (one: WycheproofCase) => {
      const tag = extract(hex(one.key), hex(one.msg)).subarray(0, one.tagSize / 8);
      return equalBytes(tag, hex(one.tag)) === (one.result === 'valid');
    };
    expect(wrong(cases, isRight)).toEqual([]);
  });
});

describeVectors('wycheproof/aes_cbc_pkcs5_test.json', (text) => {
  // Fernet knows AES-128 alone; the file's two other thirds are longer keys.
  const cases = atLeastOne(wycheproofCases(text).filter((one) => one.keySize === 128));
  const signing = Buffer.alloc(16, 7);
  const header = Buffer.from('800000000000000000', 'hex');

  function token(one: WycheproofCase): string {
    const body = Buffer.concat([header, hex(one.iv), hex(one.ct)]);
    const tag = createHmac('sha256', signing).update(body).digest();
    const raw = Buffer.concat([body, tag]);
    return raw.toString('base64url').padEnd(Math.ceil(raw.length / 3) * 4, '=');
  }

  it('opens what is padded rightly, and refuses the rest although its MAC is good', () => {
    const answer = (one: WycheproofCase) =>
      outcome(() => openFernet(new FernetKey(Buffer.concat([signing, hex(one.key)])), token(one)));
    expect(wrong(cases, (one) => answer(one) === (one.result === 'valid' ? one.msg : 'bad-token'))).toEqual([]);
  });

  it('seals to the same ciphertext', () => {
    const valid = atLeastOne(cases.filter((one) => one.result === 'valid'));
    const seal = (one: WycheproofCase) =>
      sealFernet(new FernetKey(Buffer.concat([signing, hex(one.key)])), hex(one.msg), {
        iv: hex(one.iv),
        timeSeconds: 0,
      });
    expect(wrong(valid, (one) => seal(one).toString() === token(one))).toEqual([]);
  });
});
