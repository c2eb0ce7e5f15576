/**
 * What the full screen keeps from one run to the next, in a file for its owner alone: what is being written, and where one was. What was
 * read is the messenger's to keep, for every screen, and what was sent is in the history, where it can be forgotten. It holds texts, as the history beside it does.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { messageId, peerId } from '@earshot/protocol/ipc';
import { z } from 'zod';
import { EMPTY, withText } from './editor/editor.js';
import { NOTIFY_LEVELS } from '../slash/commands.js';
import { emptyConversation, type Conversation, type Model } from './model.js';

const kept = z.object({
  open: peerId.nullable(),
  hasList: z.boolean(),
  pending: z.array(z.object({ id: messageId, peer: peerId, text: z.string() })),
  conversations: z.array(
    z.object({
      peer: peerId,
      lastMs: z.number(),
      place: z.union([z.literal('bottom'), z.object({ key: z.string(), row: z.int().nonnegative() })]),
      draft: z.string(),
      notify: z.enum(NOTIFY_LEVELS).nullable(),
    }),
  ),
});
type Kept = z.infer<typeof kept>;
type KeptOne = Kept['conversations'][number];

export function keptOf({ open, hasList, pending, conversations }: Model): string {
  const all: Kept = {
    open,
    hasList,
    pending: [...pending],
    conversations: [...conversations.values()].map((one) => ({
      peer: one.peer,
      lastMs: one.lastMs,
      place: one.place,
      draft: one.editor.text,
      notify: one.notify,
    })),
  };
  return JSON.stringify(all);
}

/** Undefined where there is nothing to take up, or nothing that can be: it is comfort, and no reason not to start. */
export function takenUp(text: string): Partial<Model> | undefined {
  const read = kept.safeParse(parsed(text));
  if (!read.success) return undefined;
  const { open, hasList, pending, conversations } = read.data;
  return {
    open,
    hasList,
    pending,
    conversations: new Map(conversations.map(({ peer, draft, ...rest }) => [peer, conversation(peer, draft, rest)])),
  };
}

function conversation(peer: string, draft: string, rest: Partial<Conversation>): Conversation {
  return { ...emptyConversation(peer), ...rest, editor: withText(EMPTY, draft) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What to write where another screen may have written since: what this one changed since `base`, and of the rest what stands
 * there. So neither a draft nor a message that waits is lost to a screen that knows nothing of it.
 */
export function merged(base: string, ours: string, theirs: string): string {
  const [from, mine, other] = [base, ours, theirs].map((text) => kept.safeParse(parsed(text)).data);
  if (mine === undefined || other === undefined || theirs === base) return ours;
  const known = new Set(from?.pending.map(({ id }) => id));
  const pending = new Map(mine.pending.map((one) => [one.id, one]));
  // What stood there at the base and is not ours any more has been sent or given back.
  for (const one of other.pending) if (!known.has(one.id)) pending.set(one.id, one);
  const conversations = new Map(other.conversations.map((one) => [one.peer, one]));
  const before = new Map(from?.conversations.map((one) => [one.peer, one]));
  for (const one of mine.conversations)
    conversations.set(one.peer, mergedOne(before.get(one.peer), one, conversations.get(one.peer) ?? one));
  return JSON.stringify({ ...mine, pending: [...pending.values()], conversations: [...conversations.values()] });
}

/** Thing by thing: a message that comes changes every screen's conversation, and no draft. */
function mergedOne(base: KeptOne | undefined, ours: KeptOne, theirs: KeptOne): KeptOne {
  const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  return {
    peer: ours.peer,
    lastMs: Math.max(ours.lastMs, theirs.lastMs),
    place: isSame(ours.place, base?.place ?? 'bottom') ? theirs.place : ours.place,
    draft: ours.draft === (base?.draft ?? '') ? theirs.draft : ours.draft,
    notify: ours.notify === (base?.notify ?? null) ? theirs.notify : ours.notify,
  };
}

export function readState(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Whole or not at all. @returns whether it could be written */
export function writeState(path: string, text: string): boolean {
  const beside = `${path}.${process.pid}`;
  try {
    writeFileSync(beside, text, { mode: 0o600 });
    renameSync(beside, path);
    return true;
  } catch {
    rmSync(beside, { force: true });
    return false;
  }
}
