/** Lines of standard input. */
import { createInterface } from 'node:readline';
import { EXIT } from '@earshot/runtime';
import { CommandError } from './output.js';

/** The text of a line of bytes that came as Latin-1; null where it is not UTF-8. */
export function decodeLine(line: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(line, 'latin1'));
  } catch {
    return null;
  }
}

/** Each line as soon as it is there; CRLF counts as one end. Bytes that are no UTF-8 end it: a replacement would be sent as if it had been written. */
export async function* linesOfInput(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  for await (const line of createInterface({ input: input.setEncoding('latin1'), crlfDelay: Infinity })) {
    const text = decodeLine(line);
    if (text === null)
      throw new CommandError(
        EXIT.usage,
        'not UTF-8: this and what follows was not sent; convert it first, for example with iconv',
      );
    yield text;
  }
}
