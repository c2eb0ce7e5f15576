/** The program itself: status, logs, config. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@earshot/ipc';
import { IpcError } from '@earshot/protocol';
import {
  consoleContract,
  discoveryContract,
  logserverContract,
  messengerContract,
  SERVICE_NAMES,
  type Health,
  type ServiceContract,
  type ServiceName,
} from '@earshot/protocol/ipc';
import { dataFolder, EXIT, getSetting, listSettings, setSetting, type DataFolder } from '@earshot/runtime';
import { CommandError, note, print, printJson } from '../output.js';
import { notRunning } from '../services/connection.js';

const CONTRACTS: Readonly<Record<ServiceName, ServiceContract>> = {
  discovery: discoveryContract,
  messenger: messengerContract,
  logserver: logserverContract,
  console: consoleContract,
};

/** Undefined when the service does not answer. */
async function healthOf(service: ServiceName, { sockets }: DataFolder): Promise<Health | undefined> {
  const client = createClient(CONTRACTS[service], { directory: sockets, deadlineMs: 2_000 });
  try {
    return await client.health();
  } catch (error) {
    if (error instanceof IpcError) return undefined;
    throw error;
  } finally {
    client.close();
  }
}

export async function status({ json }: { readonly json?: boolean }): Promise<void> {
  const paths = dataFolder(process.env);
  const healths = await Promise.all(SERVICE_NAMES.map((service) => healthOf(service, paths)));
  const services: Record<string, { up: boolean; pid: number | null; uptimeMs: number | null }> = {};
  const ports = { tcp: null, http: null, discovery: null } as Record<string, number | null>;
  for (const [i, name] of SERVICE_NAMES.entries()) {
    const health = healths[i];
    services[name] = { up: health !== undefined, pid: health?.pid ?? null, uptimeMs: health?.uptimeMs ?? null };
    Object.assign(ports, health?.ports);
  }
  if (json === true) printJson({ services, ports });
  else {
    for (const [name, { up, pid, uptimeMs }] of Object.entries(services)) {
      print(`${name.padEnd(9)}  ${up ? `up    pid ${pid ?? ''}, ${Math.round((uptimeMs ?? 0) / 1000)} s` : 'down'}`);
    }
    print(
      `ports      ${Object.entries(ports)
        .map(([name, port]) => `${name} ${port ?? '-'}`)
        .join(', ')}`,
    );
  }
  const down = SERVICE_NAMES.filter((_, i) => healths[i] === undefined);
  if (down.length > 0)
    throw new CommandError(EXIT.notRunning, down.map((service) => notRunning(service, paths)).join('\nearshot: '));
}

export async function logs({ url, open }: { readonly url?: boolean; readonly open?: boolean }): Promise<void> {
  const paths = dataFolder(process.env);
  const port = (await healthOf('logserver', paths))?.ports['http'];
  if (port === undefined) throw new CommandError(EXIT.notRunning, notRunning('logserver', paths));
  const address = `http://127.0.0.1:${port}/`;
  if (url !== true && open !== true) {
    print(address);
    return;
  }
  let token: string;
  try {
    token = readFileSync(paths.httpToken, 'utf8').trim();
  } catch (error) {
    throw new CommandError(
      EXIT.failed,
      `cannot read ${paths.httpToken} (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
    );
  }
  const withToken = `${address}#t=${token}`;
  if (url === true) print(withToken);
  if (open === true) await openInBrowser(withToken);
}

/**
 * Every user of the machine can read a process's arguments, so the address with the token must not be one: the browser
 * gets a file that only we can read, which leads there.
 */
async function openInBrowser(url: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-'));
  const file = join(folder, 'open.html');
  writeFileSync(
    file,
    `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${url}"><title>Earshot</title>`,
    { mode: 0o600 },
  );
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', file]
      : process.platform === 'win32'
        ? ['explorer', file]
        : ['xdg-open', file];
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(command as string, args, { stdio: 'ignore', detached: true });
      child.once('error', reject);
      child.once('spawn', resolve);
      child.unref();
    });
    // The browser has read it by then; it must not lie about for ever.
    await sleep(5_000);
  } catch {
    throw new CommandError(EXIT.failed, `no browser could be opened (${command ?? ''}): use \`earshot logs --url\``);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function configGet(key: string | undefined): void {
  const paths = dataFolder(process.env);
  if (key !== undefined) {
    print(getSetting(paths, key).value);
    return;
  }
  for (const setting of listSettings(paths))
    print(`${setting.key}=${setting.value}${setting.source === 'default' ? '  (default)' : ''}`);
  note(`data folder: ${paths.home}`);
}

export function configSet(key: string, value: string): void {
  setSetting(dataFolder(process.env), key, value === '' ? null : value);
  note('saved: run `npm start` to apply it');
}
