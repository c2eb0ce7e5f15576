import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './external-vectors.js';

/** What the tests here use of `libs/protocol/vectors/session.json`; byte strings in hex. */
export interface SessionVectors {
  readonly protocol: string;
  readonly fernet_time: number;
  readonly id_seed_initiator: string;
  readonly id_seed_responder: string;
  readonly ext_initiator: string;
  readonly ext_responder: string;
  readonly hello_i: string;
  readonly hello_r: string;
  readonly auth_i: string;
  readonly h8: string;
  readonly sid: string;
  readonly keys_i2r: readonly string[];
  readonly keys_r2i: readonly string[];
  readonly records: readonly {
    readonly name: string;
    readonly from: 'initiator' | 'responder';
    readonly seq: number;
    readonly type: number;
    readonly body: string;
    /** The type byte and the token, as text. */
    readonly frame: string;
  }[];
  readonly peer_id_initiator: string;
  readonly peer_id_responder: string;
  readonly safety_number: string;
  readonly announce: string;
  readonly announce_goodbye: string;
  readonly announce_busy_with_status: string;
  readonly announce_unicode_name: string;
}

/** Our own vectors: never skipped, a missing file is a failure. */
export function readSessionVectors(): SessionVectors {
  const path = join(REPOSITORY, 'libs', 'protocol', 'vectors', 'session.json');
  return JSON.parse(readFileSync(path, 'utf8')) as SessionVectors;
}

/** The "random" numbers of one side of the vectors: SHA256(seed | u32be(i)), a block never shared by two draws. */
export function vectorRandom(seed: 'A' | 'R'): (bytes: number) => Buffer {
  let block = 0;
  return (bytes) => {
    const drawn: Buffer[] = [];
    for (let have = 0; have < bytes; have += 32, block += 1) {
      const counter = Buffer.alloc(4);
      counter.writeUInt32BE(block);
      drawn.push(createHash('sha256').update(seed).update(counter).digest());
    }
    return Buffer.concat(drawn).subarray(0, bytes);
  };
}
