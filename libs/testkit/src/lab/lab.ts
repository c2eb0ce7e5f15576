import { execFileSync } from 'node:child_process';
import { Capture } from '../capture.js';
import { Host } from '../host.js';
import { LabHost } from './lab-host.js';
import { addNamespace, enter, removeLeftovers, removeNamespace } from './namespaces.js';
import { Network } from './network.js';

export interface LabHostOptions {
  /** The networks that it is on, in the order of its interfaces; the lab's first one if not said. */
  readonly on?: readonly Network[];
  /** A host whose network cable was never there. */
  readonly loopbackOnly?: boolean;
}

/**
 * Hosts in network namespaces, joined by bridges as by switches: subnets 10.77.0.0/24, 10.77.1.0/24 and so on, no default
 * route unless asked for, no name server, nothing between them and this machine. Needs root, `ip` and `nft` on Linux.
 */
export class Lab {
  /** The network that everybody is on of whom nothing else is said. */
  readonly lan: Network;
  private readonly namespaces: string[] = [];
  private readonly networks = new Map<string, Network>();
  private readonly hosts = new Map<string, LabHost>();
  private readonly captures: Capture[] = [];

  private constructor() {
    this.lan = this.network('lan');
  }

  /** Why no lab can be made here, or undefined where one can. */
  static unavailable(): string | undefined {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'network namespaces need root on Linux';
    try {
      execFileSync('nft', ['--version'], { stdio: 'ignore' });
      new Lab().close();
      return undefined;
    } catch {
      return 'the ip or the nft command is missing or may not make network namespaces';
    }
  }

  static open(): Lab {
    removeLeftovers();
    return new Lab();
  }

  network(name: string): Network {
    const known = this.networks.get(name);
    if (known !== undefined) return known;
    const network = new Network(name, `10.77.${this.networks.size}`, this.addNamespace());
    this.networks.set(name, network);
    return network;
  }

  host(name: string, { on = [this.lan], loopbackOnly = false }: LabHostOptions = {}): LabHost {
    const known = this.hosts.get(name);
    if (known !== undefined) return known;
    const [first, ...others] = loopbackOnly ? [] : on;
    const host = new LabHost(name, this.addNamespace(), this.hosts.size + 1, first);
    for (const network of others) host.plug(network);
    this.hosts.set(name, host);
    return host;
  }

  /** A host that joins networks. */
  router(name: string, on: readonly Network[]): LabHost {
    const router = this.host(name, { on });
    router.forward();
    return router;
  }

  /** Pulls the cable at the switch: the host keeps its address and notices only that the link is gone. */
  cut(host: Host): void {
    this.known(host).cable().cut();
  }

  join(host: Host): void {
    this.known(host).cable().join();
  }

  /** Keeps hosts apart at the switch: those that are isolated do not hear each other, and whoever is not hears all. */
  isolate(host: Host, isolated = true): void {
    this.known(host).cable().isolate(isolated);
  }

  /** Records every frame that passes a switch from now on. */
  async capture(network = this.lan): Promise<Capture> {
    const capture = await Capture.start(new Host('switch', '', enter(network.namespace)));
    this.captures.push(capture);
    return capture;
  }

  /** Ends what still runs in the namespaces, which nobody but this lab could have started there, and removes them. */
  close(): void {
    for (const capture of this.captures) capture.discard();
    for (const namespace of this.namespaces.splice(0)) removeNamespace(namespace);
  }

  private known(host: Host): LabHost {
    const known = this.hosts.get(host.name);
    if (known === undefined) throw new Error(`bug: ${host.name} is no host of this lab`);
    return known;
  }

  private addNamespace(): string {
    const name = addNamespace();
    this.namespaces.push(name);
    return name;
  }
}
