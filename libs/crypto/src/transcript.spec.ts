import { createHash } from 'node:crypto';
import { erase } from './erase.js';
import { mixHash, startTranscript } from './transcript.js';

const sha256 = (...parts: (string | Buffer)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

describe('a transcript', () => {
  it('starts with the hash of the protocol’s name', () => {
    expect(startTranscript('a name')).toEqual(sha256('a name'));
  });

  it('hashes what was before, the length and the message', () => {
    const h = startTranscript('a name');
    expect(mixHash(h, Buffer.from('hello'))).toEqual(sha256(h, Buffer.of(0, 0, 0, 5), 'hello'));
    expect(mixHash(h, Buffer.alloc(0x10203))).toEqual(sha256(h, Buffer.of(0, 1, 2, 3), Buffer.alloc(0x10203)));
  });
});

describe('erase', () => {
  it('zeroes every buffer it is given', () => {
    const buffers = [Buffer.from('secret'), new Uint8Array([1, 2, 3])];
    erase(...buffers);
    expect(buffers.every((buffer) => buffer.every((byte) => byte === 0))).toBe(true);
  });
});
