import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError, errnoOf, isError } from './config-error.js';

/** The object in config.json, not yet validated; empty when there is no file. */
export function readConfigFile(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (err) {
    if (errnoOf(err) === 'ENOENT') return {};
    throw new ConfigError(
      `${path} cannot be read (${errnoOf(err) ?? 'unknown'}): make it a file that you can read, or remove it`,
    );
  }
  let value: unknown;
  try {
    // Some editors put a byte order mark in front.
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (err) {
    throw new ConfigError(
      `${path}${position(err, text)} is not JSON: correct it, or remove it and use \`earshot config set\``,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(`${path} must hold one JSON object, for example {"port": 7101}: correct it, or remove it`);
  }
  return value as Record<string, unknown>;
}

/** Replaces config.json as a whole: whoever reads it, even after a crash, sees the old or the new one. */
export function writeConfigFile(path: string, config: Readonly<Record<string, unknown>>): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeSync(file, JSON.stringify(config, null, 2) + '\n');
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (err) {
    rmSync(temporary, { force: true });
    throw new ConfigError(`${path} cannot be written (${errnoOf(err) ?? 'unknown'}): nothing was changed`);
  }
}

/** Makes the rename durable. Windows cannot open folders, and needs no such thing. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** ` line 2, column 7`, when the parser tells where. Its message is not passed on, since it quotes the file. */
function position(err: unknown, text: string): string {
  const offset = isError(err) ? /at position (\d+)/.exec(err.message)?.[1] : undefined;
  if (offset === undefined) return '';
  const before = text.slice(0, Number(offset)).split('\n');
  return ` line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}
