/** What this machine needs for the things that everything else is made of. Milliseconds. */
import { closeSync, existsSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import type { Person } from '../nodes/pair.js';
import type { Place } from '../place.js';
import { median } from '../statistics.js';

/** What SQLite writes into its log at least. */
const PAGE = Buffer.alloc(4096, 'x');

/**
 * Of so many measurements that a disturbance or two do not show.
 *
 * @param pauseMs between two: what follows a rest takes longer than what follows work
 */
export async function medianOf(measure: () => number | Promise<number>, pauseMs = 0): Promise<number> {
  const samples: number[] = [];
  for (let i = 0; i < 15; i += 1) {
    if (pauseMs > 0) await delay(pauseMs);
    samples.push(await measure());
  }
  return median(samples);
}

/** A page written over another one, until it is on the disk. SQLite does so as soon as its log has been used once; a file that grows takes longer. */
export function fdatasyncMs(place: Place): number {
  const name = join(place.folder, 'written');
  const isNew = !existsSync(name);
  const file = openSync(name, isNew ? 'w+' : 'r+');
  if (isNew) {
    writeSync(file, PAGE);
    fdatasyncSync(file);
  }
  const start = performance.now();
  writeSync(file, PAGE, 0, PAGE.length, 0);
  fdatasyncSync(file);
  const ms = performance.now() - start;
  closeSync(file);
  return ms;
}

/** The smallest request that a messenger answers. */
export async function ipcMs(person: Person): Promise<number> {
  const start = performance.now();
  await person.client.health();
  return performance.now() - start;
}

/** A connection over loopback with nothing behind it. */
export class TcpEcho {
  private constructor(
    private readonly port: number,
    private readonly socket: Socket,
  ) {}

  static async start(place: Place): Promise<TcpEcho> {
    const server = createServer((peer) => {
      peer.setNoDelay(true).pipe(peer);
      peer.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('bug: it listens on a port');
    const socket = connect(address.port, '127.0.0.1').setNoDelay(true);
    await once(socket, 'connect');
    place.defer(() => {
      socket.destroy();
      server.close();
    });
    return new TcpEcho(address.port, socket);
  }

  async roundTripMs(): Promise<number> {
    const start = performance.now();
    this.socket.write('x');
    await once(this.socket, 'data');
    return performance.now() - start;
  }

  async connectMs(): Promise<number> {
    const start = performance.now();
    const socket = connect(this.port, '127.0.0.1');
    await once(socket, 'connect');
    const ms = performance.now() - start;
    socket.destroy();
    return ms;
  }
}
