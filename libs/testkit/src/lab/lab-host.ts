import { Host } from '../host.js';
import { Cable, type Direction } from './cable.js';
import { enter, inNamespace, ip } from './namespaces.js';
import type { Network } from './network.js';
import { Rules, type Traffic } from './rules.js';

/** A host of a lab: a namespace with loopback, and with what is plugged in. */
export class LabHost extends Host {
  private readonly cables = new Map<Network, Cable>();
  private readonly firewall: Rules;
  private interfaces = 0;

  /**
   * @param number the last byte of its address on every network
   * @param first the network that it is on from the beginning, if on any
   */
  constructor(
    name: string,
    readonly namespace: string,
    private readonly number: number,
    first?: Network,
  ) {
    super(name, first?.address(number) ?? '127.0.0.1', enter(namespace));
    this.firewall = new Rules(namespace, 'inet', 'firewall', ['input', 'output']);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    if (first !== undefined) this.plug(first);
  }

  /** One more interface: eth0, eth1 and so on. */
  plug(network: Network): Cable {
    const cable = new Cable(this.namespace, `eth${this.interfaces++}`, network, network.address(this.number));
    this.cables.set(network, cable);
    return cable;
  }

  unplug(network: Network): void {
    this.cable(network).remove();
    this.cables.delete(network);
  }

  /** That on a network, or the only one. */
  cable(network?: Network): Cable {
    const found = network === undefined ? [...this.cables.values()][0] : this.cables.get(network);
    if (found === undefined) throw new Error(`bug: ${this.name} is not on ${network?.name ?? 'any network'}`);
    return found;
  }

  /** Passes on what comes from one of its networks for another. */
  forward(): void {
    inNamespace(this.namespace, ['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  }

  /** Sends everything that is for no network of its own to that host. */
  routeBy(router: LabHost): void {
    const [shared] = [...router.cables].filter(([network]) => this.cables.has(network));
    if (shared === undefined) throw new Error(`bug: ${router.name} is on no network of ${this.name}`);
    ip('-n', this.namespace, 'route', 'replace', 'default', 'via', shared[1].ip);
  }

  /** A rule of the host's own firewall; `reject` tells the sender, TCP as if nobody listened. */
  block(traffic: Traffic, direction: Direction, how: 'drop' | 'reject' = 'drop'): void {
    const verdict = how === 'reject' && traffic.startsWith('tcp') ? 'reject with tcp reset' : how;
    this.firewall.add(direction === 'in' ? 'input' : 'output', '', traffic, verdict);
  }

  unblock(): void {
    this.firewall.clear();
  }
}
