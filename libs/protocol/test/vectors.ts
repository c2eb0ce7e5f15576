import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PROTOCOL_ERROR_CODES, ProtocolError } from '../src/errors.js';

/** What every entry of every vector file has. */
export interface Vector {
  readonly name: string;
  /** 'success', 'skip' (accepted, but something in it is ignored), or what it is refused with. */
  readonly expect: string;
  /** The numbered rule of the specification that it breaks; only refused ones have one. */
  readonly rule?: string;
  readonly why: string;
}

export const VECTOR_FILES = [
  'announcements',
  'bodies',
  'frames',
  'handshakes',
  'hello',
  'records',
  'sessions',
  'usernames',
] as const;

const ANSWERS: readonly string[] = ['success', 'skip', 'reject-1', 'reject-2', 'reject-3', ...PROTOCOL_ERROR_CODES];

/** Reads a vector file, and fails on one that could not prove anything. */
export function loadVectors<Fields>(file: (typeof VECTOR_FILES)[number]): (Vector & Fields)[] {
  const entries = JSON.parse(readText(`vectors/${file}.json`)) as (Vector & Fields)[];
  if (entries.length === 0) throw new Error(`${file}.json is empty`);
  const refused = entries.filter(({ rule }) => rule !== undefined);
  if (refused.length * 2 < entries.length) throw new Error(`${file}.json refuses less than it accepts`);
  if (new Set(entries.map(({ name }) => name)).size < entries.length) throw new Error(`${file}.json has a name twice`);
  for (const { name, expect, rule, why } of entries) {
    const accepted = expect === 'success' || expect === 'skip';
    if (!ANSWERS.includes(expect) || accepted !== (rule === undefined) || why === '')
      throw new Error(`${file}: ${name}`);
  }
  return entries;
}

export interface Session {
  readonly hello_i: string;
  readonly hello_r: string;
  readonly auth_i: string;
  readonly ext_initiator: string;
  readonly ext_responder: string;
  readonly records: readonly { name: string; from: string; seq: number; type: number; body: string; frame: string }[];
  readonly names_refused: readonly string[];
  readonly names_accepted: readonly string[];
  readonly announce: string;
  readonly announce_goodbye: string;
  readonly announce_busy_with_status: string;
  readonly announce_unicode_name: string;
}

/** vectors/session.json: one whole session, from an independent implementation. */
export const session = JSON.parse(readText('vectors/session.json')) as Session;

/** A text file of this package. */
export function readText(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
}

export const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** The code of the ProtocolError that a call ends with, or undefined when it returns; any other error passes through. */
export function codeOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (err) {
    if (err instanceof ProtocolError) return err.code;
    throw err;
  }
}
