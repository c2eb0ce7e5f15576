/** What people read about who somebody is. */
import type { MessengerContract, ReplyOf } from '@earshot/protocol/ipc';
import { taggedName } from './lines.js';

/** Groups of digits in a row: what can be read out in one breath. */
const GROUPS_PER_ROW = 4;

/** @param confirm the command that takes the number, up to the number itself */
export function safetyNumberLines(
  { id, username, trust, safetyNumber }: ReplyOf<MessengerContract, 'safetyNumber'>,
  confirm: string,
): string[] {
  const name = taggedName({ id, username });
  const groups = safetyNumber.split(' ');
  const rows = Array.from({ length: groups.length / GROUPS_PER_ROW }, (_, row) =>
    groups.slice(row * GROUPS_PER_ROW, (row + 1) * GROUPS_PER_ROW).join(' '),
  );
  return [
    `Safety number of you and ${name} (${trust}):`,
    '',
    ...rows.map((row) => `    ${row}`),
    '',
    `Ask ${name} for the number that they see for you (\`earshot verify\` there), over another channel than this`,
    'network: side by side, or by phone. Nobody is in between if, and only if, it is the same. Then:',
    '',
    `    ${confirm} "${safetyNumber}"`,
  ];
}

const TRUST_IN_WORDS: Readonly<Record<string, string>> = {
  new: 'new to you',
  legacy: 'the original program: cannot chat securely',
};

export function trustInWords(trust: string): string {
  return TRUST_IN_WORDS[trust] ?? trust;
}
