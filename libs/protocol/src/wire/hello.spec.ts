import fc from 'fast-check';
import { codeOf, hex, loadVectors, session } from '../../test/vectors.js';
import { decodeAuthPayload, encodeAuthPayload, joinAuthPlaintext, splitAuthPlaintext } from './auth-payload.js';
import { decodeExtensions, encodeExtensions } from './extensions.js';
import {
  checkVersion,
  chooseVersion,
  decodeHelloI,
  decodeHelloR,
  encodeHelloI,
  encodeHelloR,
  helloITranscript,
  helloRTranscript,
  type VersionRange,
} from './hello.js';

type Message = 'HELLO_I' | 'HELLO_R' | 'pay' | 'plaintext';
const vectors = loadVectors<{ message: Message; own?: VersionRange; hex: string }>('hello');

/** Reads a message as its receiver does and writes it again. */
function reencode(message: Message, bytes: Buffer, own?: VersionRange): Buffer {
  switch (message) {
    case 'HELLO_I': {
      const hello = decodeHelloI(bytes.subarray(1));
      chooseVersion(hello, own);
      return Buffer.concat([hex('01'), encodeHelloI(hello)]);
    }
    case 'HELLO_R': {
      const hello = decodeHelloR(bytes.subarray(1));
      checkVersion(hello, own);
      return Buffer.concat([hex('02'), encodeHelloR(hello)]);
    }
    case 'pay':
      return encodeAuthPayload(decodeAuthPayload(bytes));
    case 'plaintext':
      return joinAuthPlaintext(splitAuthPlaintext(bytes));
  }
}

describe('handshake messages', () => {
  it.each(vectors)('$name is $expect', ({ message, own, hex: text, expect: code }) => {
    const bytes = hex(text);
    expect(codeOf(() => reencode(message, bytes, own)) ?? 'accepted').toBe(
      code === 'success' || code === 'skip' ? 'accepted' : code,
    );
  });

  it.each(vectors.filter(({ expect: code }) => code === 'success'))('$name comes back byte by byte', (vector) => {
    expect(reencode(vector.message, hex(vector.hex), vector.own).toString('hex')).toBe(vector.hex);
  });

  it.each(vectors.filter(({ expect: code }) => code === 'skip'))(
    '$name comes back without what is ignored',
    (vector) => {
      expect(reencode(vector.message, hex(vector.hex), vector.own).toString('hex')).not.toBe(vector.hex);
    },
  );

  it('decode to their fields', () => {
    const hello = decodeHelloI(hex(session.hello_i).subarray(1));
    expect({ ...hello, nonce: hello.nonce.toString('hex'), share: hello.share.toString('hex') }).toEqual({
      vmin: 1,
      vmax: 1,
      nonce: session.hello_i.slice(18, 82),
      share: session.hello_i.slice(82),
    });
    const { version, token } = decodeHelloR(hex(session.hello_r).subarray(1));
    expect({ version, token: token.toString('hex') }).toEqual({ version: 1, token: session.hello_r.slice(138) });
  });

  it.each([
    [session.ext_initiator, { username: 'alice', tcpPort: 7001 }],
    [session.ext_responder, { username: 'bob', tcpPort: 7001 }],
  ])('read the extensions %s of another implementation', (text, extensions) => {
    expect(decodeExtensions(hex(text))).toEqual(extensions);
    expect(encodeExtensions(extensions).toString('hex')).toBe(text);
  });

  it('treat as absent what has no meaning to them, and keep the rest', () => {
    const vector = vectors.find(({ name }) => name === 'pay/name-breaks-the-rule');
    expect(decodeAuthPayload(hex(vector?.hex ?? '')).extensions).toEqual({ tcpPort: 7001 });
  });

  it('enter the transcript with their type, and the second one without its token', () => {
    expect(helloITranscript(hex(session.hello_i).subarray(1)).toString('hex')).toBe(session.hello_i);
    expect(helloRTranscript(hex(session.hello_r).subarray(1)).toString('hex')).toBe(session.hello_r.slice(0, 138));
    const withoutToken = hex(session.hello_r).subarray(1, 69);
    expect(helloRTranscript(withoutToken).toString('hex')).toBe(session.hello_r.slice(0, 138));
  });

  it('pick the highest common version, which the other side confirms', () => {
    const range = fc.tuple(fc.nat(5), fc.nat(5)).map(([a, b]) => ({ vmin: Math.min(a, b), vmax: Math.max(a, b) }));
    fc.assert(
      fc.property(range, range, (initiator, responder) => {
        const common = [0, 1, 2, 3, 4, 5].filter(
          (v) => v >= initiator.vmin && v <= initiator.vmax && v >= responder.vmin && v <= responder.vmax,
        );
        const accepted = [0, 1, 2, 3, 4, 5].filter(
          (version) =>
            codeOf(() => {
              checkVersion({ version, ...responder }, initiator);
            }) === undefined,
        );
        const highest = common.at(-1);
        expect(accepted).toEqual(highest === undefined ? [] : [highest]);
        let chosen: number | undefined;
        const code = codeOf(() => (chosen = chooseVersion(initiator, responder)));
        expect({ chosen, code }).toEqual({ chosen: highest, code: highest === undefined ? 'bad-version' : undefined });
      }),
    );
  });

  it.each([
    ['HELLO_I', hex(session.hello_i)],
    ['HELLO_R', hex(session.hello_r)],
    [
      'pay',
      encodeAuthPayload({
        identity: Buffer.alloc(32, 7),
        extensions: { username: 'alice', tcpPort: 7001, features: 3 },
      }),
    ],
  ] as const)('%s: whatever decodes comes back the same, unless something in it is ignored', (message, good) => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const bytes = Buffer.from(good);
        bytes[at] = value;
        let faithful = true;
        const code = codeOf(() => {
          const again = reencode(message, bytes, { vmin: 0, vmax: 255 });
          // The type byte of a hello is the frame's business.
          if (message !== 'pay') again[0] = bytes[0] ?? 0;
          const ignored = message === 'pay' && Object.keys(decodeAuthPayload(bytes).extensions).length < 3;
          faithful = ignored || again.equals(bytes);
        });
        expect(faithful).toBe(true);
        expect([undefined, 'bad-hello', 'bad-version', 'bad-auth-payload', 'bad-extension']).toContain(code);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuse random bytes with a code, never with another error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 800 }), (random) => {
        const bytes = Buffer.from(random);
        expect(codeOf(() => decodeHelloI(bytes))).toBe('bad-hello');
        expect(codeOf(() => decodeHelloR(bytes))).toBe('bad-hello');
        expect(codeOf(() => decodeAuthPayload(bytes))).toBe('bad-auth-payload');
        expect([undefined, 'bad-extension']).toContain(codeOf(() => decodeExtensions(bytes)));
      }),
    );
  });

  it('are not made from what does not fit', () => {
    const username = 'x'.repeat(300);
    expect(() => encodeAuthPayload({ identity: Buffer.alloc(32), extensions: { username } })).toThrow('bug:');
    expect(() => encodeHelloI({ vmin: 1, vmax: 1, nonce: Buffer.alloc(31), share: Buffer.alloc(32) })).toThrow('bug:');
  });
});
