import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { until } from '@earshot/testkit';

export const LOOPBACK = '127.0.0.1';

/** Where a peer listens that is waiting to be dialled. */
export class Listener {
  private readonly waiting: Socket[] = [];

  readonly port: number;

  private constructor(private readonly server: Server) {
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.waiting.push(socket));
  }

  static async open(): Promise<Listener> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
    return new Listener(server);
  }

  get address(): string {
    return `${LOOPBACK}:${this.port}`;
  }

  next(): Promise<Socket> {
    return until('alice dials', () => this.waiting.shift());
  }

  close(): void {
    this.server.close();
    for (const socket of this.waiting) socket.destroy();
  }
}
