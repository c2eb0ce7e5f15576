/**
 * From a datagram to an announcement whose signer is known. The cheap refusals come first: size, rate, form, what was
 * seen before; only what is left costs a signature check, and those go to the messenger in batches.
 */
import {
  type Announcement,
  DATAGRAM_MAX_BYTES,
  DATAGRAMS_PER_SECOND,
  DATAGRAMS_PER_SECOND_PER_IP,
  type LegacyDatagram,
  parseDatagram,
  ProtocolError,
  type ProtocolErrorCode,
  type SignedDatagram,
} from '@earshot/protocol';
import type { Clock } from './clock.js';
import type { Received } from './network/beacon.js';
import { RateLimiter } from './rate-limiter.js';
import { RecentlySeen } from './recently-seen.js';
import type { RefusalCode, Refusals } from './refusals.js';

/** How long announcements are collected before they are verified: after a pause, and while one follows another. */
const COLLECT_MS = 5;
const COLLECT_BUSY_MS = 100;
/** What one request may hold (the messenger's contract). */
const BATCH_MAX = 256;
/** More can only gather while the messenger hangs; a second's worth is enough to catch up with. */
const WAITING_MAX = DATAGRAMS_PER_SECOND;

export interface InboxOptions {
  readonly clock: Clock;
  readonly refusals: Refusals;
  /** Whether somebody whom the user accepted was last found at that address. */
  readonly isKnown: (ip: string) => boolean;
  /** For each `earshot` field the id that signed it, or null; undefined when that cannot be told now. */
  readonly verify: (items: string[]) => Promise<readonly (string | null)[] | undefined>;
  /** @param earshot the field that was verified */
  readonly onSigned: (id: string, announcement: Announcement, datagram: Received, earshot: string) => void;
  readonly onLegacy: (legacy: LegacyDatagram, datagram: Received) => void;
}

interface Waiting {
  readonly parsed: SignedDatagram;
  readonly datagram: Received;
}

/** So much of what comes in is looked at, and waits to be verified. */
class Lane {
  readonly limiter = new RateLimiter({ total: DATAGRAMS_PER_SECOND, perSource: DATAGRAMS_PER_SECOND_PER_IP });
  waiting: Waiting[] = [];
}

export class Inbox {
  /** Sources can be invented: a flood from everywhere must not crowd out the addresses of people whom the user knows. */
  private readonly known = new Lane();
  private readonly others = new Lane();
  private readonly seen = new RecentlySeen();
  private verifying = false;
  private verifiedMs = -Infinity;
  private stopped = false;

  constructor(private readonly options: InboxOptions) {}

  readonly receive = (datagram: Received): void => {
    if (this.stopped) return;
    const refusal = this.take(datagram);
    if (refusal !== undefined) this.options.refusals.add(refusal);
  };

  stop(): void {
    this.stopped = true;
    this.known.waiting = this.others.waiting = [];
  }

  private take(datagram: Received): RefusalCode | undefined {
    const { clock, isKnown, onLegacy } = this.options;
    if (datagram.bytes.length > DATAGRAM_MAX_BYTES) return 'datagram-too-large';
    const lane = isKnown(datagram.source) ? this.known : this.others;
    if (!lane.limiter.admit(datagram.source, clock.now())) return 'too-many-datagrams';
    const parsed = parseOrCode(datagram.bytes);
    if (typeof parsed === 'string') return parsed;
    if (parsed.kind === 'legacy') {
      onLegacy(parsed, datagram);
      return undefined;
    }
    // With its source: a replay from elsewhere must not hide the original. With its way: each is noted once.
    if (this.seen.note(`${datagram.source} ${datagram.by} ${parsed.earshot}`)) return undefined;
    if (lane.waiting.length >= WAITING_MAX) return 'too-many-datagrams';
    lane.waiting.push({ parsed, datagram });
    this.verifySoon();
    return undefined;
  }

  /** One request at a time: while it runs, the next batch gathers. */
  private verifySoon(): void {
    if (this.verifying) return;
    this.verifying = true;
    const { clock } = this.options;
    const busy = clock.now() - this.verifiedMs < COLLECT_BUSY_MS && this.waiting < BATCH_MAX;
    clock.after(busy ? COLLECT_BUSY_MS : COLLECT_MS, () => {
      void this.verifyBatch();
    });
  }

  private async verifyBatch(): Promise<void> {
    const batch = this.known.waiting.splice(0, BATCH_MAX);
    batch.push(...this.others.waiting.splice(0, BATCH_MAX - batch.length));
    // Once for all the ways that an announcement came by: its copies come together.
    const fields = [...new Set(batch.map(({ parsed }) => parsed.earshot))];
    const ids = fields.length === 0 ? [] : await this.options.verify(fields);
    if (this.stopped) return;
    if (ids === undefined) this.options.refusals.add('messenger-away', batch.length);
    else {
      const signers = new Map(fields.map((field, index) => [field, ids[index] ?? null]));
      for (const one of batch) this.settle(one, signers.get(one.parsed.earshot) ?? null);
    }
    this.verifying = false;
    this.verifiedMs = this.options.clock.now();
    if (this.waiting > 0) this.verifySoon();
  }

  private get waiting(): number {
    return this.known.waiting.length + this.others.waiting.length;
  }

  private settle({ parsed, datagram }: Waiting, id: string | null): void {
    if (id === null) this.options.refusals.add('bad-signature');
    else this.options.onSigned(id, parsed.announcement, datagram, parsed.earshot);
  }
}

function parseOrCode(bytes: Buffer): SignedDatagram | LegacyDatagram | ProtocolErrorCode {
  try {
    return parseDatagram(bytes);
  } catch (err) {
    if (err instanceof ProtocolError) return err.code;
    throw err;
  }
}
