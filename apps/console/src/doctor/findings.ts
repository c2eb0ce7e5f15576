/**
 * What is wrong, from what was found: a list of rules, each of which looks at the facts and names one cause with its way
 * out. Pure. The facts are gathered by gather.ts.
 */
import type { Reached } from '@earshot/protocol/ipc';
import { taggedName } from '../text/lines.js';
import { sanitizeLine } from '../text/sanitize.js';
import type { Ages, Facts, PeerFacts } from './facts.js';

export const CAUSES = [
  'services-down',
  'port-taken',
  'not-registered',
  'no-network',
  'macos-permission',
  'wsl-nat',
  'container-nat',
  'my-firewall',
  'their-firewall',
  'in-between',
  'isolation',
  'other-subnet',
  'peer-unknown',
  'peer-away',
  'not-accepted',
  'nobody-heard',
  'works',
] as const;
export type Cause = (typeof CAUSES)[number];

export interface Finding {
  readonly cause: Cause;
  readonly text: string;
  /** For a POSIX shell. */
  readonly command: string | null;
}

/** Worth saying, and nothing wrong. */
const GOOD: readonly Cause[] = ['not-accepted', 'nobody-heard', 'works'];

export function isProblem({ cause }: Finding): boolean {
  return !GOOD.includes(cause);
}

/** From what stops everything to what concerns one person. */
export function findingsOf(facts: Facts): Finding[] {
  const found = RULES.flatMap((rule) => rule(facts) ?? []);
  return found.some(isProblem) ? found : [...found, works(facts)];
}

type RuleOf = (facts: Facts) => Finding | undefined;

const servicesDown: RuleOf = ({ down }) =>
  down.length === 0
    ? undefined
    : finding(
        'services-down',
        `not running: ${down.join(', ')}. Without the messenger nothing is announced or sent, without discovery nobody is found`,
        'npm start',
      );

const portTaken: RuleOf = ({ ports }) => {
  const taken = Object.entries(ports).filter(([, { state }]) => state === 'taken');
  if (taken.length === 0) return undefined;
  const words = taken.map(([of, { port, by }]) => {
    const holder = by === null ? 'another program' : `${sanitizeLine(by.name)} (pid ${by.pid})`;
    return `${of === 'discovery' ? 'UDP' : 'TCP'} ${port} is held by ${holder}`;
  });
  const [first] = taken;
  const own = first?.[0] === 'discovery';
  return finding(
    'port-taken',
    `${words.join(', ')}: end that program, or choose another port${own ? ', the same as everybody on this network' : ''}`,
    own ? 'earshot config set discoveryPort 6104 && npm start' : 'earshot config set port 7101 && npm start',
  );
};

const notRegistered: RuleOf = ({ username }) =>
  username === null
    ? finding('not-registered', 'you have no name yet, and without one nothing is announced', 'earshot register <name>')
    : undefined;

const noNetwork: RuleOf = ({ down, interfaces }) => {
  if (down.includes('discovery') || usedIn(interfaces).length > 0) return undefined;
  const excluded = interfaces.filter(({ skipped }) => skipped === 'setting').map(({ name }) => sanitizeLine(name));
  return excluded.length > 0
    ? finding(
        'no-network',
        `the setting \`interfaces\` (EARSHOT_INTERFACES) leaves out every network there is: ${excluded.join(', ')}`,
        'earshot config set interfaces "" && npm start',
      )
    : finding(
        'no-network',
        'this machine is on no network: no interface is up with an IPv4 address. Plug in the cable or join the Wi-Fi; it is followed within a second',
        null,
      );
};

/** What Node gets on macOS where the terminal may not use the local network. */
const macosPermission: RuleOf = ({ platform, interfaces, peer }) => {
  if (platform.system !== 'darwin') return undefined;
  const sending = usedIn(interfaces).some(({ errors }) => Object.values(errors).includes('EHOSTUNREACH'));
  const dialling = peer !== null && 'id' in peer && peer.near && outwards(peer) === 'unreachable';
  return sending || dialling
    ? finding(
        'macos-permission',
        'macOS does not let this terminal use the local network: allow it in System Settings, Privacy & Security, Local Network, and start Earshot again from it',
        'open "x-apple.systempreferences:com.apple.preference.security?Privacy_LocalNetwork"',
      )
    : undefined;
};

const wslNat: RuleOf = ({ platform, interfaces, others }) =>
  platform.wsl && others === 0 && isOwnNetwork(interfaces)
    ? finding(
        'wsl-nat',
        'WSL2 has put this Linux on a network of its own, where no announcement of others arrives: set networkingMode=mirrored under [wsl2] in %UserProfile%\\.wslconfig and restart WSL, or reach people by their address',
        'wsl.exe --shutdown',
      )
    : undefined;

const containerNat: RuleOf = ({ platform, interfaces, others }) =>
  platform.container && others === 0 && isOwnNetwork(interfaces)
    ? finding(
        'container-nat',
        'this container is on a network of its own, where no announcement of others arrives: run it on the network of its host, or reach people by their address with `earshot connect`',
        'docker run --network host …',
      )
    : undefined;

const myFirewall: RuleOf = (facts) => {
  const { firewall, ports, peer, others, interfaces } = facts;
  const known = peer !== null && 'id' in peer ? peer : undefined;
  const reasons = new Map<'udp' | 'tcp', string>();
  const rules = `the rules of this machine's firewall (${firewall.kind}) keep it out`;
  if (firewall.udp === 'closed') reasons.set('udp', rules);
  else if (firewall.udp === 'unknown' && known !== undefined && isOneWay(known) === 'to-us')
    reasons.set('udp', `${nameOf(known)} hears your announcements, and you hear none of theirs`);
  else if (firewall.udp === 'unknown' && others === 0 && isDeaf(interfaces))
    reasons.set('udp', 'not even your own announcements come back');
  if (firewall.tcp === 'closed') reasons.set('tcp', rules);
  else if (firewall.tcp === 'unknown' && known?.report && isBlocked(known.report.tcp))
    reasons.set('tcp', `${nameOf(known)} could not connect to it (${IN_WORDS[known.report.tcp]})`);
  if (reasons.size === 0) return undefined;
  const portOf = { udp: `UDP ${ports.discovery.port}`, tcp: `TCP ${ports.tcp.port}` };
  const closed = [...reasons].map(([protocol, why]) => `${portOf[protocol]}: ${why}`);
  const opens = [...reasons.keys()].map((protocol) => firewall.opens[protocol]);
  const hint =
    firewall.kind === 'unknown' ? '. Its rules cannot be read here; as root, `earshot doctor` sees more' : '';
  return finding(
    'my-firewall',
    `a firewall on this machine is in the way. ${closed.join('; ')}${hint}`,
    opens.includes(null) ? null : opens.join(' && '),
  );
};

const theirFirewall: RuleOf = (facts) => {
  const peer = knownPeer(facts);
  if (peer === undefined) return undefined;
  const out = outwards(peer);
  const tcp = peer.online && out !== undefined && isBlocked(out);
  const udp = isOneWay(peer) === 'from-us';
  if (!tcp && !udp) return undefined;
  const name = nameOf(peer);
  const why = [
    ...(udp ? [`you hear ${name}'s announcements, and they hear none of yours`] : []),
    ...(tcp ? [`${name} is around, and their TCP port cannot be reached (${IN_WORDS[out]})`] : []),
  ];
  const way = '`earshot doctor <you>` on their machine names the rule and the command that opens it';
  return finding(
    'their-firewall',
    `a firewall on ${name}'s machine, or something before it, is in the way: ${why.join('; ')}. ${way}`,
    null,
  );
};

/** The other side cannot reach us, and our own rules let it in. */
const inBetween: RuleOf = (facts) => {
  const peer = knownPeer(facts);
  const { firewall, ports } = facts;
  if (peer === undefined) return undefined;
  const tcp = firewall.tcp === 'open' && peer.report !== null && isBlocked(peer.report.tcp);
  const udp = firewall.udp === 'open' && isOneWay(peer) === 'to-us';
  if (!tcp && !udp) return undefined;
  const what = [...(udp ? [`UDP ${ports.discovery.port}`] : []), ...(tcp ? [`TCP ${ports.tcp.port}`] : [])];
  return finding(
    'in-between',
    `${what.join(' and ')} from ${nameOf(peer)} does not arrive, though the rules of this machine let it in: a router or access point in between, or a firewall on their side for what goes out, is in the way`,
    null,
  );
};

/** Unicast works, and broadcast and multicast do not, either way. */
const isolation: RuleOf = (facts) => {
  const peer = knownPeer(facts);
  if (peer === undefined || !peer.near || facts.firewall.udp === 'closed') return undefined;
  const [weHear, theyHear] = [hearsGroups(peer.heardBy), hearsGroups(peer.report?.heardBy ?? null)];
  const unicast = peer.online || peer.report !== null;
  if (weHear !== false || theyHear === true || !unicast) return undefined;
  return finding(
    'isolation',
    `the network keeps broadcast and multicast between you and ${nameOf(peer)} from arriving, as access points do that isolate their clients; what is addressed to one of you does arrive. You can talk. To be found at every start, name their address; or have the isolation switched off at the access point`,
    setPeers(peer),
  );
};

const otherSubnet: RuleOf = (facts) => {
  const peer = knownPeer(facts);
  if (peer === undefined || peer.near || peer.online || peer.addresses.length === 0) return undefined;
  return finding(
    'other-subnet',
    `${nameOf(peer)} was last at ${peer.addresses[0] ?? ''}, which is in no subnet of this machine, and announcements do not cross. Name the address, on one side: it is announced to directly at every start; \`earshot connect\` tries it once`,
    setPeers(peer),
  );
};

const peerUnknown: RuleOf = ({ peer }) =>
  peer !== null && 'unknown' in peer
    ? finding(
        'peer-unknown',
        `nobody of the name ${sanitizeLine(peer.unknown)} was ever heard here, or more than one: \`earshot peers\` lists everybody. Whoever is on another network can be reached by address`,
        'earshot connect <host[:port]>',
      )
    : undefined;

const peerAway: RuleOf = (facts) => {
  const peer = knownPeer(facts);
  if (peer === undefined || peer.online || peer.report !== null || outwards(peer) === 'connected') return undefined;
  const out = outwards(peer);
  const tried =
    out === undefined
      ? 'no address of theirs is known'
      : `at ${peer.addresses[0] ?? ''} ${out === 'refused' ? 'a machine answers, and Earshot does not run on it' : `nothing answers (${IN_WORDS[out]})`}`;
  return finding('peer-away', `${nameOf(peer)} is away, last seen ${peer.lastSeen}: ${tried}`, null);
};

const notAccepted: RuleOf = (facts) => {
  const peer = knownPeer(facts);
  if (peer === undefined || peer.probe === 'answered' || peer.probe === 'no-session') return undefined;
  const tagged = taggedName(peer);
  if (peer.probe === 'not-accepted')
    return finding(
      'not-accepted',
      `what ${nameOf(peer)} hears of you was not asked: only people whom you have accepted are`,
      /^[\w.#-]+$/.test(tagged) ? `earshot accept '${tagged}'` : null,
    );
  return finding(
    'not-accepted',
    peer.probe === 'not-understood'
      ? `${nameOf(peer)} runs a version of Earshot that cannot say what it hears of you`
      : `${nameOf(peer)} did not say what it hears of you: it tells only whom it has accepted, and once in a few seconds`,
    null,
  );
};

const nobodyHeard: RuleOf = ({ down, username, others, interfaces, firewall }) =>
  down.length === 0 && typeof username === 'string' && others === 0 && usedIn(interfaces).length > 0
    ? finding(
        'nobody-heard',
        `nobody else is heard on this network. If somebody is there: are they on the same network (a guest Wi-Fi is another one), and does \`earshot doctor\` on their machine find anything?${firewall.kind === 'unknown' ? ' Whether a firewall here keeps them out could not be read.' : ''} \`earshot connect <their address>\` shows whether anything gets through`,
        null,
      )
    : undefined;

function works(facts: Facts): Finding {
  const peer = knownPeer(facts);
  const text =
    peer === undefined
      ? 'nothing wrong was found on this machine'
      : `you and ${nameOf(peer)} can reach each other, as far as could be tried`;
  return finding('works', text, null);
}

const RULES: readonly RuleOf[] = [
  servicesDown,
  portTaken,
  notRegistered,
  noNetwork,
  macosPermission,
  wslNat,
  containerNat,
  myFirewall,
  theirFirewall,
  inBetween,
  isolation,
  otherSubnet,
  peerUnknown,
  peerAway,
  notAccepted,
  nobodyHeard,
];

function finding(cause: Cause, text: string, command: string | null): Finding {
  return { cause, text, command };
}

function knownPeer({ peer }: Facts): PeerFacts | undefined {
  return peer !== null && 'id' in peer ? peer : undefined;
}

function nameOf({ username }: PeerFacts): string {
  return sanitizeLine(username);
}

/** Networks that others can be on. */
function usedIn(interfaces: Facts['interfaces']): Facts['interfaces'] {
  return interfaces.filter(({ skipped, ip }) => skipped === null && !ip.startsWith('127.'));
}

/** All of them from the ranges that WSL2, Docker and Podman give out. */
function isOwnNetwork(interfaces: Facts['interfaces']): boolean {
  const used = usedIn(interfaces);
  return used.length > 0 && used.every(({ ip }) => /^(172\.(1[6-9]|2\d|3[01])|10\.88)\./.test(ip));
}

/** It sends, and hears nothing of it. */
function isDeaf(interfaces: Facts['interfaces']): boolean {
  const used = usedIn(interfaces).filter(({ lastSent }) => lastSent !== null);
  return used.length > 0 && used.every(({ hearsItself }) => !hearsItself);
}

/** Broadcasts come every 8 s and the others every 32 s; more than one may be lost. */
const FRESH_S = { broadcast: 25, multicast: 70, multicast6: 70 } as const;

/** Null where that is not known. */
function hearsGroups(ages: Ages | null): boolean | null {
  if (ages === null) return null;
  return (['broadcast', 'multicast', 'multicast6'] as const).some((way) => (ages[way] ?? Infinity) <= FRESH_S[way]);
}

/** Announcements to everybody arrive on one side only. */
function isOneWay({ heardBy, report }: PeerFacts): 'from-us' | 'to-us' | undefined {
  const [weHear, theyHear] = [hearsGroups(heardBy), hearsGroups(report?.heardBy ?? null)];
  if (weHear === true && theyHear === false) return 'from-us';
  return weHear === false && theyHear === true ? 'to-us' : undefined;
}

const IN_WORDS: Readonly<Record<Reached, string>> = {
  connected: 'connected',
  refused: 'refused',
  'timed-out': 'no answer',
  unreachable: 'unreachable',
  'not-tried': 'not tried',
  failed: 'failed',
};

function isBlocked(outcome: Reached): boolean {
  return outcome === 'refused' || outcome === 'timed-out' || outcome === 'unreachable';
}

/** The best that came of all addresses; undefined where none was tried. */
function outwards({ reached }: PeerFacts): Reached | undefined {
  const outcomes = reached.map(({ outcome }) => outcome);
  return (['connected', 'refused', 'timed-out', 'unreachable'] as const).find((one) => outcomes.includes(one));
}

function setPeers({ addresses }: PeerFacts): string | null {
  const [address] = addresses;
  return address === undefined ? null : `earshot config set peers ${address} && npm start`;
}
