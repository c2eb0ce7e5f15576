/** The rule for usernames, presence-v1 §3: letters of any script, nothing invisible, no spaces. */
import { USERNAME_MAX_BYTES, USERNAME_MAX_CODE_POINTS } from '../limits.js';

/** What is wrong with a name; `checkUsername` reports the first that applies, in this order. */
export type UsernameProblem = 'empty' | 'too-long' | 'not-normalised' | 'invisible' | 'bad-start' | 'bad-character';

const START = /^[\p{L}\p{N}]/u;
// Spaces stay out because the original's peer list splits on them.
const WHOLE = /^[\p{L}\p{M}\p{N}_.-]*$/u;
// Some of these are letters or marks to Unicode (U+3164, U+034F, U+FE0F): two names would look alike.
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

/** Judges a name as it stands; whoever reads one from a keyboard normalises to NFC first. */
export function checkUsername(name: string): 'ok' | UsernameProblem {
  if (name === '') return 'empty';
  // First, since it bounds the work on what a stranger sent.
  if (Buffer.byteLength(name) > USERNAME_MAX_BYTES) return 'too-long';
  if (Array.from(name).length > USERNAME_MAX_CODE_POINTS) return 'too-long';
  if (name !== name.normalize('NFC')) return 'not-normalised';
  if (INVISIBLE.test(name)) return 'invisible';
  if (!START.test(name)) return 'bad-start';
  return WHOLE.test(name) ? 'ok' : 'bad-character';
}

/**
 * Names that people may take for one another fold to the same: without case, and with the forms that Unicode keeps for
 * compatibility (NFKC) taken for what they stand for. Letters of another script that only look alike are another name.
 */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase().normalize('NFKC');
}

export function sameName(a: string, b: string): boolean {
  return foldName(a) === foldName(b);
}
