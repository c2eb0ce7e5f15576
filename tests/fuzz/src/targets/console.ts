import { CommanderError, type Command } from 'commander';
import { CommandError } from '@earshot/console/dist/output.js';
import { decodeLine } from '@earshot/console/dist/input.js';
import { initialModel, type Model, type PlainEvent } from '@earshot/console/dist/plain/model.js';
import { update } from '@earshot/console/dist/plain/update.js';
import { createProgram } from '@earshot/console/dist/program.js';
import { parseTarget } from '@earshot/console/dist/services/target.js';
import { safeJsonLine, sanitizeLine, sanitizeText } from '@earshot/console/dist/text/sanitize.js';
import { EXIT } from '@earshot/runtime';
import { assert, unless, type Target } from '../target.js';
import { input } from './vectors.js';

/** By Unicode's properties, where the code under test has a list. The variation selectors belong to what people write. */
const UNSAFE =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Noncharacter_Code_Point}]|(?![\ufe00-\ufe0f])\p{Default_Ignorable_Code_Point}/u;
const WORDS = [
  '\u001b[2J',
  '\u009b',
  '\u202e',
  '\u2066',
  '\u0301\u0301\u0301\u0301',
  '\u{e0041}',
  '\ufeff',
  '\u200d',
  '\ufe0f',
  '\u3164',
];
const utf8 = (words: readonly string[]) => words.map((word) => Buffer.from(word).toString('latin1'));

/** `0 | UTF-8`, or `1 | UTF-16`, which can be half of a pair */
export const terminal: Target = {
  name: 'terminal',
  seeds: [...WORDS, 'merhaba dünya\r\nikinci\ttab'].flatMap((text) => [
    input(0, text),
    input(1, Buffer.from(text, 'utf16le')),
  ]),
  dictionary: utf8(WORDS),
  maxBytes: 200,
  run: (bytes) => {
    const text = bytes.subarray(1).toString(bytes[0] === 1 ? 'utf16le' : 'utf8');
    const line = sanitizeLine(text);
    assert(!UNSAFE.test(line), 'a line holds what a terminal obeys, hides or reorders');
    assert(!/\p{M}{4}/u.test(line), 'a line stacks marks');
    assert(sanitizeLine(line) === line, 'a line changes when it is made safe again');
    const [first = '', ...others] = sanitizeText(text).split('\n');
    assert(![first, ...others].some((one) => UNSAFE.test(one)), 'a text holds what a terminal obeys');
    assert(
      others.every((one) => one.startsWith('  | ')),
      'a line has no gutter',
    );
    const json = safeJsonLine(JSON.stringify(text));
    assert(!UNSAFE.test(json) && JSON.parse(json) === text, 'JSON is not the same value, harmless');
  },
};

const ID = 'a'.repeat(52);
const bob: PlainEvent = {
  type: 'chosen',
  peer: {
    id: ID,
    username: 'bob',
    address: '192.0.2.7:7001',
    presence: 'online',
    lastSeen: '2026-01-02T15:04:00.000Z',
    trust: 'accepted',
  },
};
const TYPED = [
  '/help',
  '/peers',
  '/msg bob hi',
  '/history',
  '/whois bob',
  '/accept bob',
  '/nick anna',
  '/connect 192.0.2.7:7101',
  '/quit',
  '@bob hi',
  '/me waves',
  '/notify bob off',
  '/read all',
  '/help me',
  '//slash',
  'text',
  '',
];

/** More lists of effects than lines that fit into an input. */
const DONE_AFTER = 400;

/** `circumstances | lines` */
export const typedLines: Target = {
  name: 'typed-lines',
  seeds: [0, 1, 2, 4, 8].flatMap((circumstances) => TYPED.map((line) => input(circumstances, `${line}\n/why ${ID}`))),
  dictionary: [...TYPED, '/', '@', '#aaaa', '/cancel 00000000-0000-4000-8000-000000000001', '\n', ...utf8(WORDS)],
  maxBytes: 300,
  run: (bytes) => {
    const how = bytes[0] ?? 0;
    let model: Model = initialModel({
      suggestedName: 'login',
      notify: 'bell',
      supervised: (how & 1) !== 0,
      echo: (how & 2) !== 0,
    });
    const happens = (event: PlainEvent) => {
      let next = update(model, event);
      for (let left = DONE_AFTER; ; left -= 1) {
        model = next.model;
        for (const line of next.lines) assert(!UNSAFE.test(line), 'a line on the screen is not harmless');
        if (next.effects.length === 0) return;
        assert(left > 0, 'what is done leads to more without an end');
        next = update(model, { type: 'done' });
      }
    };
    happens({ type: 'self', username: (how & 4) !== 0 ? null : 'anna' });
    happens({ type: 'up' });
    if ((how & 16) === 0) happens(bob);
    if ((how & 8) !== 0) happens({ type: 'down', how: 'the messenger is not running' });
    for (const bytesOfLine of bytes.subarray(1).toString('latin1').split('\n')) {
      const line = decodeLine(bytesOfLine);
      if (line !== null) happens({ type: 'typed', line });
    }
    happens({ type: 'up' });
    if ((how & 32) === 0) happens({ type: 'input-ended' });
  },
};

/** The program with its words and without its deeds. */
function harmlessProgram(): Command {
  const program = createProgram();
  const withoutDeeds = (command: Command) => {
    command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined }).action(() => undefined);
    command.commands.forEach(withoutDeeds);
  };
  withoutDeeds(program);
  return program;
}
const program = harmlessProgram();
const ARGUMENTS = [
  'send',
  'bob',
  'hi',
  '--wait',
  'delivered',
  '--timeout',
  '5',
  '--id',
  '00000000-0000-4000-8000-000000000001',
  '--json',
  'history',
  '--limit',
  '50',
  '--before',
  'export',
  '--format',
  'html',
  'config',
  'set',
  'get',
  'port',
  '--help',
  'help',
  '--version',
  '--',
  '-',
  '--plain',
];

/** Arguments, one a line; each is also taken for an address. */
export const commandLines: Target = {
  name: 'command-lines',
  seeds: [
    'peers\n--json',
    'send\nbob\nhi\n--wait\ndelivered\n--timeout\n0.5',
    `history\nbob\n--limit\n50`,
    'export\nbob\n--format\nhtml',
    'config\nset\nport\n7101',
    'cancel\n00000000-0000-4000-8000-000000000001',
    'connect\n192.0.2.7:7101',
    '--help',
  ].map((text) => Buffer.from(text)),
  dictionary: [...ARGUMENTS.flatMap((word) => [word, `\n${word}\n`]), '=', ':65536', '\n'],
  maxBytes: 200,
  run: async (bytes) => {
    const words = bytes.toString().split('\n');
    for (const word of words) {
      const target = unless([CommandError], () => parseTarget(word));
      if (target !== undefined) assert(target.port >= 1 && target.port <= 65_535 && target.host !== '', 'no address');
    }
    try {
      await program.parseAsync(words, { from: 'user' });
    } catch (err) {
      if (!(err instanceof CommanderError)) throw err;
      // Turned into `usage` by main.ts; anything else would be no code that is documented.
      assert(err.exitCode === EXIT.ok || err.exitCode === 1, 'an exit code that nobody knows');
    }
  },
};
