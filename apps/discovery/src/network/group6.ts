import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { MULTICAST_GROUP_6 } from '@earshot/protocol';

/**
 * The IPv6 multicast group on one interface: who shares the link hears it, whatever becomes of IPv4 broadcasts there.
 *
 * Bound to the group with the interface's zone, the socket hears the group alone, and on that interface alone. Our own
 * datagrams do not come back on it: the other profiles on this machine hear them over loopback.
 */
export class Group6 {
  private socket: Socket | undefined;
  private closed = false;

  constructor(
    private readonly interfaceName: string,
    private readonly onBytes: (bytes: Buffer, from: RemoteInfo) => void,
  ) {}

  /** Rejects with Node's error, as where the interface has no IPv6. */
  async open(port: number): Promise<void> {
    const socket = createSocket({ type: 'udp6', reuseAddr: true, ipv6Only: true });
    try {
      const listening = once(socket, 'listening');
      socket.bind({ port, address: `${MULTICAST_GROUP_6}%${this.interfaceName}`, exclusive: true });
      await listening;
      socket.addMembership(MULTICAST_GROUP_6, `::%${this.interfaceName}`);
      socket.setMulticastInterface(`::%${this.interfaceName}`);
      socket.setMulticastLoopback(false);
      socket.setMulticastTTL(1);
    } catch (err) {
      socket.close();
      throw err;
    }
    if (this.closed) {
      socket.close();
      return;
    }
    // An interface that goes away under an open socket.
    socket.on('error', () => {
      this.drop(socket);
    });
    socket.on('message', this.onBytes);
    this.socket = socket;
  }

  /** Opens it first where that failed before: an interface may get its IPv6 address later than the other. */
  async send(port: number, bytes: Buffer): Promise<void> {
    if (this.socket === undefined) await this.open(port);
    const { socket } = this;
    if (socket === undefined) return;
    await new Promise<void>((resolve, reject) => {
      // A socket that is closed while it sends does not always call back.
      socket.once('close', resolve);
      socket.send(bytes, port, `${MULTICAST_GROUP_6}%${this.interfaceName}`, (err) => {
        socket.off('close', resolve);
        if (err === null) {
          resolve();
          return;
        }
        // The interface may have come back as another one of that name.
        this.drop(socket);
        reject(err);
      });
    });
  }

  close(): void {
    this.closed = true;
    if (this.socket !== undefined) this.drop(this.socket);
  }

  private drop(socket: Socket): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    socket.close();
  }
}
