/** A whole conversation to standard output: export. */
import { once } from 'node:events';
import { errnoOf, EXIT } from '@earshot/runtime';
import { CommandError } from '../output.js';
import { inBytes, Progress } from '../progress.js';
import { withMessenger } from '../services/connection.js';
import { askLogServer } from '../services/log-server.js';
import { resolvePeer } from '../services/peers.js';
import { forTerminal } from '../text/for-terminal.js';

export type ExportFormat = 'json' | 'ndjson' | 'txt' | 'html';

/** Streamed from the log server, whose formats they are, and no faster than our output is taken. */
export function exportConversation(who: string, { format }: { readonly format: ExportFormat }): Promise<void> {
  return withMessenger(async ({ messenger, paths }) => {
    const { id } = await resolvePeer(messenger, who);
    const pieces: AsyncIterable<Uint8Array> = await askLogServer(paths, `api/v1/export?peer=${id}&format=${format}`);
    const { isTTY, columns } = process.stdout;
    const progress = new Progress((bytes) => `${inBytes(bytes)} so far`);
    const shown = isTTY ? forTerminal(pieces, format.endsWith('json') ? 'json' : 'text', columns) : pieces;
    try {
      for await (const piece of shown) {
        if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
        progress.add(piece.length);
      }
    } catch (error) {
      // What is said of a body that ends too early.
      if (errnoOf(error) !== 'ECONNRESET') throw error;
      // An output that was closed has ended this process already, so it is the source that broke off.
      throw new CommandError(EXIT.failed, 'the log server broke off: what was printed is not all of it');
    } finally {
      progress.clear();
    }
  });
}
