/** A file on its way to a screen. */
import { StringDecoder } from 'node:string_decoder';
import { fold, type Columns } from './fold.js';
import { safeJsonLine, sanitizeLine } from './sanitize.js';

/**
 * A file keeps what people wrote as its format has it; a terminal would obey some of that. Shown as escapes, which leave
 * JSON the same value.
 *
 * @param pieces UTF-8, cut anywhere
 */
export async function* forTerminal(
  pieces: AsyncIterable<Uint8Array>,
  kind: 'json' | 'text',
  columns?: Columns,
): AsyncGenerator<string, void, undefined> {
  const harmless = (line: string) =>
    kind === 'json' ? safeJsonLine(line) : fold(sanitizeLine(line.replaceAll('\t', ' ')), columns);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + decoder.write(Buffer.from(piece))).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield `${harmless(line)}\n`;
  }
  if (rest !== '') yield harmless(rest);
}
