/** A messenger as far as discovery needs one: a real service on real sockets, with real keys, and nothing else. */
import { Service } from '@earshot/ipc';
import { IpcError } from '@earshot/protocol';
import {
  messengerContract,
  type EventOf,
  type MessengerContract,
  type OwnPresence,
  type Peer,
} from '@earshot/protocol/ipc';
import { Signer, signerOf } from './signer.js';

type MessengerEvent = EventOf<MessengerContract>;

export class NeighbourMessenger {
  readonly signer: Signer;
  /** How often it was asked for a signature. */
  signed = 0;
  private readonly service: Service<MessengerContract>;
  private readonly peers = new Map<string, Peer>();
  private registered = true;
  private presence: OwnPresence = { busy: false, status: '' };

  constructor(directory: string, username: string, port: number) {
    this.signer = new Signer(username, port);
    const refuse = (): never => {
      throw new IpcError('internal', 'not in this test');
    };
    this.service = new Service(messengerContract, {
      directory,
      handlers: {
        whoami: refuse,
        register: refuse,
        presence: refuse,
        setPresence: refuse,
        peers: refuse,
        requests: refuse,
        resolve: refuse,
        whois: refuse,
        send: refuse,
        sendMany: refuse,
        waitFor: refuse,
        outbox: refuse,
        cancel: refuse,
        forget: refuse,
        markRead: refuse,
        why: refuse,
        history: refuse,
        changes: refuse,
        connect: refuse,
        examine: refuse,
        setTrust: refuse,
        safetyNumber: refuse,
        verify: refuse,
        signAnnouncement: ({ instance, ...fields }) => {
          this.signed++;
          const { busy, status } = this.presence;
          const said = {
            busy,
            ...(status === '' ? {} : { status }),
            instance: Buffer.from(instance, 'hex'),
            ...fields,
          };
          return { datagram: this.signer.datagram(said).toString() };
        },
        verifyAnnouncements: ({ items }) => ({ ids: items.map(signerOf) }),
      },
      snapshot: () => [this.self(), ...[...this.peers.values()].map((peer) => ({ event: 'peer' as const, ...peer }))],
      health: () => ({ ports: {}, version: '0' }),
      onError: (err) => {
        throw err;
      },
    });
  }

  start({ registered = true } = {}): Promise<void> {
    this.registered = registered;
    return this.service.start();
  }

  stop(): Promise<void> {
    return this.service.stop();
  }

  register(): void {
    this.registered = true;
    this.service.publish(this.self());
  }

  /** The user says something of themselves. */
  say(presence: OwnPresence): void {
    this.presence = presence;
    this.service.publish(this.self());
  }

  know(peer: Pick<Peer, 'trust' | 'address'> & { id: string }): void {
    const whole: Peer = { username: 'known', presence: 'away', lastSeen: '2030-01-01T00:00:00.000Z', ...peer };
    this.peers.set(peer.id, whole);
    this.service.publish({ event: 'peer', ...whole });
  }

  private self(): MessengerEvent {
    const { id, username, port } = this.signer;
    return { event: 'self', id, username: this.registered ? username : null, port, ...this.presence };
  }
}
