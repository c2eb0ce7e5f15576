import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { basicEnvironment, Host } from '../host.js';
import { enter, ip } from './namespaces.js';

export interface Slowness {
  /** Each frame's time on the way, one direction. */
  readonly delayMs: number;
  /** Up to so much more, at random for each frame: later ones overtake earlier ones. */
  readonly jitterMs: number;
}

/**
 * The kernel's own delay (netem) is missing on small systems, and Node has no raw sockets. With its virtio header a frame
 * keeps what the sender left to the hardware: a checksum to be filled in, a segment to be cut.
 */
const RELAY = `
import heapq, itertools, random, select, socket, sys, time
ETH_P_ALL, SOL_PACKET, PACKET_VNET_HDR, PACKET_OUTGOING = 3, 263, 15, 4
delay, jitter = float(sys.argv[3]) / 1000, float(sys.argv[4]) / 1000
def opened(name):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    sock.bind((name, ETH_P_ALL))
    return sock
a, b = opened(sys.argv[1]), opened(sys.argv[2])
across, waiting, order = {a: b, b: a}, [], itertools.count()
print('relaying', flush=True)
while True:
    ready, _, _ = select.select([a, b], [], [], max(0, waiting[0][0] - time.monotonic()) if waiting else None)
    for sock in ready:
        frame, source = sock.recvfrom(131072)
        if source[2] != PACKET_OUTGOING:
            heapq.heappush(waiting, (time.monotonic() + delay + random.random() * jitter, next(order), across[sock], frame))
    while waiting and waiting[0][0] <= time.monotonic():
        _, _, sock, frame = heapq.heappop(waiting)
        try:
            sock.send(frame)
        except OSError:
            pass  # A link that is down: the frame is lost, as on any cable.
`;

/** A relay between a host's cable and the switch that holds each frame back for a while. */
export class SlowLine {
  private constructor(private readonly relay: ChildProcess) {}

  /** The port keeps its name at the switch, so that rules for it go on to hold. */
  static async insert(namespace: string, port: string, { delayMs, jitterMs }: Slowness): Promise<SlowLine> {
    const [near, far] = [`${port}n`, `${port}f`];
    const set = (...change: string[]) => ip('-n', namespace, 'link', 'set', ...change);
    set(port, 'down');
    set(port, 'nomaster', 'name', near);
    ip('-n', namespace, 'link', 'add', port, 'type', 'veth', 'peer', 'name', far);
    set(port, 'master', 'br0');
    for (const link of [near, far, port]) set(link, 'up');
    const relay = new Host('relay', '', enter(namespace)).spawn(
      'python3',
      ['-c', RELAY, near, far, String(delayMs), String(jitterMs)],
      { env: basicEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const started = await Promise.race([
      once(relay.stdout ?? relay, 'data').then(() => true),
      once(relay, 'exit').then(() => false),
    ]);
    if (!started) throw new Error('frames cannot be relayed: is python3 there?');
    return new SlowLine(relay);
  }

  end(): void {
    this.relay.kill('SIGKILL');
  }
}
