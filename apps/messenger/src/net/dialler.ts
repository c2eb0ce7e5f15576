/** Connects to peers: to those with messages waiting, whenever that can work, and to addresses that the user typed. */
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { BACKOFF_MIN_MS, IpcError } from '@earshot/protocol';
import { CONNECT_TIMEOUT_MS } from '@earshot/runtime';
import type { Session } from '../session/session.js';
import { Backoff } from './backoff.js';
import { isForbiddenTarget, parseAddress, type DialTarget } from './dial-rules.js';
import { race } from './race.js';
import type { RoundTrips } from './round-trips.js';

const RESTART_RESET_MS = 60_000;
/** A session that lasted this long was a success, and the next dial may be at once. */
const SUCCESS_AFTER_MS = 5_000;

export interface DiallerOptions {
  /** Where a peer may be dialled right now, best first (presence-v1 §5). */
  readonly addressesOf: (peerId: string) => readonly string[];
  /** Whether a peer still needs a session. */
  readonly isWanted: (peerId: string) => boolean;
  /** Learns how long each connection took. */
  readonly roundTrips: RoundTrips;
  /** Makes a session of a connected socket; `settled` is called once it is confirmed, or with the reason it ended. */
  readonly open: (socket: Socket, dial: Dial) => void;
  readonly now: () => number;
  readonly random?: () => number;
}

export interface Dial {
  readonly expectedId?: string;
  readonly startedAt: number;
  /** Another address of the peer was quicker: the socket is gone, and nothing is to be said of it. */
  readonly abandoned?: AbortSignal;
  readonly settled: (outcome: { session: Session } | { reason: string }) => void;
}

/** How reaching a peer goes. */
export interface DialState {
  /** Until the next attempt; null where none is planned or one is under way. */
  readonly nextTryMs: number | null;
  /** What the last address tried failed with: an errno name or the reason that the session ended. */
  readonly failure: string | null;
}

interface Effort {
  readonly backoff: Backoff;
  dialling: boolean;
  /** Heard of while dialling: whatever comes of that attempt, the next one is due at once. */
  heardMeanwhile: boolean;
  timer: NodeJS.Timeout | undefined;
  lastReset: number;
  lastAttempt: number;
  /** When the timer fires. */
  dueAt: number;
  failure: string | null;
}

export class Dialler {
  private readonly efforts = new Map<string, Effort>();
  private stopped = false;

  constructor(private readonly options: DiallerOptions) {}

  /** This peer should have a session: dials at once, and with back-off until it has one or is not wanted any more. */
  want(peerId: string): void {
    const effort = this.effortFor(peerId);
    if (effort.dialling || this.stopped) return;
    // Somebody wants it now; but a script that writes a thousand lines is no reason to dial a thousand times.
    if (effort.timer !== undefined && this.options.now() - effort.lastAttempt < BACKOFF_MIN_MS) return;
    clearTimeout(effort.timer);
    effort.timer = undefined;
    void this.attempt(peerId, effort);
  }

  /**
   * The session with a peer is over. One that stood for a while was a success; after one that broke at once the next dial
   * waits, or two sides that cannot agree would shake hands as fast as they can.
   */
  lost(peerId: string, lastedMs: number): void {
    if (lastedMs >= SUCCESS_AFTER_MS) this.efforts.delete(peerId);
    if (!this.options.isWanted(peerId) || this.stopped) return;
    const effort = this.efforts.get(peerId);
    if (effort === undefined) this.want(peerId);
    else if (!effort.dialling && effort.timer === undefined) this.wait(peerId, effort);
  }

  /** A sign of life of a wanted peer: no reason to wait for the back-off. */
  heard(peerId: string, restarted: boolean): void {
    const effort = this.efforts.get(peerId);
    if (effort === undefined) {
      if (this.options.isWanted(peerId)) this.want(peerId);
      return;
    }
    // A peer that restarts all the time must not switch the back-off off.
    const now = this.options.now();
    if (restarted && now - effort.lastReset >= RESTART_RESET_MS) {
      effort.lastReset = now;
      effort.backoff.reset();
    }
    if (effort.dialling) effort.heardMeanwhile = true;
    if (effort.timer === undefined) return;
    clearTimeout(effort.timer);
    effort.timer = undefined;
    if (this.options.isWanted(peerId)) void this.attempt(peerId, effort);
  }

  /** Dials one address that the user typed, or a known peer's, and answers with the confirmed session. */
  async dial(target: DialTarget, expectedId?: string, abandoned?: AbortSignal): Promise<Session> {
    if (
      isForbiddenTarget(
        target,
        Object.values(networkInterfaces()).flatMap((list) => list ?? []),
      )
    )
      throw new IpcError('bad-address', `${target.ip}:${target.port} is not an address that a peer can have`);
    const startedAt = this.options.now();
    const socket = await this.connect(target, abandoned);
    return new Promise((resolve, reject) => {
      this.options.open(socket, {
        ...(expectedId === undefined ? {} : { expectedId }),
        startedAt,
        ...(abandoned === undefined ? {} : { abandoned }),
        settled: (outcome) => {
          if ('session' in outcome) resolve(outcome.session);
          else
            reject(
              new DialError(
                outcome.reason === 'unexpected-identity' ? 'wrong-peer' : 'unreachable',
                outcome.reason,
                outcome.reason,
              ),
            );
        },
      });
    });
  }

  stateOf(peerId: string): DialState {
    const effort = this.efforts.get(peerId);
    const planned = effort?.timer !== undefined;
    return {
      nextTryMs: planned ? Math.max(0, Math.round(effort.dueAt - this.options.now())) : null,
      failure: effort?.failure ?? null,
    };
  }

  stop(): void {
    this.stopped = true;
    for (const effort of this.efforts.values()) clearTimeout(effort.timer);
    this.efforts.clear();
  }

  private effortFor(peerId: string): Effort {
    let effort = this.efforts.get(peerId);
    if (effort === undefined) {
      effort = {
        backoff: new Backoff(this.options.random ?? Math.random),
        dialling: false,
        heardMeanwhile: false,
        timer: undefined,
        lastReset: this.options.now(),
        lastAttempt: -Infinity,
        dueAt: 0,
        failure: null,
      };
      this.efforts.set(peerId, effort);
    }
    return effort;
  }

  private async attempt(peerId: string, effort: Effort): Promise<void> {
    effort.dialling = true;
    effort.lastAttempt = this.options.now();
    let reached: boolean;
    do {
      effort.heardMeanwhile = false;
      const failure = await this.reach(peerId);
      reached = failure === null;
      effort.failure = failure;
    } while (!reached && this.isHeardMeanwhile(effort) && !this.stopped);
    effort.dialling = false;
    if (this.stopped) return;
    if (!this.options.isWanted(peerId)) {
      // Reached: whether that was a success shows in how long it lasts (`lost`).
      if (!reached) this.efforts.delete(peerId);
      return;
    }
    this.wait(peerId, effort);
  }

  private wait(peerId: string, effort: Effort): void {
    const waitMs = effort.backoff.next();
    effort.dueAt = this.options.now() + waitMs;
    effort.timer = setTimeout(() => {
      effort.timer = undefined;
      if (this.options.isWanted(peerId)) void this.attempt(peerId, effort);
      else this.efforts.delete(peerId);
    }, waitMs);
  }

  /** A call, since it changes while an attempt is awaited. */
  private isHeardMeanwhile(effort: Effort): boolean {
    return effort.heardMeanwhile;
  }

  /** Tries a peer's addresses until one leads to a session with it: then null, else why the last one did not. */
  reach(peerId: string): Promise<string | null> {
    return race(this.options.addressesOf(peerId), async (address, abandoned) => {
      const target = parseAddress(address);
      if (target === undefined || this.stopped) return 'no-address';
      try {
        await this.dial(target, peerId, abandoned);
        return null;
      } catch (error) {
        // Not reachable here, or somebody else lives there now: the next address may do.
        if (!(error instanceof IpcError)) throw error;
        this.options.roundTrips.forget(address);
        return error instanceof DialError ? error.reason : error.code;
      }
    });
  }

  private async connect(target: DialTarget, abandoned: AbortSignal | undefined): Promise<Socket> {
    const { now, roundTrips } = this.options;
    const from = now();
    const socket = await connected(target, abandoned);
    roundTrips.note(`${target.ip}:${target.port}`, now() - from);
    return socket;
  }
}

/** A dial that failed, with the reason as a word of its own. */
class DialError extends IpcError {
  constructor(
    code: 'wrong-peer' | 'unreachable',
    detail: string,
    readonly reason: string,
  ) {
    super(code, detail);
  }
}

function connected({ ip, port }: DialTarget, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: ip, port, family: 4, ...(signal === undefined ? {} : { signal }) });
    const timer = setTimeout(() => {
      fail('ETIMEDOUT');
    }, CONNECT_TIMEOUT_MS);
    const fail = (code: string) => {
      clearTimeout(timer);
      socket.destroy();
      reject(new DialError('unreachable', `${ip}:${port} (${code})`, code));
    };
    const onError = (error: NodeJS.ErrnoException) => {
      fail(error.code ?? 'error');
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      resolve(socket);
    });
  });
}
