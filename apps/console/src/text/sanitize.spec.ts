import fc from 'fast-check';
import { safeJson, sanitizeLine, sanitizeText } from './sanitize.js';

/** Any text, with line breaks and what a terminal obeys more often than chance has them. What is safe is tested beside `sanitizeLine`. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom('\n', '\r', '\r\n', '\t', '\u001b[2J', '\u009b31m', '\u202e', '\u2028'),
  ),
});

describe('remote text of several lines', () => {
  it('has the gutter before every line but the first', () => {
    expect(sanitizeText('one\ntwo\r\nthree\rfour')).toBe('one\n  | two\n  | three\n  | four');
  });

  it('cannot begin a line of its own, and holds nothing that a line may not, whatever it was', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const lines = sanitizeText(text).split('\n');
        for (const line of lines.slice(1)) expect(line.startsWith('  | ')).toBe(true);
        for (const line of lines) expect(sanitizeLine(line)).toBe(line);
      }),
      { numRuns: 2_000 },
    );
  });
});

it('JSON for a terminal is the same value, on one line of what a line may hold', () => {
  const text = 'a\u001b[2J\u009b1A\u202e\n';
  expect(JSON.parse(safeJson({ text }))).toEqual({ text });
  expect(sanitizeLine(safeJson({ text }))).toBe(safeJson({ text }));
});
