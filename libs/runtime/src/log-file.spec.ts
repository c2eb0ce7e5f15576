import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder, removeFolders } from '../test/folder.js';
import { LogFile } from './log-file.js';

const dropped = (count: number): string => `dropped ${count}\n`;
const size = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

afterEach(removeFolders);

describe('a log file', () => {
  it('stays within its two shares however much is written, and keeps the newest lines in order', () => {
    const path = join(freshFolder(), 'x.log');
    const file = new LogFile(path, 1_000, dropped);
    for (let i = 0; i < 1_000; i++) {
      file.write(`line ${i}\n`);
      expect(size(path)).toBeLessThanOrEqual(1_000);
      expect(size(`${path}.1`)).toBeLessThanOrEqual(1_000);
    }
    file.close();
    const kept = (readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8')).trimEnd().split('\n');
    expect(kept.length).toBeGreaterThan(90);
    expect(kept).toEqual(kept.map((_, i) => `line ${1_000 - kept.length + i}`));
    expect(readdirSync(join(path, '..')).sort()).toEqual(['x.log', 'x.log.1']);
  });

  it('goes on with the file that is there, bounded as before, and takes it from others', () => {
    const path = join(freshFolder(), 'x.log');
    writeFileSync(path, 'before\n');
    chmodSync(path, 0o666);
    const file = new LogFile(path, 20, dropped);
    file.write('after\n');
    expect(readFileSync(path, 'utf8')).toBe('before\nafter\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    file.write('and more\n');
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('before\nafter\n');
    file.close();
  });

  it('is for its owner alone', () => {
    const before = process.umask(0);
    try {
      const path = join(freshFolder(), 'logs', 'x.log');
      const file = new LogFile(path, 10, dropped);
      file.write('12345678\n');
      file.write('12345678\n');
      file.close();
      expect([path, `${path}.1`].map((each) => statSync(each).mode & 0o777)).toEqual([0o600, 0o600]);
      expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    } finally {
      process.umask(before);
    }
  });

  it('comes back when its folder vanishes', () => {
    const folder = join(freshFolder(), 'logs');
    const path = join(folder, 'x.log');
    const file = new LogFile(path, 1_000, dropped);
    file.write('one\n');
    rmSync(folder, { recursive: true });
    file.write('two\n');
    expect(readFileSync(path, 'utf8')).toBe('two\n');
    file.close();
  });

  it('drops lines while there is no way to write them, and says how many', () => {
    const folder = join(freshFolder(), 'logs');
    const path = join(folder, 'x.log');
    writeFileSync(folder, 'in the way');
    const file = new LogFile(path, 1_000, dropped);
    for (const line of ['one\n', 'two\n', 'three\n']) file.write(line);
    rmSync(folder);
    file.write('four\n');
    file.write('five\n');
    expect(readFileSync(path, 'utf8')).toBe('dropped 3\nfour\nfive\n');
    file.close();
  });

  it('stays bounded when the full file cannot be put aside', () => {
    const path = join(freshFolder(), 'x.log');
    mkdirSync(join(`${path}.1`, 'in the way'), { recursive: true });
    const file = new LogFile(path, 100, dropped);
    for (let i = 0; i < 100; i++) file.write('123456789\n');
    expect(size(path)).toBe(100);
    rmSync(`${path}.1`, { recursive: true });
    file.write('after\n');
    expect(readFileSync(path, 'utf8')).toBe('dropped 90\nafter\n');
    file.close();
  });

  it('writes a line that is larger than its share, alone', () => {
    const path = join(freshFolder(), 'x.log');
    const file = new LogFile(path, 10, dropped);
    file.write('a'.repeat(50) + '\n');
    file.write('b\n');
    expect(readFileSync(path, 'utf8')).toBe('b\n');
    file.close();
  });

  it('may be closed before anything was written', () => {
    const path = join(freshFolder(), 'x.log');
    new LogFile(path, 10, dropped).close();
    expect(existsSync(path)).toBe(false);
  });
});

/** A file system of 64 KiB; undefined where that may not be mounted. */
function tinyDisk(): string | undefined {
  const path = freshFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', path], { stdio: 'ignore' });
    return path;
  } catch {
    return undefined;
  }
}

const unmount = (path: string): void => {
  execFileSync('umount', [path]);
};
const probe = tinyDisk();
if (probe !== undefined) unmount(probe);

(probe === undefined ? describe.skip : describe)('on a full disk (needs to mount one)', () => {
  it('drops whole lines, goes on, and says how many when there is room again', () => {
    const disk = tinyDisk() ?? '';
    try {
      const path = join(disk, 'x.log');
      const file = new LogFile(path, 1_000_000, dropped);
      for (let i = 0; i < 200; i++) file.write(`${i} `.padEnd(999, '.') + '\n');
      const kept = readFileSync(path, 'utf8').trimEnd().split('\n');
      // The disk took part of a line, and the rest of the share is as it should be.
      expect(kept.length).toBeLessThan(66);
      expect(kept.map((line) => line.length)).toEqual(kept.map(() => 999));

      writeFileSync(path, '');
      file.write('there is room\n');
      expect(readFileSync(path, 'utf8')).toBe(`dropped ${200 - kept.length}\nthere is room\n`);
      file.close();
    } finally {
      unmount(disk);
    }
  });
});
