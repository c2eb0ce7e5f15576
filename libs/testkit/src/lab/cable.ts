import { inNamespace, ip } from './namespaces.js';
import { lost, type Network } from './network.js';
import { Rules, type Traffic } from './rules.js';
import { SlowLine, type Slowness } from './slow-line.js';

/** As the host sees it. */
export type Direction = 'in' | 'out';

/** What joins a host to a network: an interface at one end, a port of the switch at the other. */
export class Cable {
  private readonly port: string;
  private readonly rules: Rules;
  private line: SlowLine | undefined;
  private current: string;

  /** @param name of the interface in the host's namespace */
  constructor(
    private readonly namespace: string,
    readonly name: string,
    readonly network: Network,
    address: string,
  ) {
    this.port = network.plug(namespace, name);
    this.rules = new Rules(network.namespace, 'bridge', this.port, ['forward']);
    this.current = address;
    this.assign('add');
    this.up();
  }

  /** The host's address on this network. */
  get ip(): string {
    return this.current;
  }

  /** Pulls it out at the switch: the host keeps its address and notices only that the link is gone. */
  cut(): void {
    this.atSwitch('down');
  }

  join(): void {
    this.atSwitch('up');
  }

  /** As at a switch with private ports: those that are isolated do not hear each other, and whoever is not hears all. */
  isolate(isolated: boolean): void {
    const way = isolated ? 'on' : 'off';
    ip('-n', this.network.namespace, 'link', 'set', this.port, 'type', 'bridge_slave', 'isolated', way);
  }

  /** Switches the interface off in the host; the system forgets the routes by it. */
  down(): void {
    this.atHost('down');
  }

  up(): void {
    this.atHost('up');
  }

  /** Takes another address of the subnet instead. */
  readdress(address: string): void {
    this.assign('del');
    this.current = address;
    this.assign('add');
  }

  /** The interface is no more, as when an adapter is pulled out or a VPN ends. */
  remove(): void {
    this.line?.end();
    this.rules.clear();
    ip('-n', this.namespace, 'link', 'del', this.name);
  }

  mtu(bytes: number): void {
    this.atHost('mtu', String(bytes));
    this.atSwitch('mtu', String(bytes));
  }

  ipv6(on: boolean): void {
    inNamespace(this.namespace, ['sysctl', '-qw', `net.ipv6.conf.${this.name}.disable_ipv6=${on ? 0 : 1}`]);
  }

  /** Loses so many of a hundred frames that go in or out here. */
  lose(percent: number, direction: Direction): void {
    this.rules.add('forward', this.frames(direction), 'all', lost(percent));
  }

  /** Swallows it on the way, without the host being told. */
  block(traffic: Traffic, direction: Direction): void {
    this.rules.add('forward', this.frames(direction), traffic, 'drop');
  }

  /** No loss and no block of its own any more. */
  clear(): void {
    this.rules.clear();
  }

  /** Makes the way long, in both directions. */
  async slow(slowness: Slowness): Promise<void> {
    if (this.line !== undefined) throw new Error(`bug: ${this.name} is slow already`);
    this.line = await SlowLine.insert(this.network.namespace, this.port, slowness);
  }

  private assign(what: 'add' | 'del'): void {
    ip('-n', this.namespace, 'addr', what, `${this.current}/24`, 'brd', '+', 'dev', this.name);
  }

  private atHost(...change: string[]): void {
    ip('-n', this.namespace, 'link', 'set', this.name, ...change);
  }

  private atSwitch(...change: string[]): void {
    ip('-n', this.network.namespace, 'link', 'set', this.port, ...change);
  }

  private frames(direction: Direction): string {
    return `${direction === 'in' ? 'oifname' : 'iifname'} "${this.port}"`;
  }
}
