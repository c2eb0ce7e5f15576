/** Who is around, who is who, who may write: register, whoami, peers, whois, connect, accept, block, unblock. */
import type { Peer } from '@earshot/protocol/ipc';
import { EXIT } from '@earshot/runtime';
import { CommandError, note, print, printJson } from '../output.js';
import { withMessenger } from '../services/connection.js';
import { followPeers } from '../services/feed.js';
import { allPeers, resolvePeer, taggedName } from '../services/peers.js';
import { sanitizeLine } from '../text/sanitize.js';

interface Json {
  readonly json?: boolean;
}

export function register(name: string): Promise<void> {
  return withMessenger(async ({ messenger }) => {
    const { username, id } = await messenger.call('register', { username: name });
    note(`you are ${taggedName({ id, username: username ?? '' })} now`);
  });
}

export function whoami({ json }: Json): Promise<void> {
  return withMessenger(async ({ messenger }) => {
    const { id, username, port, address } = await messenger.call('whoami', {});
    if (json === true) printJson({ id, username, port, address });
    else print(`${username ?? '(no name yet: earshot register <name>)'}  ${id}  ${address.join(' ')}`);
    if (username === null) throw new CommandError(EXIT.notRegistered);
  });
}

export function peers({ json, watch }: Json & { readonly watch?: boolean }): Promise<void> {
  return withMessenger(async ({ messenger, paths }) => {
    const show = (peer: Peer) => {
      if (json === true) printJson(peer);
      else print(peerLine(peer));
    };
    if (watch === true) {
      await followPeers(paths, show);
      return;
    }
    const everybody = await allPeers(messenger);
    everybody.sort((a, b) => rank(a) - rank(b) || a.username.localeCompare(b.username));
    for (const peer of everybody) show(peer);
    if (everybody.length === 0) note('nobody yet: whoever starts Earshot on this network appears here by itself');
  });
}

const rank = ({ presence, trust }: Peer) => (presence === 'online' ? 0 : 2) + (trust === 'legacy' ? 1 : 0);

export function peerLine(peer: Peer): string {
  return `${peer.presence.padEnd(6)}  ${taggedName(peer)}  ${peer.address || '-'}  ${peer.trust}  last seen ${peer.lastSeen}`;
}

export function whois(who: string, { json }: Json): Promise<void> {
  return withMessenger(async ({ messenger }) => {
    const { id } = await resolvePeer(messenger, who);
    const peer = await messenger.call('whois', { peer: id });
    if (json === true) {
      printJson(peer);
      return;
    }
    print(`${taggedName(peer)}  ${peer.trust}, ${peer.presence}`);
    print(`  id         ${peer.id}`);
    print(`  last seen  ${peer.lastSeen}`);
    print(`  session    ${peer.session === null ? 'none' : `${peer.session.address} since ${peer.session.since}`}`);
    for (const heard of peer.addresses) {
      print(
        `  heard      ${heard.address} on ${sanitizeLine(heard.interface)} at ${heard.lastHeard}${heard.dialable ? '' : ' (another network)'}`,
      );
    }
    print(`  proved at  ${peer.provedAddress ?? 'no address yet'}`);
    print(`  protocol   ${peer.maxVersion === 0 ? 'unknown' : `earshot/${peer.maxVersion}`}`);
    if (peer.status !== '' || peer.busy) print(`  status     ${peer.busy ? 'busy ' : ''}${sanitizeLine(peer.status)}`);
    if (peer.pendingRequest) print(`  request    wrote to you and waits: earshot accept or earshot block`);
    print(`  queued     ${peer.queued}`);
  });
}

export function connect(target: string): Promise<void> {
  const match = /^(?<host>[^:\s]+)(?::(?<port>\d{1,5}))?$/.exec(target);
  const port = Number(match?.groups?.['port'] ?? 7001);
  const host = match?.groups?.['host'];
  if (host === undefined || port < 1 || port > 65535)
    throw new CommandError(EXIT.usage, 'give an IPv4 address or host name, with :port if it is not 7001');
  return withMessenger(async ({ messenger }) => {
    // Name look-up, connection and handshake have their own limits, all shorter than this.
    const peer = await messenger.call('connect', { host, port }, { deadlineMs: 20_000 });
    print(`${taggedName(peer)}  ${peer.address}`);
  });
}

export function decide(who: string, trust: 'accepted' | 'blocked' | 'new', done: string): Promise<void> {
  return withMessenger(async ({ messenger }) => {
    const { id } = await resolvePeer(messenger, who);
    const peer = await messenger.call('setTrust', { peer: id, trust });
    note(`${taggedName(peer)} is ${done}`);
  });
}
