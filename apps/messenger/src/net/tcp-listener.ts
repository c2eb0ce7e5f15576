/** Accepts connections on the TCP port, within the limits of wire-v1 §2. */
import { createServer, type Server, type Socket } from 'node:net';
import { plainIp } from '../session/session.js';
import type { Admission } from './admission.js';

export class TcpListener {
  private server: Server | undefined;

  /**
   * @param onConnection gets the socket and must call `leave` once the handshake on it is over, well or not.
   * @param onRefused a connection from there was closed before a byte of it was read
   */
  constructor(
    private readonly port: number,
    private readonly admission: Admission,
    private readonly onConnection: (socket: Socket, leave: () => void) => void,
    private readonly onRefused: (ip: string) => void,
  ) {}

  /** Rejects with the system's error where the port cannot be had. */
  async start(): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => {
      const ip = plainIp(socket.remoteAddress ?? '');
      const leave = this.admission.enter(ip);
      if (leave === undefined) {
        // Before a byte is read or a key is made; no answer, as for every refusal.
        socket.on('error', () => undefined);
        socket.destroy();
        this.onRefused(ip);
        return;
      }
      this.onConnection(socket, leave);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port: this.port, host: '0.0.0.0' }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    // Out of file descriptors: the connections that stand are worth more than the new one.
    server.on('error', () => undefined);
    this.server = server;
  }

  stop(): Promise<void> {
    const { server } = this;
    if (server === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  }
}
