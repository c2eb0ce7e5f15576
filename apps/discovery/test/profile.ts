import { createClient, subscribe, type Client, type Subscription } from '@earshot/ipc';
import { discoveryContract, type DiscoveryContract, type RosterEntry } from '@earshot/protocol/ipc';
import type { Logger } from '@earshot/runtime';
import { temporaryFolder, until } from '@earshot/testkit';
import { systemClock } from '../src/clock.js';
import { Discovery } from '../src/discovery.js';
import type { Interface } from '../src/network/interfaces.js';
import { NeighbourMessenger } from './neighbour-messenger.js';

export const LOOPBACK: Interface = {
  name: 'lo',
  ip: '127.0.0.1',
  netmask: '255.0.0.0',
  broadcast: '127.255.255.255',
  loopback: true,
};

let profiles = 0;

/** One profile on this machine: the real discovery beside a neighbour that plays the messenger, on loopback only. */
export class Profile {
  readonly messenger: NeighbourMessenger;
  readonly logged: { event: string; code?: string | undefined }[] = [];
  readonly client: Client<DiscoveryContract>;
  readonly discovery: Discovery;
  private readonly folder = temporaryFolder();
  private readonly directory = `${this.folder.path}/ipc`;
  private readonly roster = new Map<string, RosterEntry>();
  private readonly subscription: Subscription;
  private running = false;

  constructor(
    name: string,
    readonly port: number,
    peerHosts: readonly string[] = [],
  ) {
    const number = ++profiles;
    this.messenger = new NeighbourMessenger(this.directory, name, 7_000 + number);
    this.discovery = new Discovery({
      port,
      peerHosts,
      readInterfaces: () => [LOOPBACK],
      readSkipped: () => [],
      directory: this.directory,
      instance: number.toString(16).padStart(16, '0'),
      version: '1.2.3',
      clock: systemClock,
      random: Math.random,
      log: this.log(),
    });
    this.client = createClient(discoveryContract, { directory: this.directory });
    this.subscription = subscribe(discoveryContract, {
      directory: this.directory,
      onReset: () => {
        this.roster.clear();
      },
      onEvent: (event) => {
        if (event.event === 'roster') this.roster.set(event.key, event);
        else this.roster.delete(event.key);
      },
    });
  }

  async start(): Promise<void> {
    await this.discovery.start();
    this.running = true;
  }

  async stop(): Promise<void> {
    if (this.running) await this.discovery.stop();
    this.running = false;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.messenger.stop();
    this.subscription.close();
    this.client.close();
    this.folder.remove();
  }

  /** What a subscriber knows of a peer. */
  shown(key: string): RosterEntry | undefined {
    return this.roster.get(key);
  }

  sees(other: Profile, presence: 'online' | 'away' = 'online'): Promise<RosterEntry> {
    const { id } = other.messenger.signer;
    return until(`${this.messenger.signer.username} sees ${other.messenger.signer.username} ${presence}`, () => {
      const entry = this.shown(id);
      return entry?.presence === presence && entry;
    });
  }

  announcing(): Promise<boolean> {
    return this.client.call('interfaces', {}).then((reply) => reply.announcing);
  }

  private log(): Logger {
    const write = (event: string, fields: { code?: string } = {}): void => {
      this.logged.push({ event, code: fields.code });
    };
    return { debug: write, info: write, warn: write, error: write, child: () => this.log() };
  }
}
