/** Discovery as far as a messenger needs it: a real service on real sockets that says who was heard. */
import { Service } from '@earshot/ipc';
import { discoveryContract, type DiscoveryContract, type RosterEntry } from '@earshot/protocol/ipc';
import type { Person } from './people.js';

export class RosterService {
  private readonly service: Service<DiscoveryContract>;
  /** What the messenger had asked about. */
  readonly introduced: string[] = [];
  private entry: RosterEntry | undefined;

  private constructor(listener: Person) {
    this.service = new Service(discoveryContract, {
      directory: listener.sockets,
      handlers: {
        interfaces: () => ({ announcing: false, items: [], skipped: [] }),
        introduce: ({ ips }) => {
          this.introduced.push(...ips);
          return {};
        },
      },
      snapshot: () => (this.entry === undefined ? [] : [{ event: 'roster', ...this.entry }]),
      health: () => ({ ports: {}, version: 'test' }),
      onError: (error) => {
        throw error;
      },
    });
  }

  static async startFor(listener: Person): Promise<RosterService> {
    const roster = new RosterService(listener);
    await roster.service.start();
    return roster;
  }

  /** Somebody is online on this machine, since the start that `instance` names. */
  heard(person: Person, instance: string, news: Partial<RosterEntry> = {}): void {
    const lastHeard = new Date().toISOString();
    this.entry = {
      key: person.id,
      id: person.id,
      username: person.name,
      presence: 'online',
      lastSeen: lastHeard,
      instance,
      maxVersion: 1,
      busy: false,
      status: '',
      addresses: [{ address: `127.0.0.1:${person.port}`, interface: 'lo', lastHeard, dialable: true }],
      heardBy: { broadcast: lastHeard },
      ...news,
    };
    this.service.publish({ event: 'roster', ...this.entry });
  }

  stop(): Promise<void> {
    return this.service.stop();
  }
}
