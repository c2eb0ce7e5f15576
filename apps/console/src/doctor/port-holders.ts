/** Who has our ports: one of our services, another program, or nobody. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { PortFacts } from './facts.js';

/** @param ours whether the service that should have it does */
export async function lookAtPort(kind: 'tcp' | 'udp', port: number, ours: boolean): Promise<PortFacts> {
  if (ours) return { port, state: 'ours', by: null };
  const free = await (kind === 'tcp' ? tcpIsFree(port) : udpIsFree(port));
  return { port, state: free ? 'free' : 'taken', by: free ? null : holderOf(kind, port) };
}

function tcpIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** As discovery takes it: another Earshot on this machine shares it. */
function udpIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address: '0.0.0.0', exclusive: true }, () => {
      socket.close(() => {
        resolve(true);
      });
    });
  });
}

const LISTENING = '0A';

/**
 * From the tables of Linux (proc_pid_net(5)): `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode`. The
 * processes of other users are not shown to everybody; then, and elsewhere, null.
 */
function holderOf(kind: 'tcp' | 'udp', port: number): PortFacts['by'] {
  const inodes = [kind, `${kind}6`].flatMap((table) =>
    linesOf(`/proc/net/${table}`).flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      const hit = Number.parseInt(local.split(':')[1] ?? '', 16) === port && (kind === 'udp' || state === LISTENING);
      return hit ? [`socket:[${inode}]`] : [];
    }),
  );
  for (const pid of entriesOf('/proc').filter((name) => /^\d+$/.test(name))) {
    const holds = entriesOf(`/proc/${pid}/fd`).some((fd) => inodes.includes(linkOf(`/proc/${pid}/fd/${fd}`)));
    if (holds) return { pid: Number(pid), name: linesOf(`/proc/${pid}/comm`)[0] ?? '' };
  }
  return null;
}

/** What is gone or not ours to see is empty. */
function orEmpty<T>(look: () => T, empty: T): T {
  try {
    return look();
  } catch {
    return empty;
  }
}
const linesOf = (path: string) => orEmpty(() => readFileSync(path, 'utf8').split('\n'), []);
const entriesOf = (path: string) => orEmpty(() => readdirSync(path), []);
const linkOf = (path: string) => orEmpty(() => readlinkSync(path), '');
