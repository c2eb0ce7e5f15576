/**
 * Moves datagrams and reads none of them (the receive path does). One socket on the discovery port hears every
 * broadcast and the multicast group, another one the group alone; each interface has a `Link` to send by.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { MULTICAST_GROUP } from '@earshot/protocol';
import type { HeardBy } from '@earshot/protocol/ipc';
import { Arrivals } from './arrivals.js';
import { type Interface, interfaceFor, keyOf } from './interfaces.js';
import { normaliseAddress } from './ipv4.js';
import { joinGroup, LIMITED_BROADCAST, Link } from './link.js';
import { addressTowards } from './route.js';

export interface Received {
  readonly bytes: Buffer;
  /** IPv4, or IPv6 with the zone. */
  readonly source: string;
  readonly port: number;
  readonly by: HeardBy;
  /** It was sent to this machine alone, on the port that its profiles share: the others have not got it. */
  readonly addressed: boolean;
  /** Name of the interface to whose address it was sent; '' where it may have come in by any of them. */
  readonly via: string;
}

export interface BeaconOptions {
  /** 0 takes any free one. */
  readonly port: number;
  readonly now: () => number;
  readonly onDatagram: (datagram: Received) => void;
}

export class Beacon {
  private shared: Socket | undefined;
  /** Absent where the system binds no socket to a group: what is multicast is taken for a broadcast then. */
  private group: Socket | undefined;
  private readonly arrivals = new Arrivals((bytes, from, by) => {
    this.receive(bytes, from, { by, addressed: false, via: '' });
  });
  private readonly links = new Map<string, Link>();

  constructor(private readonly options: BeaconOptions) {}

  /** @throws Node's error when the port cannot be had (EADDRINUSE: taken by a program that does not share it) */
  async start(): Promise<void> {
    const shared = await boundTo('0.0.0.0', this.options.port);
    shared.on('error', (err) => {
      for (const link of this.links.values()) link.fail('receive', err);
    });
    shared.on('message', this.arrivals.onShared);
    this.shared = shared;
    this.group = await boundTo(MULTICAST_GROUP, this.port).catch(() => undefined);
    this.group?.on('error', () => undefined).on('message', this.arrivals.onGroup);
  }

  /** The discovery port in use. */
  get port(): number {
    if (this.shared === undefined) throw new Error('bug: the beacon is not started');
    return this.shared.address().port;
  }

  /** In the order of the interfaces as they came. */
  get open(): Link[] {
    return [...this.links.values()];
  }

  /** Opens what is new, closes what is gone, and tries again what failed to open. Answers whether we now speak elsewhere. */
  async follow(interfaces: readonly Interface[]): Promise<boolean> {
    const before = this.usableKeys();
    const wanted = new Map(interfaces.map((one) => [keyOf(one), one]));
    for (const [key, link] of this.links) {
      if (wanted.has(key) && link.usable) continue;
      link.close();
      this.links.delete(key);
    }
    const missing = [...wanted].filter(([key]) => !this.links.has(key));
    await Promise.all(missing.map(([key, one]) => this.add(key, one)));
    return this.usableKeys() !== before;
  }

  /** To everybody on the interface's subnet; where there is no directed broadcast, to the multicast group. */
  async announce(link: Link, bytes: Buffer): Promise<void> {
    if (link.at.broadcast === '') await this.multicast(link, bytes);
    else await link.send('broadcast', link.at.broadcast, this.port, bytes);
  }

  /** By the paths that reach who does not hear the directed broadcast. */
  async announceWide(link: Link, bytes: Buffer): Promise<void> {
    const sent = [this.announce(link, bytes)];
    if (link.at.broadcast !== '') sent.push(this.multicast(link, bytes));
    if (!link.at.loopback) sent.push(link.send('limited', LIMITED_BROADCAST, this.port, bytes));
    sent.push(link.sendToGroup6(this.port, bytes));
    await Promise.all(sent);
  }

  /** The link by which an address is reached: that of its subnet, else the one that the system would route it by. */
  async linkTowards(ip: string): Promise<Link | undefined> {
    const interfaces = this.open.map(({ at }) => at);
    const near = interfaceFor(ip, interfaces);
    if (near !== undefined) return this.links.get(keyOf(near));
    const from = await addressTowards(ip);
    return this.open.find(({ at }) => at.ip === from);
  }

  /** To the other profiles on this machine, as it came. */
  async passOn(bytes: Buffer): Promise<void> {
    const loopback = this.open.find(({ at }) => at.loopback);
    if (loopback !== undefined) await this.announce(loopback, bytes);
  }

  stop(): void {
    for (const link of this.links.values()) link.close();
    this.links.clear();
    this.shared?.close();
    this.group?.close();
    this.arrivals.stop();
    this.shared = this.group = undefined;
  }

  private usableKeys(): string {
    return [...this.links]
      .filter(([, link]) => link.usable)
      .map(([key]) => key)
      .sort()
      .join();
  }

  private multicast(link: Link, bytes: Buffer): Promise<void> {
    return link.send('multicast', MULTICAST_GROUP, this.port, bytes);
  }

  private async add(key: string, at: Interface): Promise<void> {
    const link = new Link(at, {
      onReply: (bytes, from) => {
        this.receive(bytes, from, { by: 'unicast', addressed: false, via: at.name });
      },
      onUnicast: (bytes, from) => {
        this.receive(bytes, from, { by: 'unicast', addressed: true, via: at.name });
      },
      onGroup6: this.arrivals.onGroup6,
    });
    // In the table first: what is closed while it opens must be found.
    this.links.set(key, link);
    await link.open(this.port);
    for (const socket of [this.shared, this.group]) if (socket !== undefined) joinGroup(socket, link);
  }

  private receive(bytes: Buffer, from: RemoteInfo, way: Pick<Received, 'by' | 'addressed' | 'via'>): void {
    for (const link of this.links.values()) {
      if (!link.isOwn(from)) continue;
      link.heardSelfMs = this.options.now();
      return;
    }
    this.options.onDatagram({ bytes, source: normaliseAddress(from.address), port: from.port, ...way });
  }
}

/** A socket on a port that others share. Rejects with Node's error. */
async function boundTo(address: string, port: number): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  try {
    const listening = once(socket, 'listening');
    socket.bind({ port, address, exclusive: true });
    await listening;
    return socket;
  } catch (err) {
    socket.close();
    throw err;
  }
}
