import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import Database from 'better-sqlite3';
import { bob, codeOf, compose, Fixture } from '../test/fixture.js';
import { openConnection, pragma } from './connection.js';
import { asHistoryError } from './errors.js';
import { openHistoryReader } from './reader.js';
import { MIGRATIONS, migrate, schemaVersion } from './schema.js';

let fixture: Fixture;
beforeEach(() => {
  fixture = new Fixture();
});
afterEach(() => {
  fixture.remove();
});

const modeOf = (name: string) => (statSync(name).mode & 0o777).toString(8);
const openReader = () => fixture.closing(openHistoryReader({ file: fixture.file }));

/** Works on the file as another program would. */
function tamper(work: (db: Database.Database) => void): void {
  const db = openConnection(fixture.file);
  work(db);
  db.close();
}

/** A database that was left in the middle of writing: with a WAL. */
function leaveUnclean(messages: number): void {
  const history = fixture.open();
  for (let number = 1; number <= messages; number++) compose(history, number, { text: `text ${number} `.repeat(200) });
  for (const suffix of ['', '-wal']) copyFileSync(fixture.file + suffix, `${fixture.file}.copy${suffix}`);
  history.close();
  for (const suffix of ['', '-wal']) copyFileSync(`${fixture.file}.copy${suffix}`, fixture.file + suffix);
}

describe('a new history', () => {
  it('is for its owner alone, whatever the umask', () => {
    const umask = process.umask(0);
    try {
      compose(fixture.open(), 1);
    } finally {
      process.umask(umask);
    }
    for (const suffix of ['', '-wal', '-shm']) expect(modeOf(fixture.file + suffix)).toBe('600');
  });

  it('is one file after a clean close, and nothing is left of its making', () => {
    const history = fixture.open();
    compose(history, 1);
    history.close();
    for (const suffix of ['-wal', '-shm', '.new', '.new-wal', '.new-shm'])
      expect(existsSync(fixture.file + suffix)).toBe(false);
  });

  it('leaves nothing in its -wal after a clean close, whoever still reads', () => {
    const history = fixture.open();
    const reader = openReader();
    compose(history, 1);
    expect(statSync(`${fixture.file}-wal`).size).toBeGreaterThan(0);
    history.close();
    expect(statSync(`${fixture.file}-wal`).size).toBe(0);
    expect(reader.lastSeq()).toBe(1);
  });

  it('waits for the disk with every commit, and keeps a log that readers can read beside', () => {
    const setting = (name: string) => pragma(fixture.open()['db'], name);
    expect([setting('journal_mode'), setting('synchronous'), setting('foreign_keys')]).toEqual(['wal', 2, 1]);
  });

  it('is made anew over what a crash left half made', () => {
    for (const suffix of ['.new', '.new-wal']) writeFileSync(fixture.file + suffix, 'half');
    expect(compose(fixture.open(), 1).seq).toBe(1);
  });

  it('has another database id and other streams than any before it', () => {
    const first = fixture.open();
    const [id, { stream }] = [first.databaseId(), compose(first, 1)];
    first.close();
    rmSync(fixture.file);
    const second = fixture.open();
    expect(second.databaseId()).not.toBe(id);
    expect(compose(second, 1).stream).not.toBe(stream);
  });
});

describe('opening again', () => {
  it('takes away what others were allowed', () => {
    fixture.open().close();
    chmodSync(fixture.file, 0o644);
    fixture.open();
    expect(modeOf(fixture.file)).toBe('600');
  });

  it('goes on with the numbers of the feed, also when the newest message was cancelled', () => {
    const history = fixture.open();
    compose(history, 1);
    const { seq } = compose(history, 2);
    history.transaction((tx) => tx.cancel('00000000-0000-4000-8000-000000000002'));
    history.close();
    expect(compose(fixture.open(), 3).seq).toBeGreaterThan(seq);
  });
});

describe('another version', () => {
  /** Back to before messages could be forgotten, and marks of reading. */
  const withoutForgetting = (db: Database.Database) => {
    db.exec('DROP TABLE forgettings; DROP TABLE read_marks; DROP INDEX conversations; DROP INDEX received_messages');
    db.exec('CREATE INDEX conversations ON messages (peer, seq) WHERE kind = 0');
    db.exec(`INSERT INTO message_words (message_words, rank) VALUES ('secure-delete', 0)`);
  };

  it('that is newer is refused, and not touched', () => {
    fixture.open().close();
    tamper((db) => db.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`));
    const before = readFileSync(fixture.file);
    expect(codeOf(() => fixture.open())).toBe('newer-schema');
    expect(codeOf(openReader)).toBe('newer-schema');
    expect(readFileSync(fixture.file).equals(before)).toBe(true);
  });

  it('that is older is brought up to date by the writer; a reader waits for that', () => {
    fixture.open().close();
    rmSync(fixture.file);
    tamper((db) => db.exec('PRAGMA journal_mode = WAL'));
    writeFileSync(fixture.file, readFileSync(fixture.file));
    expect(codeOf(openReader)).toBe('older-schema');
    fixture.open();
    expect(openReader().lastSeq()).toBe(0);
  });

  it('before sessions and what was taken back were noted goes on with what it has', () => {
    const history = fixture.open();
    compose(history, 1, { wired: true });
    history.close();
    tamper((db) => {
      withoutForgetting(db);
      for (const table of ['setbacks', 'encounters', 'stream_restarts', 'cancelled_messages'])
        db.exec(`DROP TABLE ${table}`);
      db.exec('DROP INDEX rare_progress');
      db.exec('PRAGMA user_version = 1');
    });
    const reopened = fixture.open();
    const id = '00000000-0000-4000-8000-000000000001';
    expect(reopened.life(id)?.events.map(({ event }) => event)).toEqual(['queued', 'sent']);
    expect(reopened.undelivered(undefined, 10).items).toHaveLength(1);
    expect(reopened.transaction((tx) => tx.cancel(id))).toBe('already-sent');
  });

  it('before anything could be forgotten, or was marked as read, keeps what it has as read, and forgets it', () => {
    const history = fixture.open();
    compose(history, 1);
    compose(history, 2);
    history.close();
    tamper((db) => {
      withoutForgetting(db);
      db.exec('PRAGMA user_version = 2');
    });
    const reopened = fixture.open();
    expect(reopened.page(bob, { limit: 10 }).items).toHaveLength(2);
    expect(reopened.unread(bob).readUpTo).toBe('00000000-0000-4000-8000-000000000002');
    reopened.transaction((tx) => tx.forget({ peer: bob, upto: 1, limit: 10 }));
    reopened.scrub();
    expect(reopened.page(bob, { limit: 10 }).items).toHaveLength(1);
    expect(readFileSync(fixture.file).includes('text 1')).toBe(false);
  });

  it('whose old rows lie about in its pages has them overwritten once', () => {
    const history = fixture.open();
    compose(history, 1, { text: 'zyzzyva'.repeat(2_000) });
    compose(history, 2, { text: 'kakapo'.repeat(10) });
    history.close();
    tamper((db) => {
      db.exec('PRAGMA secure_delete = OFF');
      db.exec(`DELETE FROM messages WHERE seq = 1; DELETE FROM meta WHERE key = 'scoured'`);
    });
    expect(readFileSync(fixture.file).includes('zyzzyva')).toBe(true);
    fixture.open().close();
    expect(readFileSync(fixture.file).includes('zyzzyva')).toBe(false);
    expect(readFileSync(fixture.file).includes('kakapo')).toBe(true);
  });

  it('one step back keeps every row', () => {
    const history = fixture.open();
    compose(history, 1);
    history.close();
    // Its second statement is refused (a strict column needs a type), so nothing of it may stay.
    const steps = [...MIGRATIONS, 'CREATE TABLE later (x TEXT) STRICT; CREATE TABLE wrong (x) STRICT'];
    const good = [...MIGRATIONS, 'CREATE TABLE later (x TEXT) STRICT', 'ALTER TABLE peers ADD COLUMN note TEXT'];
    tamper((db) => {
      expect(() => {
        migrate(db, steps);
      }).toThrow('wrong.x');
      expect(schemaVersion(db)).toBe(MIGRATIONS.length);
      migrate(db, good);
      migrate(db, good);
      expect(schemaVersion(db)).toBe(MIGRATIONS.length + 2);
      expect(db.prepare('SELECT count(*) FROM messages').pluck().get()).toBe(1);
      expect(db.prepare('SELECT note FROM peers').pluck().get()).toBeNull();
    });
  });
});

describe('a damaged file', () => {
  /** How the writer and a reader refuse it, and whether it is still what it was. */
  const refused = () => {
    const before = readFileSync(fixture.file);
    const codes = [codeOf(() => fixture.open()), codeOf(openReader)];
    return { codes, untouched: readFileSync(fixture.file).equals(before) };
  };
  const refusedByBoth = { codes: ['damaged', 'damaged'], untouched: true };

  it('that is no database is refused, and never replaced', () => {
    writeFileSync(fixture.file, randomBytes(10_000));
    expect(() => fixture.open()).toThrow(
      `${fixture.file}: not a history database; restore it from a backup, or move it`,
    );
    expect(refused()).toEqual(refusedByBoth);
  });

  it('that is empty is refused: a new one would hide what was lost', () => {
    writeFileSync(fixture.file, '');
    expect(refused()).toEqual(refusedByBoth);
  });

  it('that was cut off is refused', () => {
    const history = fixture.open();
    for (let number = 1; number < 20; number++) compose(history, number, { text: 'x'.repeat(5000) });
    history.close();
    truncateSync(fixture.file, 40_000);
    expect(refused()).toEqual(refusedByBoth);
  });

  it('that is gone while its -wal is still there is not begun anew', () => {
    leaveUnclean(3);
    rmSync(fixture.file);
    expect(codeOf(() => fixture.open())).toBe('damaged');
    expect(existsSync(fixture.file)).toBe(false);
  });

  it('is found by reading all of it after a stop in the middle of writing', () => {
    const history = fixture.open();
    for (let number = 1; number <= 200; number++) compose(history, number, { text: `text ${number} `.repeat(100) });
    history.close();
    const bytes = readFileSync(fixture.file);
    bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 4096);
    leaveUnclean(0);
    // The pages of the WAL are fine; one in the file is not.
    writeFileSync(fixture.file, bytes);
    writeFileSync(`${fixture.file}-wal`, 'x');
    expect(codeOf(() => fixture.open())).toBe('damaged');
  });

  it('is called so too when the damage shows only later', () => {
    const history = fixture.open();
    for (let number = 1; number <= 200; number++) compose(history, number, { text: `text ${number} `.repeat(100) });
    history.close();
    const bytes = readFileSync(fixture.file);
    // Behind the pages of the schema, which are read on opening.
    bytes.fill(0xff, 4096 * 40, 4096 * 50);
    writeFileSync(fixture.file, bytes);
    const reopened = fixture.open();
    expect(codeOf(() => [...reopened.iterateConversation(bob)])).toBe('damaged');
  });
});

describe('an unclean stop', () => {
  it('loses nothing that was committed, also for a reader that comes before the writer', () => {
    leaveUnclean(50);
    expect([...openReader().iterateConversation(bob)]).toHaveLength(50);
    expect([...fixture.open().iterateConversation(bob)]).toHaveLength(50);
  });
});

describe('a better-sqlite3 for another Node', () => {
  it('is recognised by what loading it throws', () => {
    const binary = `${fixture.folder}/wrong.node`;
    writeFileSync(binary, 'not a shared library');
    const load = () => {
      try {
        return new Database(fixture.file, { nativeBinding: binary });
      } catch (err) {
        throw asHistoryError(err, fixture.file);
      }
    };
    expect(codeOf(load)).toBe('wrong-node-build');
    expect(load).toThrow('npm rebuild better-sqlite3');
    expect(existsSync(fixture.file)).toBe(false);
  });
});
