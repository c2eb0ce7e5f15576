import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '@earshot/runtime';
import { temporaryFolder, thisMachine, type TemporaryFolder } from '@earshot/testkit';
import { CommanderError, type Command } from 'commander';
import { ExplainedCommand, meaningOf } from './help.js';
import { createProgram } from './program.js';

/** Those that are shown in the help, and the program itself. */
function shown(command: Command): Command[] {
  return [command, ...command.createHelp().visibleCommands(command).flatMap(shown)];
}

const program = createProgram();
const explained = shown(program).filter((command) => command.name() !== 'help');
const explanationOf = (command: Command) => (command instanceof ExplainedCommand ? command.explanation : undefined);

const textOf = (command: Command) => {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
};

describe('the help of every command', () => {
  it.each(explained.map((command) => [command.name(), command] as const))(
    '%s has examples, exit codes and what its arguments are',
    (_, command) => {
      const text = textOf(command);
      expect(command.description()).toMatch(/^[A-Za-z]/);
      expect(text).toMatch(/\nExamples:\n {2}(\S+ .*\| )?(echo '.*)?earshot /);
      for (const code of [EXIT.ok, EXIT.failed, EXIT.usage, EXIT.misconfigured])
        expect(text).toContain(`\n  ${String(code).padStart(2)}  ${meaningOf(code)}`);
      // What an option takes, or prints, can be read there.
      for (const option of command.options)
        expect([option.flags, option.hidden || option.description !== '']).toEqual([option.flags, true]);
      expect(text.split('\n').filter((line) => line.length > 120)).toEqual([]);
    },
  );

  it('says what stands for a peer, and that there may be none', () => {
    const aboutPeer = explained.filter((command) => command.registeredArguments.some((each) => each.name() === 'peer'));
    expect(aboutPeer.length).toBeGreaterThan(6);
    for (const command of aboutPeer) {
      expect(textOf(command).replace(/\s+/g, ' ')).toContain('<peer> is a username, name#tag, or');
      expect(explanationOf(command)?.exitCodes).toContain(EXIT.unknownPeer);
    }
  });

  it('names the fields wherever something is printed as JSON', () => {
    const json = explained.flatMap((command) => command.options.filter(({ long }) => long === '--json'));
    expect(json.length).toBeGreaterThan(8);
    expect(
      json.map(({ description }) => description).filter((text) => !/^one object.*: \S+(,| is)/.test(text)),
    ).toEqual([]);
  });
});

describe('the examples', () => {
  let folder: TemporaryFolder;
  let called: string;
  beforeAll(() => {
    folder = temporaryFolder();
    called = join(folder.path, 'called');
    mkdirSync(join(folder.path, 'bin'));
    mkdirSync(join(folder.path, '.config/fish/completions'), { recursive: true });
    mkdirSync(join(folder.path, '.local/share/man/man1'), { recursive: true });
    const program = (name: string, script: string) => {
      writeFileSync(join(folder.path, 'bin', name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder.path, 'bin', name), 0o755);
    };
    program('earshot', `printf '%s\\0' "$@" > ${called}`);
    for (const name of ['jq', 'tail', 'man']) program(name, 'cat >/dev/null');
  });
  afterAll(() => {
    folder.remove();
  });

  /** What a shell gives the program for an example. */
  const wordsOf = async (example: string): Promise<string[]> => {
    writeFileSync(called, '');
    const env = { PATH: `${folder.path}/bin:${process.env['PATH'] ?? ''}`, HOME: folder.path };
    // With the shell that most people have: one of them loads a completion.
    const { code, stderr } = await thisMachine.exec('bash', ['-c', example], { env, cwd: folder.path });
    expect([example, code, stderr]).toEqual([example, 0, '']);
    return readFileSync(called, 'utf8').split('\0').slice(0, -1);
  };

  /** The exit code of commander's alone: nothing is carried out. */
  const judged = async (words: readonly string[]): Promise<number> => {
    const dry = createProgram();
    for (const command of shown(dry)) {
      command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
      if (command !== dry) command.action(() => undefined);
    }
    try {
      await dry.parseAsync(words, { from: 'user' });
      return EXIT.ok;
    } catch (error) {
      if (error instanceof CommanderError) return error.exitCode;
      throw error;
    }
  };

  it('are what a shell and the program understand', async () => {
    for (const command of explained)
      for (const example of explanationOf(command)?.examples ?? []) {
        const words = await wordsOf(example.replace(/^echo '(.*)' >> \S+.*$/, '$1'));
        expect([example, words.length > 0, await judged(words)]).toEqual([example, true, EXIT.ok]);
      }
  });

  it('would be found out if they were wrong', async () => {
    expect(await judged(['send', 'bob', 'hi', '--wait', 'read'])).not.toBe(EXIT.ok);
    expect(await judged(['peers', '--jsno'])).not.toBe(EXIT.ok);
    expect(await judged(['whois'])).not.toBe(EXIT.ok);
  });
});
