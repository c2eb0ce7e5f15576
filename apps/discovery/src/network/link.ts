import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { MULTICAST_GROUP } from '@earshot/protocol';
import { Group6 } from './group6.js';
import type { Interface } from './interfaces.js';

/** The ways a datagram leaves or enters by an interface. */
export type Path = 'broadcast' | 'limited' | 'multicast' | 'multicast6' | 'unicast' | 'receive';

export const LIMITED_BROADCAST = '255.255.255.255';

export type OnBytes = (bytes: Buffer, from: RemoteInfo) => void;

export interface LinkHandlers {
  /** On our own ephemeral port: answers to us. */
  readonly onReply: OnBytes;
  /** On the discovery port, to this interface's address alone. */
  readonly onUnicast: OnBytes;
  /** On the IPv6 group of this interface. */
  readonly onGroup6: OnBytes;
}

/**
 * The sockets of one interface. Never throws and never rejects: what fails is remembered per path, and the other paths
 * and interfaces go on.
 */
export class Link {
  /** errno name of the last failure per path; gone when it works again. */
  readonly errors = new Map<Path, string>();
  lastSent: string | null = null;
  /** Monotonic ms when our own announcement last came back on it. */
  heardSelfMs = -Infinity;
  private sender: Socket | undefined;
  private senderPort: number | undefined;
  private receiver: Socket | undefined;
  private readonly group6: Group6 | undefined;
  private closed = false;
  private readonly sending = new Set<() => void>();

  constructor(
    readonly at: Interface,
    private readonly handlers: LinkHandlers,
  ) {
    // Over loopback everybody is heard by IPv4.
    this.group6 = at.loopback ? undefined : new Group6(at.name, handlers.onGroup6);
  }

  /** @param port the discovery port that the shared socket really holds */
  async open(port: number): Promise<void> {
    // Bound to the address, a datagram leaves by this interface even where no route says so, and 255.255.255.255 leaves at all.
    this.sender = await this.bind(createSocket('udp4'), 0, 'broadcast', this.handlers.onReply);
    if (this.sender !== undefined) this.prepare(this.sender);
    this.senderPort = this.sender?.address().port;
    // Bound to the address, it gets no broadcasts: what arrives here was sent to this machine, and to one of our profiles only.
    const receiver = createSocket({ type: 'udp4', reuseAddr: true });
    this.receiver = await this.bind(receiver, port, 'receive', this.handlers.onUnicast);
    await this.group6?.open(port).catch((err: unknown) => {
      this.fail('multicast6', err as Error);
    });
  }

  get usable(): boolean {
    return this.sender !== undefined;
  }

  /** Whether a datagram from there is one of ours that came back. */
  isOwn(from: RemoteInfo): boolean {
    return from.port === this.senderPort && from.address === this.at.ip;
  }

  send(path: Path, address: string, port: number, bytes: Buffer): Promise<void> {
    const { sender } = this;
    if (sender === undefined || address === '') return Promise.resolve();
    return new Promise((resolve) => {
      this.sending.add(resolve);
      sender.send(bytes, port, address, (err) => {
        if (err !== null) this.fail(path, err);
        else {
          this.errors.delete(path);
          this.lastSent = new Date().toISOString();
        }
        this.sending.delete(resolve);
        resolve();
      });
    });
  }

  /** To the IPv6 group, where the interface has IPv6. */
  async sendToGroup6(port: number, bytes: Buffer): Promise<void> {
    if (this.group6 === undefined || this.closed) return;
    try {
      await this.group6.send(port, bytes);
      this.errors.delete('multicast6');
      this.lastSent = new Date().toISOString();
    } catch (err) {
      this.fail('multicast6', err as Error);
    }
  }

  fail(path: Path, err: Error): void {
    this.errors.set(path, (err as NodeJS.ErrnoException).code ?? err.name);
  }

  close(): void {
    this.closed = true;
    for (const socket of [this.sender, this.receiver]) socket?.close();
    this.group6?.close();
    this.sender = undefined;
    this.receiver = undefined;
    // A socket that is closed while it sends does not always call back.
    for (const resolve of this.sending) resolve();
    this.sending.clear();
  }

  private prepare(sender: Socket): void {
    try {
      sender.setBroadcast(true);
      sender.setMulticastTTL(1);
      sender.setMulticastInterface(this.at.ip);
    } catch (err) {
      this.fail('multicast', err as Error);
    }
  }

  private bind(socket: Socket, port: number, path: Path, onBytes: OnBytes): Promise<Socket | undefined> {
    return new Promise((resolve) => {
      const give = (err: Error): void => {
        this.fail(path, err);
        socket.close();
        resolve(undefined);
      };
      socket.once('error', give);
      socket.bind({ port, address: this.at.ip, exclusive: true }, () => {
        socket.off('error', give);
        // An interface that goes away under an open socket.
        socket.on('error', (err) => {
          this.fail(path, err);
        });
        socket.on('message', onBytes);
        if (this.closed) socket.close();
        resolve(this.closed ? undefined : socket);
      });
    });
  }
}

/** Takes part in the multicast group on that interface; the system forgets it with the interface. */
export function joinGroup(socket: Socket, link: Link): void {
  try {
    socket.addMembership(MULTICAST_GROUP, link.at.ip);
  } catch (err) {
    // EADDRINUSE: the membership outlived the address, which is what we want.
    if ((err as NodeJS.ErrnoException).code !== 'EADDRINUSE') link.fail('multicast', err as Error);
  }
}
