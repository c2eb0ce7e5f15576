/** Whether a TCP connection to somewhere can be had: it is closed as soon as it stands, without a byte. */
import { connect } from 'node:net';
import type { Reached } from '@earshot/protocol/ipc';

/** A host that does not answer its SYN on a local network will not answer it later either. */
export const CONNECT_TIMEOUT_MS = 3_000;

/** EACCES and EPERM are what the system says for its own firewall. */
const OUTCOMES: Readonly<Record<string, Reached>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused',
  ETIMEDOUT: 'timed-out',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
};

/** @param ip IPv4 */
export function reach({ ip, port }: { readonly ip: string; readonly port: number }): Promise<Reached> {
  return new Promise((resolve) => {
    const socket = connect({ host: ip, port, family: 4 });
    const settle = (outcome: Reached) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => {
      settle('timed-out');
    }, CONNECT_TIMEOUT_MS);
    socket.once('connect', () => {
      settle('connected');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      settle(OUTCOMES[error.code ?? ''] ?? 'failed');
    });
  });
}
