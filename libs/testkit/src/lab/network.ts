import { ip } from './namespaces.js';
import { Rules, type Traffic } from './rules.js';

/** One switch and the subnet of those on it, in a namespace of its own: the machine's own interfaces, routes and firewall never see any of it. */
export class Network {
  private readonly rules: Rules;
  private ports = 0;

  /** @param prefix the first three bytes of the subnet's addresses, a /24 */
  constructor(
    readonly name: string,
    readonly prefix: string,
    readonly namespace: string,
  ) {
    this.rules = new Rules(namespace, 'bridge', 'network', ['forward']);
    ip('-n', namespace, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', namespace, 'link', 'set', 'br0', 'up');
  }

  /** @param number of a host, 1 to 254 */
  address(number: number): string {
    return `${this.prefix}.${number}`;
  }

  /** Puts a cable from a new port of the switch into a host's namespace, where it is an interface that is down. Answers with the port. */
  plug(namespace: string, name: string): string {
    const port = `p${++this.ports}`;
    ip('-n', this.namespace, 'link', 'add', port, 'type', 'veth', 'peer', 'name', name, 'netns', namespace);
    ip('-n', this.namespace, 'link', 'set', port, 'up', 'master', 'br0');
    return port;
  }

  /** Loses so many of a hundred frames, each on its way to each receiver anew. */
  lose(percent: number): void {
    this.rules.add('forward', '', 'all', lost(percent));
  }

  /** Nobody gets it from anybody, as where an access point keeps its stations apart. */
  block(traffic: Traffic): void {
    this.rules.add('forward', '', traffic, 'drop');
  }

  /** No loss and no block any more; those of single cables stay. */
  clear(): void {
    this.rules.clear();
  }
}

/** @param percent 1 to 99 */
export function lost(percent: number): string {
  return `numgen random mod 100 < ${percent} drop`;
}
