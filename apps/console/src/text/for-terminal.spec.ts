import { Readable } from 'node:stream';
import { forTerminal } from './for-terminal.js';

/** What is shown of a file that arrives in pieces of so many bytes. */
async function shown(file: string, kind: 'json' | 'text', size = 1_000): Promise<string> {
  const bytes = Buffer.from(file);
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
  let text = '';
  for await (const line of forTerminal(Readable.from(pieces), kind)) text += line;
  return text;
}

describe('a file on its way to a screen', () => {
  it.each([1, 2, 3, 5, 4096])('is the same however it is cut: %i bytes at a time', async (size) => {
    const file = 'merhaba dünya 👍🏽\n\u001b[2Jsecond\n\nno end';
    expect(await shown(file, 'text', size)).toBe('merhaba dünya 👍🏽\n\\u{1b}[2Jsecond\n\nno end');
  });

  it('obeys nothing, and keeps its lines', async () => {
    expect(await shown('a\u009b1A\tb\rc\u202ed\n', 'text')).toBe('a\\u{9b}1A b\\u{d}c\\u{202e}d\n');
  });

  it('goes on behind the gutter where the terminal ends', async () => {
    let text = '';
    for await (const line of forTerminal(Readable.from([Buffer.from('12:00 bob: one two three four\n')]), 'text', 20))
      text += line;
    expect(text).toBe('12:00 bob: one two\n  | three four\n');
  });

  it('stays the same JSON', async () => {
    const value = [{ text: 'a\u009b1A\u202eb\u{e0041}\n' }];
    const line = await shown(`${JSON.stringify(value)}\n`, 'json');
    expect(JSON.parse(line)).toEqual(value);
    expect(line).toMatch(/^[ -~]+\n$/);
  });
});
