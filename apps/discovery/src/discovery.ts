/** Puts the parts together: what arrives goes to the roster, what changes there to the other processes. */
import { Service } from '@earshot/ipc';
import { AWAY_AFTER_MS } from '@earshot/protocol';
import { discoveryContract, type DiscoveryContract } from '@earshot/protocol/ipc';
import { describeListenError, type Logger } from '@earshot/runtime';
import { Announcer } from './announcer.js';
import { Answers } from './answers.js';
import type { Clock } from './clock.js';
import { directTargets } from './direct-targets.js';
import { Hearing } from './hearing.js';
import { Inbox } from './inbox.js';
import { Introductions } from './introductions.js';
import { reportInterfaces } from './interface-report.js';
import { MessengerLink, type Self } from './messenger-link.js';
import { Beacon } from './network/beacon.js';
import type { Interface, Skipped } from './network/interfaces.js';
import { Questions, SILENT_AFTER_MS } from './questions.js';
import { Refusals } from './refusals.js';
import { Roster, type RosterEvent } from './roster/roster.js';
import type { Moment } from './roster/sighting.js';
import type { Round } from './schedule.js';
import { StaticPeers } from './static-peers.js';
import { Upkeep } from './upkeep.js';

export interface DiscoveryOptions {
  /** UDP, ours and everybody's. */
  readonly port: number;
  /** EARSHOT_PEERS: hosts to announce to directly. */
  readonly peerHosts: readonly string[];
  readonly readInterfaces: () => Interface[];
  /** Those that are left out. */
  readonly readSkipped: () => Skipped[];
  /** Where the services have their sockets. */
  readonly directory: string;
  /** 16 hex digits, drawn for this start. */
  readonly instance: string;
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** Questions a second to whom IPv6 alone brought, in all and to one address: an announcer says which. */
const QUESTIONS = { total: 5, perSource: 1 };

export class Discovery {
  readonly name = 'discovery';
  private readonly roster = new Roster();
  private readonly messenger: MessengerLink;
  private readonly beacon: Beacon;
  private readonly inbox: Inbox;
  private readonly announcer: Announcer;
  private readonly answers: Answers;
  private readonly questions: Answers;
  private readonly staticPeers: StaticPeers;
  private readonly service: Service<DiscoveryContract>;
  private readonly upkeep: Upkeep;
  private readonly introductions = new Introductions();
  private readonly silentOnes = new Questions();
  private turn = 0;

  constructor(private readonly options: DiscoveryOptions) {
    const { clock, random, log, directory } = options;
    this.staticPeers = new StaticPeers(options.peerHosts);
    this.messenger = new MessengerLink({ directory, onSelf: this.announce });
    this.roster.accept(this.messenger.accepted);
    const refusals = new Refusals(clock.now, (code, count) => {
      log.warn('datagrams refused', { code, count });
    });
    this.beacon = new Beacon({
      port: options.port,
      now: clock.now,
      onDatagram: (datagram) => {
        this.inbox.receive(datagram);
      },
    });
    this.announcer = new Announcer({
      beacon: this.beacon,
      clock,
      random,
      instance: options.instance,
      sign: (request) => this.messenger.sign(request),
      directTargets: (round) => this.directTargets(round),
      leaveTargets: () => [
        ...new Set([...this.staticPeers.addresses, ...this.messenger.rememberedIps, ...this.roster.beyond()]),
      ],
    });
    this.answers = new Answers(clock, random, (target) => void this.announcer.tell(target));
    this.questions = new Answers(clock, random, ({ ip }) => void this.announcer.ask([ip]), QUESTIONS);
    const hearing = new Hearing({
      roster: this.roster,
      beacon: this.beacon,
      answers: this.answers,
      questions: this.questions,
      refusals,
      ownId: () => this.messenger.ownId,
      moment: this.moment,
      publish: this.publish,
    });
    this.inbox = new Inbox({
      clock,
      refusals,
      isKnown: (ip) => this.messenger.isRemembered(ip),
      verify: (items) => this.messenger.verify(items),
      onSigned: hearing.signed,
      onLegacy: hearing.legacy,
    });
    this.upkeep = new Upkeep({
      clock,
      wallClock: Date.now,
      expire: () => {
        this.publish(this.roster.expire(this.moment()));
        this.askTheIntroduced();
        this.askTheSilent();
      },
      follow: () => this.beacon.follow(options.readInterfaces()),
      onMoved: () => {
        log.info('interfaces changed', { count: this.beacon.open.length });
        this.announcer.burst();
      },
    });
    this.service = new Service(discoveryContract, {
      directory,
      handlers: {
        interfaces: () => reportInterfaces(this.beacon.open, this.announcer.active, clock.now(), options.readSkipped()),
        introduce: ({ ips }) => {
          this.introductions.add(ips);
          return {};
        },
      },
      snapshot: () => this.roster.snapshot(),
      health: () => ({ ports: { discovery: this.beacon.port }, version: options.version }),
      onError: (err, method) => {
        log.error('request failed', { err, method });
      },
    });
  }

  /** @throws ConfigError when the discovery port cannot be had */
  async start(): Promise<void> {
    try {
      await this.beacon.start();
    } catch (err) {
      throw describeListenError(err as Error, `UDP port ${this.options.port}`, 'discoveryPort');
    }
    await this.beacon.follow(this.options.readInterfaces());
    await this.service.start();
    this.messenger.start();
    this.upkeep.start();
  }

  async stop(): Promise<void> {
    await this.upkeep.stop();
    this.answers.stop();
    this.questions.stop();
    await this.announcer.leave();
    this.inbox.stop();
    this.beacon.stop();
    this.messenger.stop();
    await this.service.stop();
  }

  private readonly announce = (self: Self | undefined): void => {
    this.options.log.info(self === undefined ? 'announcing nobody' : 'announcing', { instance: this.options.instance });
    if (self === undefined) this.announcer.pause();
    else this.announcer.begin();
  };

  private readonly publish = (events: readonly RosterEvent[]): void => {
    for (const event of events) this.service.publish(event);
  };

  private readonly moment = (): Moment => ({ ms: this.options.clock.now(), iso: new Date().toISOString() });

  private askTheIntroduced(): void {
    const nowMs = this.options.clock.now();
    const silences = this.roster.silences(nowMs);
    const ip = this.introductions.next(nowMs, (one) => (silences.get(one) ?? Infinity) < AWAY_AFTER_MS);
    if (ip !== undefined) void this.announcer.ask([ip]);
  }

  /** A lost announcement is no departure: they are asked first. */
  private askTheSilent(): void {
    const nowMs = this.options.clock.now();
    void this.announcer.ask(this.silentOnes.due(this.roster.silent(nowMs, SILENT_AFTER_MS), nowMs));
  }

  private directTargets(round: Round): string[] {
    if (round.wide) this.staticPeers.refresh();
    return directTargets({
      round,
      configured: this.staticPeers.addresses,
      remembered: this.messenger.rememberedIps,
      silentMs: this.roster.silences(this.options.clock.now()),
      turn: this.turn++,
    });
  }
}
