/** The log server of this profile: where it is, and what it answers over HTTP. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { message, peerId, type Message } from '@earshot/protocol/ipc';
import { errnoOf, EXIT, type DataFolder } from '@earshot/runtime';
import { z } from 'zod';
import { CommandError } from '../output.js';
import { sanitizeLine } from '../text/sanitize.js';
import { notRunning } from './connection.js';
import { healthOf } from './health.js';

/** Where the log server serves, without the token. */
export async function logAddress(paths: DataFolder): Promise<string> {
  const port = (await healthOf('logserver', paths))?.ports['http'];
  if (port === undefined) throw new CommandError(EXIT.notRunning, notRunning('logserver', paths));
  return `http://127.0.0.1:${port}/`;
}

export function readToken({ httpToken }: DataFolder): string {
  try {
    return readFileSync(httpToken, 'utf8').trim();
  } catch (error) {
    throw new CommandError(EXIT.failed, `cannot read ${httpToken} (${errnoOf(error) ?? 'unknown'})`);
  }
}

/** The body of the answer, as it comes. Rejects with what is wrong, and never with anybody's text. */
export async function askLogServer(paths: DataFolder, path: string): Promise<IncomingMessage> {
  const url = new URL(path, await logAddress(paths));
  // Not fetch: it would cost the console 10 MB.
  const asked = get(url, { headers: { authorization: `Bearer ${readToken(paths)}` } });
  const [response] = (await once(asked, 'response').catch(() => {
    throw new CommandError(EXIT.notRunning, notRunning('logserver', paths));
  })) as [IncomingMessage];
  if (response.statusCode === 200) return response;
  throw new CommandError(EXIT.failed, `the log server refused: ${await refusal(response)}`);
}

/** What the log server says of it, which is about itself. */
async function refusal(response: IncomingMessage): Promise<string> {
  const body = (await bodyOf(response)) as { error?: { message?: unknown } } | undefined;
  const said = body?.error?.message;
  return typeof said === 'string' ? sanitizeLine(said) : `HTTP ${response.statusCode ?? 0}`;
}

/** Undefined where it is no JSON, as a body that ends too early. */
async function bodyOf(response: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse(await text(response)) as unknown;
  } catch {
    return undefined;
  }
}

const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().nullable() });
const conversation = z.object({ peer: peerId, username: z.string(), lastAt: z.string() });
export type Conversation = z.infer<typeof conversation>;

async function askPage<T extends z.ZodType>(paths: DataFolder, path: string, item: T) {
  const response = await askLogServer(paths, path);
  const parsed = page(item).safeParse(await bodyOf(response));
  if (!parsed.success) throw new CommandError(EXIT.failed, 'the log server gave an answer that is none of its own');
  return parsed.data;
}

/** Everybody there are messages with, the newest conversation first. */
export async function conversations(paths: DataFolder): Promise<Conversation[]> {
  const all: Conversation[] = [];
  for (let before: string | null = ''; before !== null;) {
    const path: string = `api/v1/conversations${before === '' ? '' : `?before=${before}`}`;
    const { items, next }: { items: Conversation[]; next: string | null } = await askPage(paths, path, conversation);
    all.push(...items);
    before = next;
  }
  return all;
}

/** What holds all of these words, the newest first. */
export async function search(
  paths: DataFolder,
  words: string,
  { peer, limit }: { readonly peer?: string; readonly limit: number },
): Promise<Message[]> {
  const query = new URLSearchParams({ q: words, limit: String(limit), ...(peer === undefined ? {} : { peer }) });
  return (await askPage(paths, `api/v1/search?${query.toString()}`, message)).items;
}
