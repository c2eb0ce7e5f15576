import { jest } from '@jest/globals';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { freshDataFolder, freshFolder, removeFolders } from '../test/folder.js';
import { ConfigError } from './config-error.js';
import { dataFolder, type DataFolder } from './paths.js';
import { checkDataFolder, prepareDataFolder } from './prepare-data-folder.js';

const asRoot = process.getuid?.() === 0;
const NOBODY = 65534;

const mode = (path: string): number => statSync(path).mode & 0o777;

function refusal(act: () => void): string {
  try {
    act();
  } catch (err) {
    if (err instanceof ConfigError) return err.message;
    throw err;
  }
  throw new Error('was not refused');
}

afterEach(removeFolders);

describe('prepareDataFolder', () => {
  it('creates every folder for the owner alone, whatever the umask', () => {
    const before = process.umask(0);
    try {
      const paths = freshDataFolder();
      prepareDataFolder(paths);
      for (const path of [paths.home, paths.logs, paths.locks, paths.sockets]) expect(mode(path)).toBe(0o700);
      prepareDataFolder(paths);
      expect(readdirSync(paths.home).sort()).toEqual(['ipc', 'locks', 'logs']);
    } finally {
      process.umask(before);
    }
  });

  it('tightens what is ours and was open to others', () => {
    const paths = freshDataFolder();
    for (const path of [paths.home, paths.sockets, paths.logs]) {
      mkdirSync(path);
      chmodSync(path, 0o777);
    }
    prepareDataFolder(paths);
    for (const path of [paths.home, paths.sockets, paths.logs]) expect(mode(path)).toBe(0o700);
  });

  it('takes a symbolic link to a folder of ours for the data folder', () => {
    const paths = freshDataFolder();
    const elsewhere = freshFolder();
    symlinkSync(elsewhere, paths.home);
    prepareDataFolder(paths);
    expect(existsSync(join(elsewhere, 'logs'))).toBe(true);
  });

  it('creates the short sockets folder too, and refuses a link in its place', () => {
    const home = join(freshFolder(), 'x'.repeat(100));
    const runtime = freshFolder();
    const paths = dataFolder({ EARSHOT_HOME: home, XDG_RUNTIME_DIR: runtime });
    expect(paths.sockets.startsWith(`${runtime}/earshot-`)).toBe(true);
    prepareDataFolder(paths);
    expect(mode(paths.sockets)).toBe(0o700);

    const other = dataFolder({ EARSHOT_HOME: `${home}y`, XDG_RUNTIME_DIR: runtime });
    symlinkSync(freshFolder(), other.sockets);
    expect(
      refusal(() => {
        prepareDataFolder(other);
      }),
    ).toMatch(/earshot-.* is a symbolic link.*: remove it/);
  });

  it.each<[string, (paths: DataFolder) => void, RegExp]>([
    [
      'a file in its place',
      (paths) => {
        writeFileSync(paths.home, '');
      },
      /home is not a folder: move it away, or choose another/,
    ],
    [
      'a link to nowhere',
      (paths) => {
        symlinkSync('/nonexistent/x', paths.home);
      },
      /home is a symbolic link to nowhere: remove it/,
    ],
    [
      'a link for the logs',
      (paths) => {
        mkdirSync(paths.home);
        symlinkSync(freshFolder(), paths.logs);
      },
      /logs is a symbolic link/,
    ],
    [
      'a file for the sockets',
      (paths) => {
        mkdirSync(paths.home);
        writeFileSync(paths.sockets, '');
      },
      /ipc is not a folder/,
    ],
  ])('refuses %s', (_, spoil, text) => {
    const paths = freshDataFolder();
    spoil(paths);
    expect(
      refusal(() => {
        prepareDataFolder(paths);
      }),
    ).toMatch(text);
  });

  it('refuses a place below a file', () => {
    const file = join(freshFolder(), 'file');
    writeFileSync(file, '');
    const paths = dataFolder({ EARSHOT_HOME: join(file, 'home') });
    expect(
      refusal(() => {
        prepareDataFolder(paths);
      }),
    ).toMatch(/file\/home cannot be looked at \(ENOTDIR\): choose another/);
  });

  it('creates nothing in a folder that it refuses', () => {
    const paths = freshDataFolder();
    mkdirSync(paths.home);
    symlinkSync(freshFolder(), paths.sockets);
    refusal(() => {
      prepareDataFolder(paths);
    });
    expect(readdirSync(paths.home)).toEqual(['ipc']);
  });

  it('refuses a place where nothing can be created', () => {
    const paths = dataFolder({ EARSHOT_HOME: '/proc/earshot' });
    expect(
      refusal(() => {
        prepareDataFolder(paths);
      }),
    ).toMatch(/\/proc\/earshot cannot be created \(E\w+\): choose another folder with EARSHOT_HOME/);
  });

  (asRoot ? describe : describe.skip)('with another user on the machine (needs root)', () => {
    it.each(['home', 'logs', 'locks', 'sockets'] as const)('refuses %s that belongs to somebody else', (which) => {
      const paths = freshDataFolder();
      prepareDataFolder(paths);
      chownSync(paths[which], NOBODY, NOBODY);
      expect(
        refusal(() => {
          prepareDataFolder(paths);
        }),
      ).toMatch(
        /belongs to another user \(uid 65534, this is uid 0\): run Earshot as its owner, or choose another folder with EARSHOT_HOME/,
      );
      expect(
        refusal(() => {
          checkDataFolder(paths);
        }),
      ).toContain('belongs to another user');
    });

    it('refuses a link to a folder of somebody else', () => {
      const paths = freshDataFolder();
      const elsewhere = freshFolder();
      chownSync(elsewhere, NOBODY, NOBODY);
      symlinkSync(elsewhere, paths.home);
      expect(
        refusal(() => {
          prepareDataFolder(paths);
        }),
      ).toMatch(/symbolic link to a folder of another user/);
    });

    it('refuses a folder that is ours but not writable', () => {
      const paths = freshDataFolder();
      prepareDataFolder(paths);
      chownSync(join(paths.home, '..'), NOBODY, NOBODY);
      for (const path of [paths.home, paths.logs, paths.locks, paths.sockets]) chownSync(path, NOBODY, NOBODY);
      chmodSync(paths.home, 0o500);
      process.seteuid?.(NOBODY);
      try {
        // The real user stays root, whose folders these are not.
        jest.spyOn(process, 'getuid').mockReturnValue(NOBODY);
        expect(
          refusal(() => {
            prepareDataFolder(paths);
          }),
        ).toMatch(/home is not writable \(EACCES\): make it writable, or choose/);
      } finally {
        process.seteuid?.(0);
        jest.restoreAllMocks();
      }
    });
  });
});

describe('checkDataFolder', () => {
  it('creates nothing', () => {
    const paths = freshDataFolder();
    checkDataFolder(paths);
    expect(existsSync(paths.home)).toBe(false);
  });

  it('refuses a sockets folder that is a link, before a command trusts what is in it', () => {
    const paths = freshDataFolder();
    mkdirSync(paths.home);
    symlinkSync(freshFolder(), paths.sockets);
    expect(
      refusal(() => {
        checkDataFolder(paths);
      }),
    ).toMatch(/ipc is a symbolic link/);
  });
});
