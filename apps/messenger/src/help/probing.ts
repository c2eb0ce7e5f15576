/**
 * What one side hears of the other (wire-v1 §5.7, PROBE and REPORT): asked by `earshot doctor` over a session with an
 * accepted peer, and answered to accepted peers alone.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { FEATURE, HEARD_BY, PROBE_INTERVAL_MS, REACHED, type Report } from '@earshot/protocol';
import type { HeardTimes, MessengerContract, Reached, ReplyOf } from '@earshot/protocol/ipc';
import { reach } from '@earshot/runtime';
import { parseAddress } from '../net/dial-rules.js';
import { plainIp, type Session } from '../session/session.js';

/** What probing needs of a session. */
export type ProbedSession = Pick<
  Session,
  'peerId' | 'isEnded' | 'remoteAddress' | 'result' | 'sendProbe' | 'sendReport'
>;
export type ProbeReport = NonNullable<ReplyOf<MessengerContract, 'examine'>['report']>;

export interface ProbingOptions {
  /** By which ways discovery hears somebody. */
  readonly heardBy: (peerId: string) => HeardTimes | undefined;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Epoch milliseconds, the clock of `heardBy`. */
  readonly wallClock: () => number;
}

/** Longer than the other side's attempt to connect takes. */
const ANSWER_MS = 6_000;
/** A little more than what is answered: two questions may arrive closer together than they were sent. */
const ASK_INTERVAL_MS = PROBE_INTERVAL_MS + 500;
const FIRST_UNPRIVILEGED_PORT = 1_024;
const CODES = {
  connected: REACHED.connected,
  refused: REACHED.refused,
  'timed-out': REACHED.timedOut,
  unreachable: REACHED.unreachable,
  'not-tried': REACHED.notTried,
  failed: REACHED.notTried,
} as const satisfies Record<Reached, number>;

export class Probing {
  /** By nonce. */
  private readonly asked = new Map<bigint, { session: ProbedSession; settle: (report: Report | null) => void }>();
  /** When a PROBE was last sent on a session, or will be. */
  private readonly askedMs = new WeakMap<ProbedSession, number>();
  /** When a PROBE was last answered on a session. */
  private readonly answeredMs = new WeakMap<ProbedSession, number>();

  constructor(private readonly options: ProbingOptions) {}

  /** Null when no answer comes in time. Asked again too soon it waits, since it would not be answered. */
  async ask(session: ProbedSession): Promise<ProbeReport | null> {
    const { now } = this.options;
    const dueMs = (this.askedMs.get(session) ?? -Infinity) + ASK_INTERVAL_MS;
    this.askedMs.set(session, Math.max(now(), dueMs));
    if (dueMs > now()) await sleep(dueMs - now());
    if (session.isEnded) return null;
    const nonce = randomBytes(8).readBigUInt64BE();
    const report = await new Promise<Report | null>((resolve) => {
      const timer = setTimeout(() => {
        settle(null);
      }, ANSWER_MS);
      const settle = (answer: Report | null) => {
        clearTimeout(timer);
        this.asked.delete(nonce);
        resolve(answer);
      };
      this.asked.set(nonce, { session, settle });
      session.sendProbe(nonce);
    });
    return report === null ? null : inWords(report);
  }

  understands(session: ProbedSession): boolean {
    return ((session.result?.extensions.features ?? 0) & FEATURE.probe) !== 0;
  }

  /**
   * PROBE arrived, from an accepted peer: the session lets no other through. The connection back goes where the session
   * comes from and nowhere else: nobody may aim us at a third.
   */
  async probed(session: ProbedSession, nonce: bigint): Promise<void> {
    const { now } = this.options;
    const port = session.result?.extensions.tcpPort ?? 0;
    if (port < FIRST_UNPRIVILEGED_PORT) return;
    if (now() - (this.answeredMs.get(session) ?? -Infinity) < PROBE_INTERVAL_MS) return;
    this.answeredMs.set(session, now());
    const source = parseAddress(session.remoteAddress);
    const tcp = source === undefined ? 'not-tried' : await reach({ ip: plainIp(source.ip), port });
    if (!session.isEnded) session.sendReport({ nonce, tcp: CODES[tcp], heard: this.heard(session.peerId) });
  }

  /** REPORT arrived: on another session than the PROBE, or unasked, it is nobody's answer. */
  reported(session: ProbedSession, report: Report): void {
    const asked = this.asked.get(report.nonce);
    if (asked?.session === session) asked.settle(report);
  }

  closed(session: ProbedSession): void {
    for (const asked of this.asked.values()) if (asked.session === session) asked.settle(null);
  }

  private heard(peerId: string): Report['heard'] {
    return Object.entries(this.options.heardBy(peerId) ?? {}).map(([path, at]) => ({
      path: HEARD_BY[path as keyof typeof HEARD_BY],
      // The wall clock may have been set back since.
      ageSeconds: Math.max(0, Math.round((this.options.wallClock() - Date.parse(at)) / 1_000)),
    }));
  }
}

function inWords({ tcp, heard }: Report): ProbeReport {
  const [outcome = 'not-tried'] = Object.keys(CODES).filter((word) => CODES[word as Reached] === tcp) as Reached[];
  const ways = Object.entries(HEARD_BY).flatMap(([way, path]) => {
    const found = heard.find((one) => one.path === path);
    return found === undefined ? [] : [[way, found.ageSeconds] as const];
  });
  return { tcp: outcome, heardBy: Object.fromEntries(ways) };
}
