/** A whole conversation to standard output: export. */
import { once } from 'node:events';
import { EXIT, type DataFolder } from '@earshot/runtime';
import { CommandError } from '../output.js';
import { inBytes, Progress } from '../progress.js';
import { notRunning, withMessenger } from '../services/connection.js';
import { logAddress, readToken } from '../services/log-server.js';
import { resolvePeer } from '../services/peers.js';
import { forTerminal } from '../text/for-terminal.js';
import { sanitizeLine } from '../text/sanitize.js';

export type ExportFormat = 'json' | 'ndjson' | 'txt' | 'html';

/** Streamed from the log server, whose formats they are, and no faster than our output is taken. */
export function exportConversation(who: string, { format }: { readonly format: ExportFormat }): Promise<void> {
  return withMessenger(async ({ messenger, paths }) => {
    const { id } = await resolvePeer(messenger, who);
    const pieces = await request(paths, `api/v1/export?peer=${id}&format=${format}`);
    const { isTTY, columns } = process.stdout;
    const progress = new Progress((bytes) => `${inBytes(bytes)} so far`);
    const shown = isTTY ? forTerminal(pieces, format.endsWith('json') ? 'json' : 'text', columns) : pieces;
    try {
      for await (const piece of shown) {
        if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
        progress.add(piece.length);
      }
    } catch (error) {
      // What fetch says of a body that ends too early.
      if (!(error instanceof TypeError)) throw error;
      // An output that was closed has ended this process already, so it is the source that broke off.
      throw new CommandError(EXIT.failed, 'the log server broke off: what was printed is not all of it');
    } finally {
      progress.clear();
    }
  });
}

async function request(paths: DataFolder, path: string): Promise<AsyncIterable<Uint8Array>> {
  const url = new URL(path, await logAddress(paths));
  const headers = { authorization: `Bearer ${readToken(paths)}` };
  const response = await fetch(url, { headers }).catch(() => {
    throw new CommandError(EXIT.notRunning, notRunning('logserver', paths));
  });
  if (response.ok && response.body !== null) return response.body;
  throw new CommandError(EXIT.failed, `the log server refused: ${await refusal(response)}`);
}

/** What the log server says of it, which is about itself and never anybody's text. */
async function refusal(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const message = (body as { error?: { message?: unknown } } | undefined)?.error?.message;
  return typeof message === 'string' ? sanitizeLine(message) : `HTTP ${response.status}`;
}
