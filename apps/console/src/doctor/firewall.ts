/**
 * The firewall in use, and whether it lets our ports in: by looking at what its tools print, without changing anything.
 * Most rules are root's to read; where they cannot be read, that is what is said.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { filters as iptablesFilters, judgeIptables, readIptables } from './iptables-rules.js';
import { filters as nftFilters, judgeNft, readNft, type InputChain } from './nft-rules.js';
import type { Packet, Verdict } from './packet-filter.js';

export interface Firewall {
  readonly kind: 'ufw' | 'firewalld' | 'nft' | 'iptables' | 'none' | 'unknown';
  readonly udp: Verdict;
  readonly tcp: Verdict;
  /** What lets a port in, for a shell; null where it is not known what would. */
  readonly opens: { readonly udp: string | null; readonly tcp: string | null };
}

/** What the system is asked. `run` is what a command prints, undefined where it fails or is not there. */
export interface Probes {
  readonly read: (path: string) => string | undefined;
  readonly run: (command: string, ...args: string[]) => Promise<string | undefined>;
}

export async function findFirewall(ports: { udp: number; tcp: number }, probes = system): Promise<Firewall> {
  const [udp, tcp] = [
    { protocol: 'udp', port: ports.udp },
    { protocol: 'tcp', port: ports.tcp },
  ] as const;
  return (
    ufw(udp, tcp, probes) ??
    (await firewalld(udp, tcp, probes)) ??
    (await packetFilter(udp, tcp, probes)) ?? {
      kind: 'unknown',
      udp: 'unknown',
      tcp: 'unknown',
      opens: { udp: null, tcp: null },
    }
  );
}

function ufw(udp: Packet, tcp: Packet, { read }: Probes): Firewall | undefined {
  if (!/^ENABLED=yes/m.test(read('/etc/ufw/ufw.conf') ?? '')) return undefined;
  const rules = read('/etc/ufw/user.rules');
  // "### tuple ### allow udp 6004 0.0.0.0/0 any 0.0.0.0/0 in"; "any" for both protocols.
  const allows = ({ protocol, port }: Packet): Verdict => {
    if (rules === undefined) return 'unknown';
    const tuple = `^### tuple ### allow (?:${protocol}|any) ${port} 0\\.0\\.0\\.0/0 any 0\\.0\\.0\\.0/0 in`;
    if (new RegExp(tuple, 'm').test(rules)) return 'open';
    // Ranges, applications and rules for some addresses may let it in as well.
    return /^### tuple ### allow/m.test(rules) ? 'unknown' : 'closed';
  };
  const opens = ({ protocol, port }: Packet) => `sudo ufw allow ${port}/${protocol}`;
  return { kind: 'ufw', udp: allows(udp), tcp: allows(tcp), opens: { udp: opens(udp), tcp: opens(tcp) } };
}

async function firewalld(udp: Packet, tcp: Packet, { run }: Probes): Promise<Firewall | undefined> {
  if ((await run('firewall-cmd', '--state'))?.trim() !== 'running') return undefined;
  const zone = await run('firewall-cmd', '--list-all');
  const allows = ({ protocol, port }: Packet): Verdict => {
    if (zone === undefined) return 'unknown';
    if (/^\s*target: ACCEPT$/m.test(zone)) return 'open';
    const open = (/^\s*ports: (.*)$/m.exec(zone)?.[1] ?? '').split(' ').some((entry) => {
      const [range = '', of] = entry.split('/');
      const [from = '', to = from] = range.split('-');
      return of === protocol && port >= Number(from) && port <= Number(to);
    });
    return open ? 'open' : 'closed';
  };
  const opens = ({ protocol, port }: Packet) =>
    `sudo firewall-cmd --permanent --add-port=${port}/${protocol} && sudo firewall-cmd --reload`;
  return { kind: 'firewalld', udp: allows(udp), tcp: allows(tcp), opens: { udp: opens(udp), tcp: opens(tcp) } };
}

async function packetFilter(udp: Packet, tcp: Packet, { run }: Probes): Promise<Firewall | undefined> {
  const nft = readNft((await run('nft', '-j', 'list', 'ruleset')) ?? '');
  if (nft !== undefined && nftFilters(nft)) {
    const [forUdp, forTcp] = [judgeNft(nft, udp), judgeNft(nft, tcp)];
    const opens = (closing: readonly InputChain[], packet: Packet) =>
      (closing.length > 0 ? closing : nft.inputs).map((chain) => insert(chain, packet)).join(' && ');
    return {
      kind: 'nft',
      udp: forUdp.verdict,
      tcp: forTcp.verdict,
      opens: { udp: opens(forUdp.closing, udp), tcp: opens(forTcp.closing, tcp) },
    };
  }
  const listed = await run('iptables', '-S');
  const iptables = listed === undefined ? undefined : readIptables(listed);
  if (iptables !== undefined && iptablesFilters(iptables)) {
    const opens = ({ protocol, port }: Packet) => `sudo iptables -I INPUT -p ${protocol} --dport ${port} -j ACCEPT`;
    return {
      kind: 'iptables',
      udp: judgeIptables(iptables, udp),
      tcp: judgeIptables(iptables, tcp),
      opens: { udp: opens(udp), tcp: opens(tcp) },
    };
  }
  if (nft === undefined && iptables === undefined) return undefined;
  return { kind: 'none', udp: 'open', tcp: 'open', opens: { udp: null, tcp: null } };
}

/** At the front of the chain: whatever stands there drops it further down. */
function insert({ family, table, name }: InputChain, { protocol, port }: Packet): string {
  return `sudo nft insert rule ${[family, table, name].map(quoted).join(' ')} ${protocol} dport ${port} accept`;
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w.-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Where such tools are, also for a user whose PATH does not name it. */
const TOOL_PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const RUN_TIMEOUT_MS = 3_000;
const OUTPUT_MAX_BYTES = 16 * 1024 * 1024;

const system: Probes = {
  read: (path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
  run: (command, ...args) =>
    new Promise((resolve) => {
      const options = {
        env: { ...process.env, PATH: TOOL_PATH },
        timeout: RUN_TIMEOUT_MS,
        maxBuffer: OUTPUT_MAX_BYTES,
      };
      execFile(command, args, options, (error, stdout) => {
        resolve(error === null ? stdout : undefined);
      });
    }),
};
