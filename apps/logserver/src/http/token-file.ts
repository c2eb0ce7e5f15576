/** The access token: 32 random bytes as base64url in a file that nobody else can read (protocol-design §11). */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, fsyncSync, openSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { ConfigError, errnoOf, isDiskFull, PassingError, Secret } from '@earshot/runtime';

const TOKEN_BYTES = 32;
const TOKEN_FORM = /^[A-Za-z0-9_-]{43}$/;
const NEW_ONE = 'remove it, and the next start makes a new one';

/** Reads the token, or makes one where there is none. @throws ConfigError naming the file and the way out */
export function loadToken(file: string): Secret<string> {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (err) {
    if (errnoOf(err) === 'ENOENT') return createToken(file);
    throw new ConfigError(
      `the access token ${file} cannot be read (${errnoOf(err) ?? 'unknown'}): it must be a file of yours, mode 0600; ${NEW_ONE}`,
    );
  }
  try {
    refuseForeign(file, descriptor);
    const token = readFileSync(descriptor, 'utf8').trim();
    if (!TOKEN_FORM.test(token)) throw new ConfigError(`the access token ${file} is not one: ${NEW_ONE}`);
    return new Secret(token);
  } finally {
    closeSync(descriptor);
  }
}

function refuseForeign(file: string, descriptor: number): void {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) throw new ConfigError(`the access token ${file} is not a regular file: ${NEW_ONE}`);
  // Windows reports modes that mean nothing.
  if (process.getuid === undefined) return;
  if (stats.uid !== process.getuid()) {
    throw new ConfigError(`the access token ${file} belongs to another user: run Earshot as its owner`);
  }
  if ((stats.mode & 0o077) !== 0) {
    const mode = (stats.mode & 0o777).toString(8);
    throw new ConfigError(
      `the access token ${file} can be read by others (mode ${mode}): ${NEW_ONE}; if nobody has read it, \`chmod 600\` is enough`,
    );
  }
}

function createToken(file: string): Secret<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  } catch (err) {
    if (isDiskFull(err)) throw noRoom(file);
    throw new ConfigError(
      `the access token ${file} cannot be made (${errnoOf(err) ?? 'unknown'}): its folder must be writable`,
    );
  }
  try {
    // Not writeSync, which may write a part of it and call that success.
    writeFileSync(descriptor, `${token}\n`);
    fsyncSync(descriptor);
  } catch (err) {
    // Half a token would be refused by every later start.
    unlinkSync(file);
    throw isDiskFull(err) ? noRoom(file) : err;
  } finally {
    closeSync(descriptor);
  }
  return new Secret(token);
}

function noRoom(file: string): PassingError {
  return new PassingError(`the access token ${file} cannot be made: its disk is full; free some space`);
}
