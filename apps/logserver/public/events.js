// @ts-check
/** Server-sent events read with fetch: EventSource cannot send the token. */
import { ApiError } from './api.js';

/** The server sends something at least every 15 s: after this long the connection is dead, whatever the system thinks. */
const SILENCE_MS = 40_000;
const RETRY_MS = [500, 1_000, 2_000, 5_000];

/**
 * @typedef {object} Follower
 * @property {(resumed: boolean) => void} onOpen events will come; if not `resumed`, what was before must be loaded
 * @property {(event: string, fields: any) => void} onEvent
 * @property {(err: unknown) => boolean} onLost the connection is gone or refused; true to try again
 *
 * @param {import('./api.js').Api} api
 * @param {Follower} follower
 */
export async function follow(api, { onOpen, onEvent, onLost }) {
  /** @type {string | undefined} */
  let lastId;
  for (let failures = 0; ; failures++) {
    const dead = new AbortController();
    try {
      const response = await api.fetch('/api/v1/events?peers=true', {
        signal: dead.signal,
        headers: lastId === undefined ? {} : { 'Last-Event-ID': lastId },
      });
      onOpen(lastId !== undefined);
      failures = 0;
      for await (const { event, id, data } of parse(response, dead)) {
        lastId = id ?? lastId;
        if (data !== undefined) onEvent(event, JSON.parse(data));
      }
      if (!onLost(undefined)) return;
    } catch (err) {
      // The history was replaced by an older copy: start over.
      if (err instanceof ApiError && err.code === 'unknown-position') lastId = undefined;
      else if (!onLost(err)) return;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]));
  }
}

/** @param {Response} response @param {AbortController} dead */
async function* parse(response, dead) {
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ''; ;) {
    const silence = setTimeout(() => dead.abort(), SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(silence));
    if (done) return;
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) yield fieldsOf(block);
  }
}

/** @param {string} block */
function fieldsOf(block) {
  /** @type {Record<string, string | undefined>} */
  const fields = {};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(': ');
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 2);
  }
  return { event: fields['event'] ?? 'message', id: fields['id'], data: fields['data'] };
}
