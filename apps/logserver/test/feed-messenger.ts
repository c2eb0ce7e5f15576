import { Service, type Handlers } from '@earshot/ipc';
import { IpcError } from '@earshot/protocol';
import { messengerContract, type MessengerContract, type Peer } from '@earshot/protocol/ipc';

/** A messenger as far as the log server needs one: a real service on real sockets that says how far the feed goes. */
export class FeedMessenger {
  private readonly service: Service<MessengerContract>;
  private readonly people = new Map<string, Peer>();

  constructor(directory: string, lastSeq: () => number) {
    const refuse = (): never => {
      throw new IpcError('internal', 'not in this test');
    };
    this.service = new Service(messengerContract, {
      directory,
      handlers: Object.fromEntries(
        Object.keys(messengerContract.methods).map((method) => [method, refuse]),
      ) as unknown as Handlers<MessengerContract>,
      snapshot: () => [
        ...[...this.people.values()].map((peer) => ({ event: 'peer' as const, ...peer })),
        { event: 'feed', upto: lastSeq() },
      ],
      health: () => ({ ports: {}, version: '0' }),
      onError: (err) => {
        throw err;
      },
    });
  }

  start(): Promise<void> {
    return this.service.start();
  }

  stop(): Promise<void> {
    return this.service.stop();
  }

  /** Somebody is known, or otherwise than before. */
  tell(peer: Peer): void {
    this.people.set(peer.id ?? peer.address, peer);
    this.service.publish({ event: 'peer', ...peer });
  }

  announce(upto: number): void {
    this.service.publish({ event: 'feed', upto });
  }
}
