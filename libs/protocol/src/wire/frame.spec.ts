import { jest } from '@jest/globals';
import fc from 'fast-check';
import { codeOf, hex, loadVectors, session } from '../../test/vectors.js';
import { ProtocolError } from '../errors.js';
import { RECORD_FRAMES } from '../limits.js';
import {
  EXPECT_AUTH_I,
  EXPECT_HELLO_I,
  EXPECT_HELLO_R,
  EXPECT_RECORD,
  FrameDecoder,
  encodeFrame,
  type FrameExpectation,
} from './frame.js';

const EXPECTATION: Record<string, FrameExpectation> = {
  'responder/start': EXPECT_HELLO_I,
  'initiator/hello': EXPECT_HELLO_R,
  'responder/auth': EXPECT_AUTH_I,
  records: EXPECT_RECORD,
};
const expectationOf = (state: string) => EXPECTATION[state] ?? fail(state);
const vectors = loadVectors<{ state: string; frames: number; hex: string }>('frames');

function fail(state: string): never {
  throw new Error(`no state ${state}`);
}

function chunksOf(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

/** All frames that come out, re-encoded, and the code it ended with. */
function run(accept: FrameExpectation, chunks: readonly Buffer[]): { frames: string[]; code: string } {
  const decoder = new FrameDecoder(accept);
  const frames: string[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let frame = decoder.next(); frame !== null; frame = decoder.next()) {
        frames.push(encodeFrame(frame.type, frame.payload).toString('hex'));
      }
    }
    return { frames, code: 'success' };
  } catch (err) {
    if (err instanceof ProtocolError) return { frames, code: err.code };
    throw err;
  }
}

describe('FrameDecoder', () => {
  describe.each([1, 2, 3, 5, 4096, Number.MAX_SAFE_INTEGER])('with %d bytes at a time', (size) => {
    it.each(vectors)('$name is $expect', ({ state, hex: text, expect: code, frames }) => {
      const bytes = hex(text);
      const result = run(expectationOf(state), chunksOf(bytes, size));
      expect(result.code).toBe(code);
      expect(result.frames).toHaveLength(frames);
      expect(text.startsWith(result.frames.join(''))).toBe(true);
    });
  });

  it.each(RECORD_FRAMES)('takes a record frame of %d', (n) => {
    const frame = encodeFrame(0x10, Buffer.alloc(n - 1, 0x41));
    expect(run(EXPECT_RECORD, [frame])).toEqual({ frames: [frame.toString('hex')], code: 'success' });
  });

  it('takes the session of another implementation, as its state changes', () => {
    const frame = (text: string) => encodeFrame(hex(text)[0] ?? 0, hex(text).subarray(1));
    const decoder = new FrameDecoder(EXPECT_HELLO_I);
    decoder.push(Buffer.concat([frame(session.hello_i), frame(session.auth_i)]));
    expect(decoder.next()?.payload.toString('hex')).toBe(session.hello_i.slice(2));
    decoder.expect(EXPECT_AUTH_I);
    expect(decoder.next()?.payload.toString('hex')).toBe(session.auth_i.slice(2));
    decoder.expect(EXPECT_RECORD);
    for (const { frame: text } of session.records) {
      decoder.push(encodeFrame(0x10, Buffer.from(text.slice(1), 'latin1')));
      expect(decoder.next()?.payload.toString('latin1')).toBe(text.slice(1));
      expect(decoder.next()).toBeNull();
    }
  });

  it('refuses the same bytes again when asked again', () => {
    const decoder = new FrameDecoder(EXPECT_RECORD);
    decoder.push(hex('000001b911'));
    expect(codeOf(() => decoder.next())).toBe('bad-frame-type');
    decoder.push(encodeFrame(0x10, Buffer.alloc(440)));
    expect(codeOf(() => decoder.next())).toBe('bad-frame-type');
  });

  it('does not mistake a later frame for the start of the stream', () => {
    const decoder = new FrameDecoder(EXPECT_RECORD);
    decoder.push(encodeFrame(0x10, Buffer.alloc(440)));
    decoder.next();
    decoder.push(Buffer.from('{"type"'));
    expect(codeOf(() => decoder.next())).toBe('bad-frame-length');
  });

  it('hands out a frame inside a chunk without a copy', () => {
    const chunk = Buffer.concat([encodeFrame(0x10, Buffer.alloc(440)), encodeFrame(0x10, Buffer.alloc(440))]);
    const decoder = new FrameDecoder(EXPECT_RECORD);
    decoder.push(chunk);
    const frames = [decoder.next(), decoder.next()];
    // Both come from Node's pool, so only a change that shows on the other side proves anything.
    chunk.fill(7);
    expect(frames.map((frame) => frame?.payload.every((byte) => byte === 7))).toEqual([true, true]);
  });

  it('loses nothing when a chunk comes before the last one was read', () => {
    const frames = [1, 2, 3].map((fill) => encodeFrame(0x10, Buffer.alloc(440, fill)));
    const decoder = new FrameDecoder(EXPECT_RECORD);
    for (const frame of frames) decoder.push(frame);
    expect(frames.map(() => decoder.next()?.payload[0])).toEqual([1, 2, 3]);
    expect(decoder.next()).toBeNull();
  });

  it('gives the same frames wherever the stream is cut', () => {
    const frame = fc
      .tuple(fc.constantFrom(...RECORD_FRAMES.slice(0, 3)), fc.integer({ min: 0, max: 255 }))
      .map(([n, fill]) => encodeFrame(0x10, Buffer.alloc(n - 1, fill)));
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.nat(2000)), (frames, cuts) => {
        let rest = Buffer.concat(frames);
        const chunks: Buffer[] = [];
        for (const cut of cuts) {
          chunks.push(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        const expected = { frames: frames.map((bytes) => bytes.toString('hex')), code: 'success' };
        expect(run(EXPECT_RECORD, [...chunks, rest])).toEqual(expected);
      }),
    );
  });

  it('takes no memory for a length that may not be', () => {
    const allocate = jest.spyOn(Buffer, 'allocUnsafe');
    const lengths = fc.oneof(fc.nat(0xffff_ffff), fc.nat(100_000), fc.constantFrom(...RECORD_FRAMES));
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(EXPECTATION)), lengths, (accept, length) => {
        const header = Buffer.alloc(5, accept.type);
        header.writeUInt32BE(length);
        allocate.mockClear();
        const decoder = new FrameDecoder(accept);
        decoder.push(header);
        const refused = codeOf(() => decoder.next()) !== undefined;
        const allocated = allocate.mock.calls.map(([bytes]) => bytes);
        const allowed = accept.lengths.includes(length);
        expect({ refused, allocated }).toEqual({ refused: !allowed, allocated: allowed ? [length - 1] : [] });
      }),
      { numRuns: 1_000 },
    );
    allocate.mockRestore();
  });

  it('refuses any stream in the same way wherever it is cut', () => {
    const states = fc.constantFrom(...Object.values(EXPECTATION));
    fc.assert(
      fc.property(states, fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 1, max: 9 }), (accept, bytes, size) => {
        const whole = Buffer.from(bytes);
        expect(run(accept, chunksOf(whole, size))).toEqual(run(accept, [whole]));
      }),
    );
  });
});
