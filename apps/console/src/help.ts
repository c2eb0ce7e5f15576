/** What `earshot <command> --help` says beyond the options: examples, and the exit codes that the command can end with. */
import { EXIT } from '@earshot/runtime';

const MEANINGS: Readonly<Record<number, string>> = {
  [EXIT.ok]: 'done',
  [EXIT.failed]: 'failed or rejected',
  [EXIT.usage]: 'usage',
  [EXIT.unknownPeer]: 'unknown or ambiguous peer',
  [EXIT.notRunning]: 'a service is not running',
  [EXIT.timedOut]: 'timed out; what is queued stays queued',
  [EXIT.notRegistered]: 'not registered yet',
  [EXIT.misconfigured]: 'a setting is wrong',
};

export const PEER = '<peer> is a username, name#tag, or the first characters of a peer id (4 or more).';

/** Those that any command can end with. */
const ALWAYS = [EXIT.ok, EXIT.failed, EXIT.usage, EXIT.misconfigured];

export function helpAfter(examples: readonly string[], exitCodes: readonly number[], notes: readonly string[] = []) {
  const codes = [...new Set([...ALWAYS, ...exitCodes])].sort((a, b) => a - b);
  return [
    '',
    ...(notes.length === 0 ? [] : [...notes, '']),
    'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
    'Exit codes:',
    ...codes.map((code) => `  ${String(code).padStart(2)}  ${MEANINGS[code] ?? ''}`),
  ].join('\n');
}

export const ALL_EXIT_CODES: readonly number[] = Object.values(EXIT);
