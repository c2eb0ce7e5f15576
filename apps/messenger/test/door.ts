/** A TCP address on loopback behind which there is a person, or nobody: connections stay open and are not answered. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class Door {
  /** Connections that came, and of them those that stand. */
  opened = 0;
  readonly standing = new Set<Socket>();
  /** Connections to the person that it ended before it was spoken to. */
  refused = 0;
  private readonly waiting: (() => void)[] = [];
  private isShut = false;
  address = '';

  private constructor(
    private readonly targetPort: number | undefined,
    private readonly server: Server,
    private readonly happened: (what: 'opened' | 'closed') => void,
  ) {
    server.on('connection', (near) => {
      this.enter(near);
    });
  }

  static async open(targetPort?: number, happened: (what: 'opened' | 'closed') => void = () => undefined) {
    const door = new Door(targetPort, createServer(), happened);
    await new Promise<void>((resolve) => door.server.listen(0, '127.0.0.1', resolve));
    const address = door.server.address();
    if (address !== null && typeof address === 'object') door.address = `127.0.0.1:${address.port}`;
    return door;
  }

  /** Connects, and passes nothing on until `unlock`. */
  lock(): void {
    this.isShut = true;
  }

  unlock(): void {
    this.isShut = false;
    for (const pass of this.waiting.splice(0)) pass();
  }

  cut(): void {
    for (const socket of this.standing) socket.destroy();
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private enter(near: Socket): void {
    this.opened += 1;
    this.standing.add(near);
    this.happened('opened');
    near.on('error', () => undefined);
    // Else nobody would notice that it is closed.
    if (this.targetPort === undefined) near.resume();
    else this.lead(near, connect(this.targetPort, '127.0.0.1'));
    near.on('close', () => {
      this.standing.delete(near);
      this.happened('closed');
    });
  }

  private lead(near: Socket, far: Socket): void {
    const pass = (): void => {
      near.pipe(far);
      far.pipe(near);
    };
    if (this.isShut) this.waiting.push(pass);
    else pass();
    far.on('error', () => undefined);
    far.on('close', () => {
      if (this.isShut && !near.destroyed) this.refused += 1;
      near.destroy();
    });
    near.on('close', () => far.destroy());
  }
}
