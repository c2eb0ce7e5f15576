/** Makes sessions of connections and passes on what they say: to the registry, to delivery, to the dialler. */
import type { Socket } from 'node:net';
import { HistoryError } from '@earshot/history';
import { ProtocolError } from '@earshot/protocol';
import type { Delivery } from '../delivery/delivery.js';
import type { Exchange } from '../help/exchange.js';
import type { Probing } from '../help/probing.js';
import type { Admission } from '../net/admission.js';
import type { Dial } from '../net/dialler.js';
import type { LocalParty } from './handshake.js';
import { Session, type CloseReason, type SessionEvents } from './session.js';
import type { SessionRegistry } from './session-registry.js';

export interface SessionHostOptions {
  /** Us, as of now: the username may change between sessions. */
  readonly local: () => LocalParty;
  readonly registry: SessionRegistry;
  readonly delivery: Delivery;
  readonly exchange: Exchange;
  readonly probing: Probing;
  readonly admission: Admission;
  readonly isAccepted: (peerId: string) => boolean;
  readonly now: () => number;
  /** A peer answered after so long. */
  readonly answered: (session: Session, roundTripMs: number) => void;
  /** A connection failed before it was a session; `ip` is where it came from. */
  readonly refused: (reason: CloseReason, address: string, expectedId: string | undefined) => void;
}

export class SessionHost {
  private readonly connecting = new Set<Session>();

  constructor(private readonly options: SessionHostOptions) {}

  /** A connection that somebody opened to us. */
  accept(socket: Socket, leave: () => void): void {
    const session = new Session(socket, {
      role: 'responder',
      local: this.options.local(),
      isAccepted: this.options.isAccepted,
      now: this.options.now,
      events: this.eventsFor({ onSettled: leave }),
    });
    this.connecting.add(session);
  }

  /** A connection that we opened. */
  dialled(socket: Socket, dial: Dial): void {
    const session = new Session(socket, {
      role: 'initiator',
      local: this.options.local(),
      isAccepted: this.options.isAccepted,
      now: this.options.now,
      startedAt: dial.startedAt,
      ...(dial.expectedId === undefined ? {} : { expectedId: dial.expectedId }),
      events: this.eventsFor({ dial }),
    });
    this.connecting.add(session);
  }

  /** Drops what is still in its handshake. */
  stop(): void {
    for (const session of this.connecting) session.fail(new ProtocolError('too-busy', 'stopping'));
  }

  private eventsFor({ dial, onSettled }: { dial?: Dial; onSettled?: () => void }): SessionEvents {
    const { registry, delivery, exchange, probing, admission } = this.options;
    return {
      authenticated: (session, result) => {
        onSettled?.();
        const verdict = registry.admit(session, result);
        if (verdict === 'accept' && this.options.isAccepted(result.peerId)) admission.remember(session.remoteIp);
        return verdict;
      },
      ready: (session) => {
        orEnd(session, () => {
          session.sendSync(delivery.marksFor(session));
          session.sendWindow(delivery.windowFor(session.peerId));
        });
      },
      confirmed: (session) => {
        this.connecting.delete(session);
        registry.confirm(session);
        dial?.settled({ session });
      },
      sync: (session, entries) => {
        orEnd(session, () => {
          delivery.synchronise(session, entries);
        });
        if (session.isOpen) exchange.opened(session);
      },
      message: (session, message) => {
        delivery.message(session, message);
      },
      ack: (session, ack) => {
        orEnd(session, () => {
          delivery.ack(session, ack);
        });
      },
      reject: (session, reject) => {
        orEnd(session, () => {
          delivery.reject(session, reject);
        });
      },
      window: (session, window) => {
        delivery.window(session, window);
      },
      answered: this.options.answered,
      peers: (session, announcements) => {
        exchange.received(session, announcements);
      },
      probe: (session, nonce) => {
        void probing.probed(session, nonce);
      },
      report: (session, report) => {
        probing.reported(session, report);
      },
      drained: (session) => {
        delivery.poke(session.peerId);
      },
      closed: (session, reason) => {
        onSettled?.();
        this.connecting.delete(session);
        if (session.result !== undefined) delivery.detach(session);
        exchange.closed(session);
        probing.closed(session);
        if (session.confirmedAt === undefined && dial?.abandoned?.aborted !== true)
          this.options.refused(reason, session.remoteAddress, dial?.expectedId);
        registry.remove(session, reason);
        dial?.settled({ reason });
      },
    };
  }
}

/** A history that cannot be read for a moment ends the session, and no more: the next one begins with SYNC. */
function orEnd(session: Session, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof HistoryError) || error.code !== 'store-failed') throw error;
    session.fail(new ProtocolError('too-busy', 'the store failed'));
  }
}
