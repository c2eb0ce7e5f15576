import type { Announcement, LegacyDatagram } from '@earshot/protocol';
import type { Answers, Target } from './answers.js';
import type { Beacon, Received } from './network/beacon.js';
import { inSubnet, isHostAddress, isLoopback } from './network/ipv4.js';
import { type Origin, originOf, originOnLink } from './network/origin.js';
import type { Refusals } from './refusals.js';
import { RateLimiter } from './rate-limiter.js';
import type { Outcome, Roster, RosterEvent } from './roster/roster.js';
import type { Moment } from './roster/sighting.js';

export interface HearingOptions {
  readonly roster: Roster;
  readonly beacon: Beacon;
  readonly answers: Answers;
  /** Questions to whom only IPv6 brought: to the IPv4 address that they signed. */
  readonly questions: Answers;
  readonly refusals: Refusals;
  readonly ownId: () => string | undefined;
  readonly moment: () => Moment;
  readonly publish: (events: readonly RosterEvent[]) => void;
}

/**
 * Copies a second for the other profiles, to whom all of them come from one address: there must be room in its share for what
 * those profiles say themselves.
 */
const PASSED_ON = { total: 10, perSource: 2 };
/** It says that somebody is here, and stands in the roster. */
const IS_HERE: ReadonlySet<Outcome> = new Set(['new', 'restarted', 'newer', 'copy']);

/** What an announcement leads to: a change in the roster, an answer, a copy for the other profiles on this machine. */
export class Hearing {
  private readonly passingOn = new RateLimiter(PASSED_ON);

  constructor(private readonly options: HearingOptions) {}

  /**
   * @param id who signed it
   * @param earshot blob and signature, to be passed on where the announcer allows it
   */
  readonly signed = (id: string, announcement: Announcement, datagram: Received, earshot: string): void => {
    const { roster, beacon, publish, moment, ownId } = this.options;
    // Our own identity elsewhere, or a recording of us: nobody to talk to.
    if (id === ownId()) return;
    const overIpv6 = datagram.by === 'multicast6';
    const origin = overIpv6 ? originOnLink(datagram.source) : originOf(datagram, announcement, this.interfaces());
    // The profile that passed it on broadcast it to us; what its announcer did reached only that one.
    const by = origin.passedOn ? 'unicast' : datagram.by;
    const said = {
      id,
      username: announcement.username,
      instance: announcement.instance.toString('hex'),
      counter: announcement.counter,
      goodbye: announcement.goodbye,
      maxVersion: announcement.vmax,
      busy: announcement.busy,
      status: announcement.status ?? '',
      ip: announcement.ip,
      port: announcement.port,
      ...(announcement.passOn ? { earshot } : {}),
    };
    const { outcome, events } = roster.hear(said, { source: datagram.source, by, ...origin }, moment());
    publish(events);
    this.refuse(outcome);
    if (overIpv6) this.question(id, announcement, outcome);
    else if (this.wantsAnswer(outcome, announcement)) this.answer(announcement, datagram, origin);
    if (datagram.addressed && this.isForeign(datagram.source) && this.passingOn.admit(datagram.source, moment().ms))
      void beacon.passOn(datagram.bytes);
  };

  readonly legacy = ({ username, port }: LegacyDatagram, datagram: Received): void => {
    const { source, by } = datagram;
    // The original program knows no IPv6.
    if (by === 'multicast6') return;
    const { roster, publish, moment } = this.options;
    const origin = originOf(datagram, { ip: source, port }, this.interfaces());
    const { outcome, events } = roster.hearLegacy({ username, port }, { source, by, ...origin }, moment());
    publish(events);
    this.refuse(outcome);
  };

  private interfaces() {
    return this.options.beacon.open.map(({ at }) => at);
  }

  private refuse(outcome: Outcome): void {
    if (outcome === 'full') this.options.refusals.add('roster-full');
  }

  private wantsAnswer(outcome: Outcome, { query }: Announcement): boolean {
    return outcome === 'new' || outcome === 'restarted' || (query && outcome === 'newer');
  }

  private answer(announcement: Announcement, datagram: Received, { passedOn }: Origin): void {
    const { answers, beacon, roster } = this.options;
    const target: Target = passedOn
      ? // Its own socket is known to the profile that passed it on, not to us.
        { ip: announcement.ip, port: beacon.port }
      : { ip: datagram.source, port: datagram.port };
    if (!passedOn || isHostAddress(target.ip)) answers.plan(target, roster.size);
  }

  /**
   * Who is heard over IPv6 alone is asked over IPv4, within our own subnets: the answer shows whether the address is theirs,
   * and an announcer cannot aim us at anybody beyond.
   */
  private question(id: string, { ip }: Announcement, outcome: Outcome): void {
    const { questions, beacon, roster, moment } = this.options;
    const isWanted = (): boolean => !roster.isHeardOverIpv4(id, moment().ms);
    if (!IS_HERE.has(outcome) || !isWanted() || !this.isNeighbour(ip)) return;
    questions.plan({ ip, port: beacon.port }, roster.size, isWanted);
  }

  private isNeighbour(ip: string): boolean {
    return this.interfaces().some(
      (one) => !one.loopback && inSubnet(ip, one) && ip !== one.ip && ip !== one.broadcast && isHostAddress(ip),
    );
  }

  /** Not from this machine: what the local profiles send each other, and what was passed on, is not passed on again. */
  private isForeign(source: string): boolean {
    return !isLoopback(source) && !this.interfaces().some(({ ip }) => ip === source);
  }
}
