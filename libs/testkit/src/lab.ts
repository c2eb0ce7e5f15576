import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Capture } from './capture.js';
import { Host } from './host.js';

/** `es<pid of the test run>-<n>`: at most 15 characters, the limit for interface names and good enough for namespaces. */
const OURS = /^es(\d+)-\d+$/;

/**
 * Hosts in network namespaces, joined by a bridge as by a switch: addresses 10.77.0.0/24, no default route, no name server,
 * nothing between them and this machine. The bridge has a namespace of its own too, so this machine's interfaces, routes and
 * firewall never see any of it. Needs root and the `ip` command on Linux.
 */
export class Lab {
  private readonly switchName: string;
  private readonly namespaces: string[] = [];
  private readonly hosts = new Map<string, { host: Host; port: string }>();
  private readonly captures: Capture[] = [];

  private constructor() {
    this.switchName = this.addNamespace();
    ip('-n', this.switchName, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', this.switchName, 'link', 'set', 'br0', 'up');
  }

  /** Why no lab can be made here, or undefined where one can. */
  static unavailable(): string | undefined {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'network namespaces need root on Linux';
    try {
      new Lab().close();
      return undefined;
    } catch {
      return 'the ip command is missing or may not make network namespaces';
    }
  }

  static open(): Lab {
    removeLeftovers();
    return new Lab();
  }

  /** A host on the switch; with `loopbackOnly`, one whose network cable was never there. */
  host(name: string, { loopbackOnly = false } = {}): Host {
    const known = this.hosts.get(name);
    if (known !== undefined) return known.host;
    const namespace = this.addNamespace();
    const number = this.hosts.size + 1;
    const port = `p${number}`;
    const address = loopbackOnly ? '127.0.0.1' : `10.77.0.${number}`;
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    if (!loopbackOnly) {
      ip('-n', this.switchName, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
      ip('-n', this.switchName, 'link', 'set', port, 'up', 'master', 'br0');
      ip('-n', namespace, 'addr', 'add', `${address}/24`, 'brd', '+', 'dev', 'eth0');
      ip('-n', namespace, 'link', 'set', 'eth0', 'up');
    }
    const host = new Host(name, address, ['ip', 'netns', 'exec', namespace]);
    this.hosts.set(name, { host, port });
    return host;
  }

  /** Pulls the cable at the switch: the host keeps its address and notices only that the link is gone. */
  cut(host: Host): void {
    ip('-n', this.switchName, 'link', 'set', this.portOf(host), 'down');
  }

  join(host: Host): void {
    ip('-n', this.switchName, 'link', 'set', this.portOf(host), 'up');
  }

  /** As on a switch with private ports: those that are isolated do not hear each other, and whoever is not hears all. */
  isolate(host: Host, isolated = true): void {
    ip(
      '-n',
      this.switchName,
      'link',
      'set',
      this.portOf(host),
      'type',
      'bridge_slave',
      'isolated',
      isolated ? 'on' : 'off',
    );
  }

  /** Records every frame that passes the switch from now on. */
  async capture(): Promise<Capture> {
    const capture = await Capture.start(new Host('switch', '', ['ip', 'netns', 'exec', this.switchName]));
    this.captures.push(capture);
    return capture;
  }

  /** Ends what still runs in the namespaces, which nobody but this lab could have started there, and removes them. */
  close(): void {
    for (const capture of this.captures) capture.discard();
    for (const namespace of this.namespaces.splice(0)) removeNamespace(namespace);
  }

  private portOf(host: Host): string {
    const entry = this.hosts.get(host.name);
    if (entry === undefined) throw new Error(`bug: ${host.name} is no host of this lab`);
    return entry.port;
  }

  private addNamespace(): string {
    const taken = new Set(namespaceNames());
    let n = 0;
    while (taken.has(`es${process.pid}-${n}`)) n++;
    const name = `es${process.pid}-${n}`;
    ip('netns', 'add', name);
    this.namespaces.push(name);
    return name;
  }
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function namespaceNames(): string[] {
  // A line is "name" or "name (id: 3)".
  return ip('netns', 'list')
    .split('\n')
    .flatMap((line) => line.split(' ')[0] || []);
}

/** What a test run that was killed left behind: namespaces of our form whose test run is no more. */
function removeLeftovers(): void {
  for (const name of namespaceNames()) {
    const pid = OURS.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeNamespace(name);
  }
}

function removeNamespace(name: string): void {
  for (const pid of ip('netns', 'pids', name).split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Ended in between.
    }
  }
  ip('netns', 'del', name);
}
