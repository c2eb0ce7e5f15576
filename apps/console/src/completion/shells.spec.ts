import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { repositoryRoot, temporaryFolder, thisMachine, type TemporaryFolder } from '@earshot/testkit';
import { Talkers } from '../../test/talkers.js';

const main = join(repositoryRoot, 'apps/console/dist/main.js');
const installed = (program: string) =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

interface Shell {
  readonly name: 'bash' | 'zsh' | 'fish';
  /** Typed at a terminal, with nobody's own settings. */
  readonly interactive: string;
  /** Lines that load the script `$1` is. */
  readonly load: (script: string) => string;
}

const SHELLS: readonly Shell[] = [
  { name: 'bash', interactive: 'bash --norc --noprofile -i', load: (script) => `source ${script}` },
  {
    name: 'zsh',
    interactive: 'zsh -f -i',
    load: (script) => `autoload -Uz compinit && compinit -u -D; source ${script}`,
  },
  { name: 'fish', interactive: 'fish --no-config -i', load: (script) => `source ${script}` },
];

/** What no shell may carry out, expand or split. No such name is a username: the scripts do not rely on that. */
const HOSTILE = [
  'q$(touch HACKED)',
  'r`touch HACKED`',
  's;touch HACKED',
  "t'u",
  'v w',
  'x*',
  'y$HOME',
  'z\\n',
  'ännchen#kpaangbebw',
];

for (const { name, interactive, load } of SHELLS) {
  const isHere = installed(name) && installed('script');
  const describeHere = isHere ? describe : describe.skip;

  describeHere(`completion at a terminal in ${name}${isHere ? '' : ' (not installed)'}`, () => {
    let folder: TemporaryFolder;
    let env: Record<string, string>;

    beforeEach(async () => {
      folder = temporaryFolder();
      const script = await thisMachine.exec(process.execPath, [main, 'completion', name]);
      writeFileSync(join(folder.path, 'script'), script.stdout);
      // Tells what it was called with, one argument a line, and who is around.
      const names = HOSTILE.map((each) => `'${each.replaceAll("'", `'\\''`)}'`).join(' ');
      writeFileSync(
        join(folder.path, 'earshot'),
        `#!/bin/sh\nif [ "$1" = complete ]; then printf '%s\\n' bob ${names}; exit; fi\nprintf '\\nARGUMENT:%s:\\n' "$@"; echo; echo DONE\n`,
        { mode: 0o755 },
      );
      env = {
        PATH: `${folder.path}${delimiter}${process.env['PATH'] ?? ''}`,
        HOME: folder.path,
        // Written when the terminal goes, which is when the folder goes.
        HISTFILE: '/dev/null',
        TERM: 'dumb',
        LANG: 'C.UTF-8',
        LC_ALL: 'C.UTF-8',
      };
    });
    afterEach(() => {
      folder.remove();
    });

    /** The arguments that a line gives the program, each \t in it pressed as Tab. */
    const typed = async (line: string): Promise<string[]> => {
      const shell = thisMachine.background('script', ['-qec', interactive, '/dev/null'], { env, cwd: folder.path });
      try {
        shell.type(`cd ${folder.path}; ${load(join(folder.path, 'script'))}; echo LOADED; echo\n`);
        await shell.line('it is loaded', (each) => /^\W*LOADED\W*$/.test(each));
        shell.type(`${line}\n`);
        await shell.line('it was carried out', (each) => /^DONE\r?$/.test(each));
        return shell.lines.flatMap((each) => /^ARGUMENT:(.*):\r?$/.exec(each)?.[1] ?? []);
      } finally {
        await shell.stop('SIGKILL');
      }
    };

    it('completes commands, options, their values and who is around', async () => {
      expect(await typed('earshot sen\tb\t hi --wa\t del\t')).toEqual(['send', 'bob', 'hi', '--wait', 'delivered']);
      expect(await typed('earshot conf\t g\t usern\t')).toEqual(['config', 'get', 'username']);
    });

    it('puts a name in as what it is, whatever it looks like to a shell', async () => {
      for (const each of HOSTILE) expect(await typed(`earshot whois ${each.slice(0, 1)}\t`)).toEqual(['whois', each]);
      expect(readdirSync(folder.path)).not.toContain('HACKED');
    });
  });
}

describe('what the scripts ask', () => {
  it('is who can be meant, as it can be typed, and what is still on its way', async () => {
    const talkers = await Talkers.meet();
    try {
      const names = await talkers.anna.command(['complete', 'peers']);
      expect([names.code, names.stdout]).toEqual([0, 'bob\n']);
      await talkers.bob.stop(['messenger']);
      const [sent] = await talkers.anna.ask('send', 'bob', 'later');
      expect((await talkers.anna.command(['complete', 'messages'])).stdout).toBe(`${String(sent?.['id'])}\n`);
    } finally {
      await talkers.part();
    }
  });

  it('is answered with nothing at all where nothing runs', async () => {
    const folder = temporaryFolder();
    const env = { HOME: folder.path, EARSHOT_HOME: join(folder.path, 'data') };
    const { code, stdout, stderr } = await thisMachine.exec(process.execPath, [main, 'complete', 'peers'], { env });
    expect([code, stdout, stderr]).toEqual([0, '', '']);
    folder.remove();
  });
});
