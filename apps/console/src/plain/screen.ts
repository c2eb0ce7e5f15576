/** What the line console says: every line that the user reads is made here, of the model alone. */
import { sameName, UNREAD_COUNTED_MAX } from '@earshot/protocol';
import type { Message } from '@earshot/protocol/ipc';
import type { Columns } from '../text/fold.js';
import { countOf, inOrder, notTheOne, saidLine, saying, taggedName } from '../text/lines.js';
import { sanitizeLine, sanitizeName } from '../text/sanitize.js';
import { trustInWords } from '../text/trust.js';
import type { Model, PlainEvent } from './model.js';

/** Where things stand: for an empty line, since whoever attaches sees nothing of what came before. */
export function standing(model: Model): string[] {
  const { username, chosen, messenger, waiting } = model;
  const kept = waiting.length === 0 ? '' : ` ${countOf(waiting.length, 'line')} you typed wait for it.`;
  const trouble = messenger === 'down' ? [`! The messenger is down.${kept} /status says more.`] : [];
  if (username === undefined)
    return messenger === 'down' ? trouble : ['One moment: the messenger has not answered yet.'];
  if (username === null) return [...trouble, question(model)];
  const unread = unreadFrom(model);
  const to = chosen === null ? 'nobody chosen: /msg <name>' : `to ${nameOf(model, chosen)}`;
  const news = unread === '' ? '' : `; unread: ${unread}`;
  return [
    ...trouble,
    ...impostors(model),
    `You are ${sanitizeName(username)}; ${to}${news}. /help lists the commands.`,
  ];
}

export function greeting(model: Model): string[] {
  const { username, peers } = model;
  if (username === undefined) return [];
  if (username === null)
    return ['Welcome to Earshot: the people on your network, and nobody in between.', question(model)];
  const around = [...peers.values()].filter((peer) => peer.presence === 'online').length;
  const who =
    around === 0 ? 'Nobody else is around yet; they appear by themselves.' : `${around} around: /peers shows them.`;
  const unread = unreadFrom(model);
  return [
    `You are ${sanitizeName(username)}. ${who} /help lists the commands.`,
    ...(unread === '' ? [] : [`Unread: ${unread}. /msg <name> shows it.`]),
    ...impostors(model),
  ];
}

/** `3 from bob, 1 from carol` */
function unreadFrom(model: Model): string {
  return [...model.unread].map(([id, count]) => `${countedTo(count)} from ${nameOf(model, id)}`).join(', ');
}

function countedTo(count: number): string {
  return count < UNREAD_COUNTED_MAX ? String(count) : `${count} or more`;
}

export function question({ suggestedName }: Model): string {
  const suggestion = suggestedName === null ? '' : ` An empty line takes: ${suggestedName}`;
  return `What name should others see?${suggestion}`;
}

/** Strangers who are around under the name of somebody whom the user knows. */
function impostors({ peers }: Model): string[] {
  return [...peers.values()].flatMap((peer) =>
    peer.namesakeOf === undefined || peer.presence === 'away'
      ? []
      : [`! ${taggedName(peer)} is ${notTheOne(peer.namesakeOf)}.`],
  );
}

/** The name, with its tag where two share it. */
export function nameOf(model: Model, peerId: string): string {
  const peer = model.peers.get(peerId) ?? model.peersBefore.get(peerId);
  if (peer === undefined) return peerId.slice(0, 10);
  const shared =
    sameName(peer.username, model.username ?? '') ||
    [...model.peers.values()].some((other) => other.id !== peer.id && sameName(other.username, peer.username));
  return shared ? taggedName(peer) : sanitizeName(peer.username);
}

/** Names that begin so, in any case, of those who can be talked with. */
export function namesFrom(model: Model, beginning: string): string[] {
  const wanted = beginning.toLowerCase();
  return inOrder([...model.peers.values()])
    .flatMap(({ id }) => (id === null ? [] : [nameOf(model, id)]))
    .filter((name) => name.toLowerCase().startsWith(wanted));
}

export function peerLines(model: Model): string[] {
  const peers = inOrder([...model.peers.values()]);
  if (peers.length === 0) return ['Nobody yet. Whoever starts Earshot on this network appears by itself.'];
  return peers.map((peer) => {
    const name = peer.id === null ? sanitizeName(peer.username) : nameOf(model, peer.id);
    const unread = peer.id === null ? undefined : model.unread.get(peer.id);
    const news = unread === undefined ? '' : `  ${countedTo(unread)} unread`;
    const warning = peer.namesakeOf === undefined ? '' : `  ! ${notTheOne(peer.namesakeOf)}`;
    return `  ${peer.presence.padEnd(6)}  ${name}  ${trustInWords(peer.trust)}${saying(peer)}${news}${warning}`;
  });
}

export function messageInLine(model: Model, message: Message, at: Date, columns: Columns): string {
  const name = nameOf(model, message.peer);
  const claims = message.direction === 'received' && model.peers.get(message.peer)?.namesakeOf !== undefined;
  const self = model.username ?? undefined;
  return saidLine(
    {
      before: `${at.toTimeString().slice(0, 5)} `,
      peer: `${name}${claims ? ' (NOT the one you know)' : ''}`,
      ...(self === undefined ? {} : { self: sanitizeName(self) }),
    },
    message,
    columns,
  );
}

const RULE = `! ${'-'.repeat(68)}`;

/** Somebody goes by the name of a person whom the user knows: not to be missed between two messages. */
function claimBanner(model: Pick<Model, 'peers'>, peerId: string, username: string, address: string): string[] {
  const name = sanitizeName(username);
  const tagged = taggedName({ id: peerId, username });
  const pinned = model.peers.get(peerId)?.namesakeOf;
  return [
    RULE,
    `! SOMEBODY ELSE CALLS THEMSELVES ${name}: ${tagged}${address === '' ? '' : ` at ${address}`}`,
    ...(pinned === undefined
      ? []
      : [`! The one you know is ${taggedName(pinned)}: what you wrote to them goes to them alone.`]),
    `! /whois ${tagged} says more, /block ${tagged} keeps them out. If it may be the`,
    `! same person with a new machine: /verify ${tagged}`,
    RULE,
  ];
}

/** What the messenger has to report, with what it means for the user. */
export function noticeLines(model: Pick<Model, 'peers'>, notice: Extract<PlainEvent, { type: 'notice' }>): string[] {
  const { code, address, peer, username } = notice;
  return code === 'name-claimed' && peer !== null ? claimBanner(model, peer, username, address) : [noticeLine(notice)];
}

function noticeLine({ code, address, username }: Extract<PlainEvent, { type: 'notice' }>): string {
  const name = sanitizeName(username);
  switch (code) {
    case 'legacy-message':
      return `! Somebody at ${address} sent a message with the original program. It was not encrypted, so it was refused and is not shown.`;
    case 'unexpected-identity':
      return `! At ${address}, where ${name || 'a peer of yours'} was, somebody else answers now. Nothing was sent there.`;
    case 'version-rollback':
      return `! ${name || 'A peer'} at ${address} offers an older protocol than before. Refused: it may not be who it says.`;
    case 'store-failed':
      return '! The history cannot be written (is the disk full?). Nothing is lost: what comes in is refused, and the senders keep it.';
    case 'store-recovered':
      return '* The history can be written again.';
    case 'history-set-back':
      return `! An older copy of this history was restored: ${name || 'a peer'} may hold messages from you that are not here. What they sent you comes again by itself.`;
    case 'peer-set-back':
      return `! An older copy of ${name ? `${name}’s` : 'a peer’s'} history was restored: what they wrote before may be here alone. What you sent them goes there again by itself.`;
    default:
      return `! ${sanitizeLine(code)} ${address}`;
  }
}
