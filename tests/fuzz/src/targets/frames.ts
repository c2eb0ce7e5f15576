import {
  encodeFrame,
  EXPECT_AUTH_I,
  EXPECT_HELLO_I,
  EXPECT_HELLO_R,
  EXPECT_RECORD,
  FrameDecoder,
  ProtocolError,
} from '@earshot/protocol';
import { assert, type Target } from '../target.js';
import { bytesOf, input, session, vectors } from './vectors.js';

const STATES = [EXPECT_HELLO_I, EXPECT_HELLO_R, EXPECT_AUTH_I, EXPECT_RECORD];
const NAMES = ['responder/start', 'initiator/hello', 'responder/auth', 'records'];

/** All that comes out, written again, and how it ends. */
function cut(state: number, stream: Buffer, size: number): { frames: Buffer; end: string } {
  const decoder = new FrameDecoder(STATES[state % STATES.length] ?? EXPECT_RECORD);
  const frames: Buffer[] = [];
  try {
    for (let at = 0; at < stream.length; at += size) {
      decoder.push(stream.subarray(at, at + size));
      for (let frame = decoder.next(); frame !== null; frame = decoder.next()) {
        frames.push(encodeFrame(frame.type, frame.payload));
      }
    }
    return { frames: Buffer.concat(frames), end: 'more' };
  } catch (err) {
    if (err instanceof ProtocolError) return { frames: Buffer.concat(frames), end: err.code };
    throw err;
  }
}

/** `state | size of a chunk | stream` */
export const frames: Target = {
  name: 'frames',
  seeds: [
    ...vectors('frames').map((vector) =>
      input(NAMES.indexOf(vector['state'] as string), Buffer.concat([Buffer.of(6), bytesOf(vector)])),
    ),
    input(3, Buffer.concat([Buffer.of(200), ...session.records.slice(0, 4).map(({ frame }) => framed(frame))])),
  ],
  dictionary: ['\0\0\0\x49\x01', '\0\0\x02\xbd\x02', '\0\0\x02\x79\x03', '\0\0\x01\xb9\x10', '\0\0\x05\xb9\x10', '{'],
  maxBytes: 4096,
  run: (bytes) => {
    const [state = 0, size = 0] = bytes;
    const stream = bytes.subarray(2);
    const whole = cut(state, stream, stream.length + 1);
    const chunked = cut(state, stream, size + 1);
    assert(whole.end === chunked.end && whole.frames.equals(chunked.frames), 'it depends on where the stream is cut');
    assert(stream.subarray(0, whole.frames.length).equals(whole.frames), 'frames are not the bytes they came as');
  },
};

function framed(frame: string): Buffer {
  return encodeFrame(0x10, Buffer.from(frame.slice(1), 'latin1'));
}
