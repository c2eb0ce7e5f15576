/** The way to the log server of this profile. */
import { readFileSync } from 'node:fs';
import { errnoOf, EXIT, type DataFolder } from '@earshot/runtime';
import { CommandError } from '../output.js';
import { notRunning } from './connection.js';
import { healthOf } from './health.js';

/** Where the log server serves, without the token. */
export async function logAddress(paths: DataFolder): Promise<string> {
  const port = (await healthOf('logserver', paths))?.ports['http'];
  if (port === undefined) throw new CommandError(EXIT.notRunning, notRunning('logserver', paths));
  return `http://127.0.0.1:${port}/`;
}

export function readToken({ httpToken }: DataFolder): string {
  try {
    return readFileSync(httpToken, 'utf8').trim();
  } catch (error) {
    throw new CommandError(EXIT.failed, `cannot read ${httpToken} (${errnoOf(error) ?? 'unknown'})`);
  }
}
