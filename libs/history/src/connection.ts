/**
 * A connection whose statements, and the connection itself, the garbage collector never meets: on Node 24 it ends the
 * process with an assertion when it comes upon one of better-sqlite3 12, also a closed one. A process opens a handful.
 * So nothing may be prepared but through here, and neither `pragma()` nor `iterate()` be called: each makes one to throw away.
 */
import Database from 'better-sqlite3';

const reachable: unknown[] = [];

/** Opens or creates; throws what better-sqlite3 throws. */
export function openConnection(file: string, options: Database.Options = {}): Database.Database {
  const db = new Database(file, options);
  const prepare = db.prepare.bind(db);
  reachable.push(db);
  return Object.assign(db, {
    prepare: (sql: string) => {
      const statement = prepare(sql);
      reachable.push(statement);
      return statement;
    },
  });
}

/** The one value of a pragma. */
export function pragma(db: Database.Database, name: string): unknown {
  return db.prepare(`PRAGMA ${name}`).pluck().get();
}
