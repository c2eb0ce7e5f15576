import { Service, type Handlers } from '@earshot/ipc';
import { IpcError } from '@earshot/protocol';
import { messengerContract, type MessengerContract } from '@earshot/protocol/ipc';

/** A messenger as far as the log server needs one: a real service on real sockets that says how far the feed goes. */
export class FeedMessenger {
  private readonly service: Service<MessengerContract>;

  constructor(directory: string, lastSeq: () => number) {
    const refuse = (): never => {
      throw new IpcError('internal', 'not in this test');
    };
    this.service = new Service(messengerContract, {
      directory,
      handlers: Object.fromEntries(
        Object.keys(messengerContract.methods).map((method) => [method, refuse]),
      ) as unknown as Handlers<MessengerContract>,
      snapshot: () => [{ event: 'feed', upto: lastSeq() }],
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

  announce(upto: number): void {
    this.service.publish({ event: 'feed', upto });
  }
}
