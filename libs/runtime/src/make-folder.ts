import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from './config-error.js';

/**
 * Creates a folder and what is missing above it, for the owner alone (0700); what is there already, of whatever kind, stays as it is.
 * Not mkdir's `recursive`, which never returns where a folder exists but answers ENOENT to every creation in it (/proc; Node 20).
 */
export function makeFolder(path: string): void {
  try {
    mkdirOrKeep(path);
  } catch (err) {
    if (errnoOf(err) !== 'ENOENT' || dirname(path) === path) throw err;
    makeFolder(dirname(path));
    mkdirOrKeep(path);
  }
}

function mkdirOrKeep(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (err) {
    if (errnoOf(err) !== 'EEXIST') throw err;
  }
}
