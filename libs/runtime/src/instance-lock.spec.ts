import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../test/child.js';
import { freshDataFolder, removeFolders } from '../test/folder.js';
import { EXIT } from './exit-codes.js';
import { AlreadyRunningError, takeInstanceLock } from './instance-lock.js';
import type { DataFolder } from './paths.js';
import { prepareDataFolder } from './prepare-data-folder.js';

const children: Child[] = [];

function prepared(): DataFolder {
  const paths = freshDataFolder();
  prepareDataFolder(paths);
  return paths;
}

async function waitingChild(paths: DataFolder): Promise<Child> {
  const child = new Child('lock', [paths.home]);
  children.push(child);
  await child.sent('waiting');
  return child;
}

/** Whether it got the lock: 'taken' or 'refused'. */
async function takes(child: Child, service: string, at = 0): Promise<string> {
  child.process.send({ service, at });
  const outcome = await child.sent(`${service} taken`, `${service} refused`);
  return outcome.slice(service.length + 1);
}

function refusalOf(act: () => unknown): AlreadyRunningError {
  try {
    act();
  } catch (err) {
    if (err instanceof AlreadyRunningError) return err;
    throw err;
  }
  throw new Error('was not refused');
}

afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
  removeFolders();
});

describe('the single-instance lock', () => {
  it('refuses a second instance, naming the first, and is free again after release', () => {
    const paths = prepared();
    const first = takeInstanceLock('messenger', paths);
    const refusal = refusalOf(() => takeInstanceLock('messenger', paths));
    expect(refusal.exitCode).toBe(EXIT.misconfigured);
    expect(refusal.message).toContain(`pid ${process.pid}`);
    expect(refusal.message).toContain(paths.home);
    expect(refusal.message).toContain('pm2 stop messenger');
    // The refused attempt must not have loosened it: closing a descriptor drops POSIX locks.
    refusalOf(() => takeInstanceLock('messenger', paths));
    first.release();
    takeInstanceLock('messenger', paths).release();
  });

  it('leaves services of one data folder, and one service of two data folders, to themselves', () => {
    const [one, two] = [prepared(), prepared()];
    const locks = [
      takeInstanceLock('messenger', one),
      takeInstanceLock('discovery', one),
      takeInstanceLock('messenger', two),
    ];
    expect(locks).toHaveLength(3);
    for (const lock of locks) lock.release();
  });

  it('names the supervised process of a profile', () => {
    const paths = { ...prepared(), profile: 'anna' };
    const lock = takeInstanceLock('messenger', paths);
    expect(refusalOf(() => takeInstanceLock('messenger', paths)).message).toContain('pm2 stop anna-messenger');
    lock.release();
  });

  it('leaves no journal, and files for the owner alone', () => {
    const paths = prepared();
    const lock = takeInstanceLock('messenger', paths);
    expect(readdirSync(paths.locks).sort()).toEqual(['messenger.lock', 'messenger.pid']);
    expect(statSync(join(paths.locks, 'messenger.lock')).mode & 0o777).toBe(0o600);
    lock.release();
    expect(existsSync(join(paths.locks, 'messenger.pid'))).toBe(false);
  });

  it('does not name a process that is gone', () => {
    const paths = prepared();
    const lock = takeInstanceLock('messenger', paths);
    // Larger than any pid.
    writeFileSync(join(paths.locks, 'messenger.pid'), '4194999 2026-01-01T00:00:00.000Z\n');
    expect(refusalOf(() => takeInstanceLock('messenger', paths)).message).not.toContain('pid');
    lock.release();
  });

  it('tells of a lock file that is none', () => {
    const paths = prepared();
    writeFileSync(
      join(paths.locks, 'messenger.lock'),
      'this is not a database, and long enough to be looked at as one'.repeat(20),
    );
    expect(() => takeInstanceLock('messenger', paths)).toThrow(
      /messenger\.lock cannot be locked \(SQLITE_NOTADB\): remove it/,
    );
  });

  it('is held across processes, and free at once after kill -9', async () => {
    const paths = prepared();
    const child = await waitingChild(paths);
    expect(await takes(child, 'messenger')).toBe('taken');
    const refusal = refusalOf(() => takeInstanceLock('messenger', paths));
    expect(refusal.message).toContain(`pid ${child.process.pid ?? 0}`);
    await child.kill();
    expect(readFileSync(join(paths.locks, 'messenger.pid'), 'utf8')).toContain(String(child.process.pid));
    takeInstanceLock('messenger', paths).release();
  }, 30_000);

  it('lets exactly one of several win that start at the same moment', async () => {
    const paths = prepared();
    const starters = await Promise.all([1, 2, 3, 4].map(() => waitingChild(paths)));
    for (let round = 0; round < 50; round++) {
      const at = Date.now() + 15;
      const outcomes = await Promise.all(starters.map((child) => takes(child, `service-${round}`, at)));
      expect(outcomes.sort()).toEqual(['refused', 'refused', 'refused', 'taken']);
    }
  }, 60_000);
});
