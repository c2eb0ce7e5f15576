/** What people read of peers, messages and services, in the commands and in the line console alike. */
import type { Message, MessengerContract, OwnPresence, Peer, ReplyOf } from '@earshot/protocol/ipc';
import type { Status } from '../services/health.js';
import { actionIn } from './action.js';
import { fold, type Columns } from './fold.js';
import { sanitizeLine, sanitizeName, sanitizeText } from './sanitize.js';

const TAG_LENGTH = 10;

/** `name#tag`: how one of several people of that name is told from the others. */
export function taggedName({ id, username }: Pick<Peer, 'id' | 'username'>): string {
  const name = sanitizeName(username);
  return id === null ? name : `${name}#${id.slice(0, TAG_LENGTH)}`;
}

/** @param waiting how many messages of a stranger wait for an answer */
export function peerLine(peer: Peer, waiting = 0): string {
  const remarks = [
    ...(peer.namesakeOf === undefined ? [] : [notTheOne(peer.namesakeOf)]),
    ...(waiting === 0 ? [] : [`wrote ${countOf(waiting, 'message')}: \`earshot accept\` or \`earshot block\``]),
  ];
  const remark = remarks.length === 0 ? '' : `  ! ${remarks.join('; ')}`;
  return `${peer.presence.padEnd(6)}  ${taggedName(peer)}  ${peer.address || '-'}  ${peer.trust}  last seen ${peer.lastSeen}${saying(peer)}${remark}`;
}

/** What somebody says of themselves, behind what else there is to say of them; nothing where they do not. */
export function saying(peer: { readonly busy?: boolean | undefined; readonly status?: string | undefined }): string {
  const words = presenceInWords({ busy: peer.busy ?? false, status: peer.status ?? '' });
  return words === '' ? '' : `  (${words})`;
}

/** What the user says of themselves. */
export function ownPresenceLines(presence: OwnPresence): string[] {
  const words = presenceInWords(presence);
  return [words === '' ? 'You are not busy, and say nothing of yourself.' : `Others see of you: ${words}`];
}

/** Empty where there is nothing to say. */
export function presenceInWords({ busy, status }: OwnPresence): string {
  const text = status === '' ? [] : [sanitizeLine(status)];
  return [...(busy ? ['busy'] : []), ...text].join(': ');
}

/** Of a stranger under the name of a pinned peer. */
export function notTheOne(pinned: Pick<Peer, 'id' | 'username'>): string {
  return `NOT the one you know, who is ${taggedName(pinned)}`;
}

export function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** The stable fields of \`peers --json\`, in their order. */
export function peerFields({ id, username, address, presence, lastSeen, trust }: Peer): Peer {
  return { id, username, address, presence, lastSeen, trust };
}

/** Who is online first; people who can talk securely before those who cannot; then by name. */
export function inOrder<T extends Peer>(peers: readonly T[]): T[] {
  const rank = ({ presence, trust }: Peer) => (presence === 'online' ? 0 : 2) + (trust === 'legacy' ? 1 : 0);
  return [...peers].sort((a, b) => rank(a) - rank(b) || a.username.localeCompare(b.username));
}

function messageText({ text }: Message): string {
  return text === null ? '(needs a newer version of Earshot)' : sanitizeText(text);
}

/** A message behind what we say of it, in rows that fit the terminal. */
export function textLine(before: string, message: Message, after: string, columns: Columns): string {
  return fold(`${before}${messageText(message)}${after}`, columns);
}

export interface Said {
  /** What stands before it: when it was. */
  readonly before: string;
  readonly peer: string;
  /** The user's own name, where it is known. */
  readonly self?: string;
  readonly after?: string;
}

/** A message with who wrote it, and where it is the user's own, to whom. */
export function saidLine({ before, peer, self = 'you', after = '' }: Said, message: Message, columns: Columns): string {
  const action = message.text === null ? undefined : actionIn(message.text);
  const to = message.direction === 'sent' ? `you -> ${peer}: ` : '';
  if (action === undefined) return textLine(`${before}${to || `${peer}: `}`, message, after, columns);
  const name = message.direction === 'sent' ? self : peer;
  return textLine(`${before}${to}* ${name} `, { ...message, text: action }, after, columns);
}

export function messageLine(message: Message, columns: Columns): string {
  const { committedAt, direction, peer, username, state } = message;
  return saidLine(
    {
      before: `${committedAt}  `,
      peer: taggedName({ id: peer, username }),
      after: direction === 'sent' ? `  [${state}]` : '',
    },
    message,
    columns,
  );
}

const SETBACK_IN_WORDS = {
  us: 'an older copy of this history was restored: they may hold messages from you that are not here',
  peer: 'an older copy of their history was restored: what they wrote before may be here alone',
};

/** What is known of somebody, and from where. */
export function whoisLines(peer: ReplyOf<MessengerContract, 'whois'>): string[] {
  const { session } = peer;
  const heard = peer.addresses.map(
    (at) =>
      `  heard      ${at.address} on ${sanitizeLine(at.interface)} at ${at.lastHeard}${at.dialable ? '' : ' (another network)'}${at.roundTripMs === null ? '' : `, answers in ${at.roundTripMs.toFixed(1)} ms`}`,
  );
  const ways = Object.entries(peer.heardBy).map(([way, at]) => `  by         ${way} at ${at}`);
  return [
    `${taggedName(peer)}  ${peer.trust}, ${peer.presence}`,
    `  id         ${peer.id}`,
    ...peer.namesakes.map(
      ({ id, trust }) => `  same name  ${taggedName({ id, username: peer.username })}, ${trust}: somebody else`,
    ),
    `  first met  ${peer.firstSeen ?? 'never: only heard'}`,
    `  last seen  ${peer.lastSeen}`,
    `  session    ${session === null ? 'none' : `${session.address} since ${session.since}`}`,
    ...heard,
    ...ways,
    `  proved at  ${peer.provedAddress ?? 'no address yet'}`,
    `  protocol   ${peer.maxVersion === 0 ? 'unknown' : `earshot/${peer.maxVersion}`}`,
    ...(peer.status !== '' || peer.busy ? [`  status     ${presenceInWords(peer)}`] : []),
    ...(peer.pendingRequest ? ['  request    wrote to you, and waits to be accepted or blocked'] : []),
    `  verified   ${peer.trust === 'verified' ? 'yes, the numbers were compared' : 'no: `earshot verify` shows what to compare'}`,
    `  queued     ${peer.queued}`,
    ...peer.setbacks.map(({ whose, at }) => `  differs    ${SETBACK_IN_WORDS[whose]} (noticed ${at})`),
  ];
}

export function statusLines({ services, ports }: Status): string[] {
  return [
    ...Object.entries(services).map(([name, { up, pid, uptimeMs }]) =>
      `${name.padEnd(9)}  ${up ? `up    pid ${pid ?? ''}, ${Math.round((uptimeMs ?? 0) / 1000)} s` : 'down'}`.trimEnd(),
    ),
    `ports      ${Object.entries(ports)
      .map(([name, port]) => `${name} ${port ?? '-'}`)
      .join(', ')}`,
  ];
}

/** Of a stranger that waits for an answer. */
export function requestLine(name: string, messages: number): string {
  return `* ${name} is new to you and wrote ${countOf(messages, 'message')}: /msg ${name} shows them, /accept ${name} or /block ${name} decides.`;
}
