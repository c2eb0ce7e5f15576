/** What people read of what `earshot doctor` found. */
import type { Ages, Facts, InterfaceFacts, PeerFacts, PortFacts } from '../doctor/facts.js';
import { isProblem, type Finding } from '../doctor/findings.js';
import { taggedName } from './lines.js';
import { sanitizeLine } from './sanitize.js';

const SKIPPED = {
  setting: 'skipped by the setting `interfaces`',
  'link-local': 'skipped: nobody gave this machine an address there',
  virtual: 'skipped: a bridge to containers or virtual machines of this machine',
};
const PORT_NAMES = { discovery: 'UDP', tcp: 'TCP', http: 'HTTP' } as const;

export function doctorLines(facts: Facts, findings: readonly Finding[]): string[] {
  const { interfaces, ports, firewall, peer } = facts;
  return [
    ...interfaces.map((one) => interfaceLine(one, ports.tcp.port)),
    ...Object.entries(ports).map(([of, port]) => portLine(PORT_NAMES[of as keyof typeof PORT_NAMES], port)),
    `firewall   ${firewall.kind}: UDP ${ports.discovery.port} ${firewall.udp}, TCP ${ports.tcp.port} ${firewall.tcp}`,
    ...(peer !== null && 'id' in peer ? peerLines(peer) : []),
    '',
    ...findings.flatMap(findingLines),
  ];
}

function interfaceLine(
  { name, ip, skipped, lastSent, hearsItself, errors, tcp }: InterfaceFacts,
  port: number,
): string {
  const failed = Object.entries(errors).map(([way, code]) => `${way} fails (${sanitizeLine(code)})`);
  const remarks =
    skipped === null
      ? [
          lastSent === null ? 'nothing was sent yet' : 'announced on',
          ...failed,
          hearsItself ? 'hears itself' : 'does not hear itself',
          `TCP ${port} ${tcp}`,
        ]
      : [SKIPPED[skipped]];
  return `interface  ${sanitizeLine(name)} ${ip}: ${remarks.join(', ')}`;
}

function portLine(name: string, { port, state, by }: PortFacts): string {
  const holder = by === null ? '' : ` by ${sanitizeLine(by.name)} (pid ${by.pid})`;
  return `port       ${name} ${port}: ${state}${holder}`;
}

function peerLines(peer: PeerFacts): string[] {
  const { online, lastSeen, reached, heardBy, report, probe } = peer;
  return [
    `peer       ${taggedName(peer)}: ${online ? 'online' : 'away'}, last seen ${lastSeen}`,
    `           heard by ${waysOf(heardBy)}`,
    ...reached.map(({ address, outcome }) => `           TCP ${address} ${outcome}`),
    report === null
      ? `           what it hears of you: ${probe}`
      : `           it hears you by ${waysOf(report.heardBy)}, and its connection to you: ${report.tcp}`,
  ];
}

function waysOf(ages: Ages): string {
  const ways = Object.entries(ages).map(([way, seconds]) => `${way} ${seconds} s ago`);
  return ways.length === 0 ? 'no way' : ways.join(', ');
}

function findingLines(finding: Finding): string[] {
  const { cause, text, command } = finding;
  return [`${isProblem(finding) ? '!' : '*'} ${cause}: ${text}`, ...(command === null ? [] : [`    ${command}`])];
}
