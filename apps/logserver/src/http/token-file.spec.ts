import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, type TemporaryFolder } from '@earshot/testkit';
import { loadToken } from './token-file.js';

describe('the token file', () => {
  let folder: TemporaryFolder;
  let file: string;
  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder.path, 'http-token');
  });
  afterEach(() => {
    folder.remove();
  });

  it('is made once, for the owner alone', () => {
    const token = loadToken(file).expose();
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toBe(`${token}\n`);
    expect(loadToken(file).expose()).toBe(token);
    rmSync(file);
    expect(loadToken(file).expose()).not.toBe(token);
  });

  it('is for the owner alone whatever the umask', () => {
    const before = process.umask(0);
    try {
      loadToken(file);
    } finally {
      process.umask(before);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each([0o640, 0o604, 0o620, 0o602])('is refused with mode %o, with the way out', (mode) => {
    const token = loadToken(file).expose();
    chmodSync(file, mode);
    expect(() => loadToken(file)).toThrow(`${file} can be read by others (mode ${mode.toString(8)}): remove it`);
    chmodSync(file, 0o600);
    expect(loadToken(file).expose()).toBe(token);
  });

  it.each(['', 'short', 'A'.repeat(44), `${'A'.repeat(42)}=`, `${'A'.repeat(43)}\n${'A'.repeat(43)}`])(
    'is refused when it is not a token: %#',
    (content) => {
      writeFileSync(file, content, { mode: 0o600 });
      expect(() => loadToken(file)).toThrow('is not one: remove it, and the next start makes a new one');
      // Nothing of it is in the text, and it is left as it is.
      expect(readFileSync(file, 'utf8')).toBe(content);
    },
  );

  it('is refused when it is a link or a folder, and nothing is written behind a link', () => {
    const elsewhere = join(folder.path, 'elsewhere');
    symlinkSync(elsewhere, file);
    expect(() => loadToken(file)).toThrow(/ELOOP/);
    expect(statSync(elsewhere, { throwIfNoEntry: false })).toBeUndefined();
    rmSync(file);
    mkdirSync(file, { mode: 0o700 });
    expect(() => loadToken(file)).toThrow('is not a regular file');
  });

  it('that cannot be made is told', () => {
    expect(() => loadToken(join(folder.path, 'missing', 'http-token'))).toThrow('cannot be made (ENOENT)');
  });
});
