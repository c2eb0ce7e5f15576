/** Opening an address that is a secret. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '@earshot/runtime';
import { CommandError } from '../output.js';

const OPENERS: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', win32: 'explorer' };
/** The browser has read the file by then; it must not lie about for ever. */
const KEEP_MS = 5_000;

/**
 * Every user of the machine can read a process's arguments, so the address must not be one: the browser gets a file
 * that only we can read, which leads there.
 */
export async function openInBrowser(url: string): Promise<void> {
  const opener = OPENERS[process.platform] ?? 'xdg-open';
  const folder = mkdtempSync(join(tmpdir(), 'earshot-'));
  try {
    const file = join(folder, 'open.html');
    writeFileSync(
      file,
      `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${url}"><title>Earshot</title>`,
      { mode: 0o600 },
    );
    await started(opener, file);
    await sleep(KEEP_MS);
  } catch {
    throw new CommandError(EXIT.failed, `no browser could be opened (${opener}): use \`earshot logs --url\``);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function started(opener: string, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(opener, [file], { stdio: 'ignore', detached: true });
    child.once('error', reject);
    child.once('spawn', resolve);
    child.unref();
  });
}
