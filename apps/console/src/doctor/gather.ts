/** Puts together what `earshot doctor` looks at. Nothing is changed on the machine, and no question needs root. */
import { BlockList } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createClient } from '@earshot/ipc';
import { IpcError } from '@earshot/protocol';
import {
  discoveryContract,
  messengerContract,
  type DiscoveryContract,
  type HeardTimes,
  type ReplyOf,
} from '@earshot/protocol/ipc';
import { loadSettings, reach, type DataFolder } from '@earshot/runtime';
import { CommandError } from '../output.js';
import type { Messenger } from '../services/connection.js';
import { servicesDown, statusOf } from '../services/health.js';
import { allPeers, resolvePeer } from '../services/peers.js';
import type { Ages, Facts, InterfaceFacts, PeerFacts } from './facts.js';
import { findFirewall } from './firewall.js';
import { thisPlatform } from './platform.js';
import { lookAtPort } from './port-holders.js';

/** A connection to each address, a handshake, and a connection back: each has its own limit, all shorter than this. */
const EXAMINE_DEADLINE_MS = 40_000;

export async function gather(paths: DataFolder, who: string | undefined): Promise<Facts> {
  const settings = loadSettings(process.env, paths);
  const status = await statusOf(paths);
  const down = servicesDown(status);
  const held = status.ports;
  const ports = {
    discovery: await lookAtPort('udp', held.discovery ?? settings.discoveryPort, held.discovery !== null),
    tcp: await lookAtPort('tcp', held.tcp ?? settings.port, held.tcp !== null),
    http: await lookAtPort('tcp', held.http ?? settings.port + 1, held.http !== null),
  };
  const messenger = createClient(messengerContract, { directory: paths.sockets });
  try {
    const asked = down.includes('messenger') ? undefined : messenger;
    return {
      platform: thisPlatform(),
      down,
      username: asked === undefined ? undefined : (await asked.call('whoami', {})).username,
      interfaces: await interfacesOf(paths, ports.tcp.port),
      ports,
      firewall: await findFirewall({ udp: ports.discovery.port, tcp: ports.tcp.port }),
      others: asked === undefined ? undefined : await countOthers(asked),
      peer: asked === undefined || who === undefined ? null : await peerOf(asked, who),
    };
  } finally {
    messenger.close();
  }
}

async function interfacesOf({ sockets }: DataFolder, tcpPort: number): Promise<InterfaceFacts[]> {
  const discovery = createClient(discoveryContract, { directory: sockets });
  try {
    const { items, skipped } = await discovery.call('interfaces', {});
    return await Promise.all([
      ...items.map((item) => used(item, tcpPort)),
      ...skipped.map((one) => unused(one, tcpPort)),
    ]);
  } catch (error) {
    if (error instanceof IpcError) return [];
    throw error;
  } finally {
    discovery.close();
  }
}

type Report = ReplyOf<DiscoveryContract, 'interfaces'>;

async function used(item: Report['items'][number], port: number): Promise<InterfaceFacts> {
  const { name, ip, lastSent, hearsItself, errors } = item;
  return { name, ip, skipped: null, lastSent, hearsItself, errors, tcp: await reach({ ip, port }) };
}

async function unused({ name, ip, reason }: Report['skipped'][number], port: number): Promise<InterfaceFacts> {
  const nothing = { lastSent: null, hearsItself: false, errors: {} };
  return { name, ip, skipped: reason, ...nothing, tcp: await reach({ ip, port }) };
}

/** People who are online on other machines. */
async function countOthers(messenger: Messenger): Promise<number> {
  const own = ownAddresses().map(({ address }) => address);
  const peers = await allPeers(messenger);
  return peers.filter(({ presence, address }) => presence === 'online' && !own.includes(ipOf(address))).length;
}

async function peerOf(messenger: Messenger, who: string): Promise<NonNullable<Facts['peer']>> {
  const id = await idOf(messenger, who);
  if (id === undefined) return { unknown: who };
  const known = await messenger.call('whois', { peer: id });
  const { reached, heardBy, probe, report } = await messenger.call(
    'examine',
    { peer: id },
    { deadlineMs: EXAMINE_DEADLINE_MS },
  );
  const { username, trust, presence, lastSeen, provedAddress } = known;
  const heard = known.addresses.map(({ address }) => address);
  const proved = provedAddress === null ? [] : [provedAddress];
  const addresses = [...new Set([...heard, ...proved, ...reached.map(({ address }) => address)])];
  return {
    id,
    username,
    trust,
    online: presence === 'online',
    lastSeen,
    addresses,
    near: addresses.some((address) => isNear(ipOf(address))),
    heardBy: agesOf(heardBy),
    reached,
    probe,
    report,
  } satisfies PeerFacts;
}

async function idOf(messenger: Messenger, who: string): Promise<string | undefined> {
  try {
    return (await resolvePeer(messenger, who)).id;
  } catch (error) {
    // Nobody, or more than one: said as a finding among the others.
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

function agesOf(heardBy: HeardTimes): Ages {
  const ages = Object.entries(heardBy).map(([way, at]) => [
    way,
    Math.max(0, Math.round((Date.now() - Date.parse(at)) / 1_000)),
  ]);
  return Object.fromEntries(ages) as Ages;
}

function isNear(ip: string): boolean {
  const subnets = new BlockList();
  for (const { address, cidr } of ownAddresses()) {
    const bits = Number(cidr?.split('/')[1]);
    if (Number.isInteger(bits)) subnets.addSubnet(address, bits);
  }
  return subnets.check(ip);
}

function ownAddresses() {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family }) => family === 'IPv4');
}

function ipOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
