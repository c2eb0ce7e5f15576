/** Who is around, who is who, who may write: register, whoami, peers, whois, connect, accept, block, unblock. */
import type { Peer } from '@earshot/protocol/ipc';
import { EXIT } from '@earshot/runtime';
import { CommandError, note, print, printJson, printLines } from '../output.js';
import { withMessenger } from '../services/connection.js';
import { follow } from '../services/follow.js';
import { allPeers, resolvePeer } from '../services/peers.js';
import { parseTarget } from '../services/target.js';
import { inOrder, peerFields, peerLine, taggedName, whoisLines } from '../text/lines.js';
import { sentenceFor } from '../text/messages.js';
import { sanitizeName } from '../text/sanitize.js';

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
    else print(`${username === null ? '(no name yet)' : sanitizeName(username)}  ${id}  ${address.join(' ')}`);
    if (username === null) throw new CommandError(EXIT.notRegistered, sentenceFor('not-registered'));
  });
}

export function peers({ json, watch }: Json & { readonly watch?: boolean }): Promise<void> {
  return withMessenger(async ({ messenger, paths }) => {
    const waiting = new Map<string | null, number>();
    if (json !== true)
      for (const { peer, messages } of (await messenger.call('requests', {})).items) waiting.set(peer.id, messages);
    const show = (peer: Peer) => {
      if (json === true) printJson(peerFields(peer));
      else print(peerLine(peer, peer.trust === 'new' ? waiting.get(peer.id) : 0));
    };
    if (watch === true) {
      await follow(paths, { onPeer: show, presentPeers: true });
      return;
    }
    const everybody = inOrder(await allPeers(messenger));
    for (const peer of everybody) show(peer);
    if (everybody.length === 0) note('nobody yet: whoever starts Earshot on this network appears here by itself');
  });
}

export function whois(who: string, { json }: Json): Promise<void> {
  return withMessenger(async ({ messenger }) => {
    const { id } = await resolvePeer(messenger, who);
    const peer = await messenger.call('whois', { peer: id });
    if (json === true) printJson(peer);
    else printLines(whoisLines(peer));
  });
}

export function connect(text: string): Promise<void> {
  const target = parseTarget(text);
  return withMessenger(async ({ messenger }) => {
    const peer = await messenger.call('connect', target, { deadlineMs: CONNECT_DEADLINE_MS });
    print(`${taggedName(peer)}  ${peer.address}`);
  });
}

/** Name look-up, connection and handshake have their own limits, all shorter than this. */
export const CONNECT_DEADLINE_MS = 20_000;

export function decide(who: string, trust: 'accepted' | 'blocked' | 'new', done: string): Promise<void> {
  return withMessenger(async ({ messenger }) => {
    const { id } = await resolvePeer(messenger, who, trust === 'new' ? 'blocked' : 'not-blocked');
    const peer = await messenger.call('setTrust', { peer: id, trust });
    note(`${taggedName(peer)} is ${peer.trust === 'verified' ? 'verified already' : done}`);
  });
}
