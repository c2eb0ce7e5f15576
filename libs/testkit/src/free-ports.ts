import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';

/** Below the range from which systems give ports to outgoing connections, which could take a port between our look and its use. */
const FIRST = 20_000;
const LAST = 32_000;

/** A TCP port that is free on every address, and so is the one after it: a node's HTTP server stands there. */
export function freeTcpPair(): Promise<number> {
  return pick(async (port) => (await tcpIsFree(port)) && (await tcpIsFree(port + 1)));
}

export function freeUdpPort(): Promise<number> {
  return pick(udpIsFree);
}

async function pick(isFree: (port: number) => Promise<boolean>): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${FIRST} and ${LAST}`);
}

function tcpIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '0.0.0.0', () =>
      server.close(() => {
        resolve(true);
      }),
    );
  });
}

function udpIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      resolve(false);
    });
    socket.bind(port, '0.0.0.0', () =>
      socket.close(() => {
        resolve(true);
      }),
    );
  });
}
