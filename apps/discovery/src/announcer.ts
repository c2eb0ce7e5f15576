/**
 * Says who we are, on every interface, when the schedule wants it. It holds no key: each datagram comes signed from the
 * messenger, so that nothing is announced while nobody could answer.
 */
import { GOODBYE_COUNTER } from '@earshot/protocol';
import type { Target } from './answers.js';
import type { Clock } from './clock.js';
import type { Beacon } from './network/beacon.js';
import type { Link } from './network/link.js';
import { type Round, Schedule } from './schedule.js';

export interface SignRequest {
  readonly instance: string;
  readonly counter: number;
  readonly ip: string;
  readonly query: boolean;
  readonly goodbye: boolean;
}

export interface AnnouncerOptions {
  readonly beacon: Beacon;
  readonly clock: Clock;
  readonly random: () => number;
  /** 16 hex digits, drawn for this start. */
  readonly instance: string;
  /** The signed datagram; undefined when there is nobody to sign. */
  readonly sign: (request: SignRequest) => Promise<Buffer | undefined>;
  /** IPs that a round should ask directly. */
  readonly directTargets: (round: Round) => readonly string[];
  /** IPs besides the broadcasts that should hear a goodbye. */
  readonly leaveTargets: () => readonly string[];
}

/** A goodbye that got lost would leave us around for 25 s. */
const GOODBYES = 3;
const GOODBYE_GAP_MS = 50;
/** Leaving must not take long. */
const LEAVE_TARGETS_MAX = 64;

export class Announcer {
  private readonly schedule: Schedule;
  private counter = 0;
  private announcing = false;
  private callOff: () => void = () => undefined;
  /** By interface address, signed before we speak there: the messenger may be gone before we are. */
  private readonly goodbyes = new Map<string, Buffer>();

  constructor(private readonly options: AnnouncerOptions) {
    this.schedule = new Schedule(options.random);
  }

  get active(): boolean {
    return this.announcing;
  }

  /** Somebody is registered, or says something else of themselves now. */
  begin(): void {
    // Who has something new to say knows the others already: all of them need not answer.
    const asking = !this.announcing;
    this.announcing = true;
    this.goodbyes.clear();
    this.burst(asking);
  }

  /** There is nobody to announce, or nobody to sign. */
  pause(): void {
    this.announcing = false;
    this.callOff();
  }

  /** Others may listen than before: the interfaces changed, or the machine slept. */
  burst(asking = true): void {
    if (!this.announcing) return;
    this.schedule.burst(this.options.clock.now(), asking);
    this.arm();
  }

  /** Announces us to one socket. */
  async tell(target: Target): Promise<void> {
    if (!this.announcing) return;
    const link = await this.options.beacon.linkTowards(target.ip);
    if (link === undefined) return;
    const bytes = await this.sign(link, ++this.counter, { query: false });
    if (bytes !== undefined) await link.send('unicast', target.ip, target.port, bytes);
  }

  /** Announces us to some IPs directly, with a question. */
  async ask(ips: readonly string[]): Promise<void> {
    if (!this.announcing) return;
    const { beacon } = this.options;
    const byLink = new Map<Link, string[]>();
    for (const ip of ips) {
      const link = await beacon.linkTowards(ip);
      if (link !== undefined && link.at.ip !== ip) byLink.set(link, [...(byLink.get(link) ?? []), ip]);
    }
    if (byLink.size === 0) return;
    const counter = ++this.counter;
    for (const [link, targets] of byLink) {
      const bytes = await this.sign(link, counter, { query: true });
      if (bytes !== undefined) for (const ip of targets) void link.send('unicast', ip, beacon.port, bytes);
    }
  }

  /** Ends this instance for everybody who heard of it. */
  async leave(): Promise<void> {
    this.pause();
    if (this.goodbyes.size === 0) return;
    for (let sent = 0; sent < GOODBYES; sent++) {
      if (sent > 0) await new Promise<void>((resolve) => this.options.clock.after(GOODBYE_GAP_MS, resolve));
      await Promise.all([...this.options.beacon.open.map((link) => this.sayGoodbye(link)), this.sayGoodbyeDirectly()]);
    }
  }

  private arm(): void {
    this.callOff();
    const { next } = this.schedule;
    if (next === undefined) return;
    const { clock } = this.options;
    this.callOff = clock.after(Math.max(0, next - clock.now()), () => {
      const round = this.schedule.take(clock.now());
      this.arm();
      if (round !== undefined) void this.announce(round);
    });
  }

  private async announce(round: Round): Promise<void> {
    const { beacon } = this.options;
    const counter = ++this.counter;
    const links = beacon.open.filter(({ usable }) => usable);
    await this.prepareGoodbyes(links);
    // All signed before the first is sent: they leave, and mostly arrive, in the order of the interfaces.
    const signed = await Promise.all(
      links.map(async (link) => ({ link, bytes: await this.sign(link, counter, round) })),
    );
    for (const { link, bytes } of signed) {
      if (bytes === undefined || !this.announcing) continue;
      void (round.wide ? beacon.announceWide(link, bytes) : beacon.announce(link, bytes));
    }
    await this.ask(this.options.directTargets(round));
  }

  private async prepareGoodbyes(links: readonly Link[]): Promise<void> {
    for (const link of links.filter(({ at }) => !this.goodbyes.has(at.ip))) {
      const bytes = await this.sign(link, GOODBYE_COUNTER, { query: false, goodbye: true });
      if (bytes !== undefined) this.goodbyes.set(link.at.ip, bytes);
    }
  }

  private async sayGoodbye(link: Link): Promise<void> {
    const bytes = this.goodbyes.get(link.at.ip);
    if (bytes !== undefined) await this.options.beacon.announceWide(link, bytes);
  }

  private async sayGoodbyeDirectly(): Promise<void> {
    const { beacon } = this.options;
    for (const ip of this.options.leaveTargets().slice(0, LEAVE_TARGETS_MAX)) {
      const link = await beacon.linkTowards(ip);
      const bytes = link && this.goodbyes.get(link.at.ip);
      if (bytes !== undefined) await link?.send('unicast', ip, beacon.port, bytes);
    }
  }

  private sign(
    link: Link,
    counter: number,
    { query, goodbye = false }: { query: boolean; goodbye?: boolean },
  ): Promise<Buffer | undefined> {
    return this.options.sign({ instance: this.options.instance, counter, ip: link.at.ip, query, goodbye });
  }
}
