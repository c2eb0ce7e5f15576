import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@earshot/testkit';

/** A vector, as far as inputs are made of it. */
export interface Vector {
  readonly hex?: string;
  readonly text?: string;
  readonly [field: string]: unknown;
}

export function vectors(
  file: 'announcements' | 'bodies' | 'frames' | 'hello' | 'ipc' | 'records' | 'usernames',
): Vector[] {
  return read(file) as Vector[];
}

/** One whole session of another implementation. */
export const session = read('session') as {
  readonly hello_i: string;
  readonly hello_r: string;
  readonly announce: string;
  readonly ext_initiator: string;
  readonly records: readonly { readonly type: number; readonly body: string; readonly frame: string }[];
};

export function bytesOf({ hex = '', text }: Vector): Buffer {
  return text === undefined ? Buffer.from(hex, 'hex') : Buffer.from(text);
}

/** An input whose first byte says what the rest of it is for. */
export function input(mode: number, rest: Uint8Array | string): Buffer {
  return Buffer.concat([Buffer.of(mode), Buffer.from(rest as string)]);
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(repositoryRoot, 'libs/protocol/vectors', `${file}.json`), 'utf8'));
}
