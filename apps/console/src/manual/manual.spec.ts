import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, thisMachine } from '@earshot/testkit';
import { ExplainedCommand } from '../help.js';
import { createProgram } from '../program.js';
import { manualPage } from './manual.js';
import { escaped, prose } from './roff.js';

const committed = join(repositoryRoot, 'docs/earshot.1');
const program = createProgram();
const page = manualPage(program);

const render = async (file: string, ...args: string[]) =>
  thisMachine
    .exec(file, args, { env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', MANWIDTH: '200' }, input: page })
    .catch(() => undefined);
const groff = await render('groff', '-man', '-ww', '-Tascii', '-rLL=200n', '-P-c', '-P-b', '-P-u');
const man = await render('man', '-l', '--warnings=w', '-');

describe('the manual page', () => {
  it('that is committed is the one that the program makes: `./earshot man > docs/earshot.1` renews it', () => {
    expect(readFileSync(committed, 'utf8')).toBe(page);
  });

  it('has every command with its options, examples and exit codes', () => {
    for (const command of program.commands) {
      if (!(command instanceof ExplainedCommand) || command.explanation === undefined) continue;
      const [, part = ''] = page.split(new RegExp(`^\\.SS ${command.name()}\\b`, 'm'));
      const own = part.split('\n.S')[0] ?? '';
      for (const { long } of command.options) expect(own).toContain(`\n.B ${escaped(long ?? '')}`);
      for (const example of command.explanation.examples) expect(own).toContain(`\n${escaped(example)}\n`);
      expect(own).toContain(`Exit status: ${command.explanation.exitCodes.join(', ')}.`);
    }
  });
});

(groff === undefined ? describe.skip : describe)('in groff', () => {
  it('is without a warning, and every example can be copied as it stands', () => {
    expect([groff?.code, groff?.stderr]).toEqual([0, '']);
    const examples = program.commands.flatMap((each) =>
      each instanceof ExplainedCommand ? (each.explanation?.examples ?? []) : [],
    );
    expect(examples.filter((example) => groff?.stdout.includes(example) !== true)).toEqual([]);
  });
});

(man === undefined ? describe.skip : describe)('in man', () => {
  it('is shown without a warning', () => {
    expect([man?.code, man?.stderr]).toEqual([0, '']);
    expect(man?.stdout).toContain('earshot - talk to the people on your network');
  });
});

describe('a text in it', () => {
  it('is no request and no escape, wherever it begins', () => {
    expect(escaped(".so /etc/passwd\\n 'x' -a")).toBe('\\&.so /etc/passwd\\en \\(aqx\\(aq \\-a');
    expect(prose('First. .second `a-b`')).toBe('First.\n\\&.second \\fBa\\-b\\fR');
  });
});
