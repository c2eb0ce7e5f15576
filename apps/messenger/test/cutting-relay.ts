/** A TCP relay on loopback that can be cut in the middle of anything: a cable that somebody pulls. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class CuttingRelay {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  port = 0;
  /** Takes everything and passes nothing on, as a peer does that lost its power. */
  silent = false;
  /** Everything that passed, both ways. */
  readonly bytes: Buffer[] = [];

  constructor(private readonly targetPort: number) {}

  start(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(this.targetPort, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(from);
        from.on('data', (chunk: Buffer) => {
          if (this.silent) return;
          this.bytes.push(chunk);
          to.write(chunk);
        });
        from.on('error', () => undefined);
        from.on('close', () => {
          this.sockets.delete(from);
          to.destroy();
        });
      }
    });
    this.server = server;
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        if (address !== null && typeof address === 'object') this.port = address.port;
        resolve();
      });
    });
  }

  /** Takes nothing any more, as a peer does that has stopped reading. */
  stall(): void {
    for (const socket of this.sockets) socket.pause();
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => {
      this.server?.close(() => {
        resolve();
      });
    });
  }
}
