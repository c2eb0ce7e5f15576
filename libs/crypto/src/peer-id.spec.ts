import fc from 'fast-check';
import { CryptoError } from './errors.js';
import { decodePeerId, encodePeerId, peerTag } from './peer-id.js';

const ID = 'kpaangbebwxv4vwoern6nmritnv4u3mklpktwarxfmx5lj76kmdq';
const badPeerId = new CryptoError('bad-peer-id');

describe('a peer id', () => {
  it('stands for 32 bytes and comes back as them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (raw) => {
        const id = encodePeerId(raw);
        expect(id).toMatch(/^[a-z2-7]{52}$/);
        expect(decodePeerId(id)).toEqual(Buffer.from(raw));
      }),
    );
  });

  it('is base32 of RFC 4648', () => {
    const raw = Buffer.alloc(32);
    raw.write('foobar');
    expect(encodePeerId(raw)).toBe(`mzxw6ytboi${'a'.repeat(42)}`);
    expect(encodePeerId(Buffer.alloc(32, 0xff))).toBe(`${'7'.repeat(51)}q`);
  });

  it.each([
    ['upper case', ID.toUpperCase()],
    ['padding', `${ID}====`],
    ['one character too few', ID.slice(1)],
    ['one too many', `a${ID}`],
    ['a line end', `${ID}\n`],
    ['a digit that is not in the alphabet', ID.replace('k', '1')],
    ['an unused bit that is set', `${ID.slice(0, -1)}r`],
    ['nothing', ''],
  ])('is refused with %s', (_, text) => {
    expect(() => decodePeerId(text)).toThrow(badPeerId);
  });

  it('has one spelling alone: of the 32 last characters only two end a peer id', () => {
    const last = Array.from('abcdefghijklmnopqrstuvwxyz234567').filter((character) => {
      try {
        return encodePeerId(decodePeerId(ID.slice(0, -1) + character)).endsWith(character);
      } catch {
        return false;
      }
    });
    expect(last).toEqual(['a', 'q']);
  });

  it('is never made of another number of bytes', () => {
    expect(() => encodePeerId(Buffer.alloc(31))).toThrow(/^bug:/);
  });

  it('is shortened to ten characters for a tag', () => {
    expect(peerTag(ID)).toBe('kpaangbebw');
  });
});
