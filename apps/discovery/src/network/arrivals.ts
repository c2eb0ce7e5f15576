import type { RemoteInfo } from 'node:dgram';
import { DATAGRAM_MAX_BYTES } from '@earshot/protocol';
import type { HeardBy } from '@earshot/protocol/ipc';

/** The system gives a datagram to all of its sockets at once; they are read one after the other. */
const HOLD_MS = 5;
/** More come in a flood only, where it matters little which way each took. */
const HELD_MAX = 256;

interface Held {
  readonly bytes: Buffer;
  readonly from: RemoteInfo;
  shared: number;
  group: number;
}

/**
 * By which way a datagram came. What was sent to the multicast group is heard by the socket bound to the group and by the
 * shared one; a broadcast by the shared one alone. Both may bring the same bytes, so copies are counted: what the shared
 * socket got beyond the group's was broadcast.
 */
export class Arrivals {
  private readonly held = new Map<string, Held>();
  private readonly held6: { readonly bytes: Buffer; readonly from: RemoteInfo }[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly settled: (bytes: Buffer, from: RemoteInfo, by: HeardBy) => void) {}

  readonly onShared = (bytes: Buffer, from: RemoteInfo): void => {
    // Is refused anyway, and not worth being held.
    if (bytes.length > DATAGRAM_MAX_BYTES) this.settled(bytes, from, 'broadcast');
    else this.hold(bytes, from).shared++;
  };

  readonly onGroup = (bytes: Buffer, from: RemoteInfo): void => {
    if (bytes.length <= DATAGRAM_MAX_BYTES) this.hold(bytes, from).group++;
  };

  /** Held as well, so that it comes after the copies that IPv4 brought: those say more. */
  readonly onGroup6 = (bytes: Buffer, from: RemoteInfo): void => {
    this.makeRoom();
    this.held6.push({ bytes, from });
  };

  stop(): void {
    clearTimeout(this.timer);
    this.held.clear();
    this.held6.length = 0;
  }

  private hold(bytes: Buffer, from: RemoteInfo): Held {
    const key = `${from.address} ${from.port} ${bytes.toString('latin1')}`;
    const known = this.held.get(key);
    if (known !== undefined) return known;
    this.makeRoom();
    const held = { bytes, from, shared: 0, group: 0 };
    this.held.set(key, held);
    return held;
  }

  private makeRoom(): void {
    if (this.held.size + this.held6.length >= HELD_MAX) this.settle();
    this.timer ??= setTimeout(() => {
      this.settle();
    }, HOLD_MS);
  }

  private settle(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const [held, held6] = [[...this.held.values()], this.held6.splice(0)];
    this.held.clear();
    for (const { bytes, from, shared, group } of held) {
      if (shared > group) this.settled(bytes, from, 'broadcast');
      if (group > 0) this.settled(bytes, from, 'multicast');
    }
    for (const { bytes, from } of held6) this.settled(bytes, from, 'multicast6');
  }
}
