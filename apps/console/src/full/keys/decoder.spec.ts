import fc from 'fast-check';
import { KeyDecoder, type Input } from './decoder.js';

const inputs = (text: string): Input[] => {
  const decoder = new KeyDecoder();
  return [...decoder.push(Buffer.from(text)), ...decoder.flush()];
};
const key = (name: string): Input => ({ type: 'key', key: name });
const text = (typed: string): Input => ({ type: 'text', text: typed });

describe('what a terminal sends', () => {
  it.each([
    ['letters', 'abc', [text('abc')]],
    ['letters of any script', 'ğ漢👨‍👩‍👧', [text('ğ漢👨‍👩‍👧')]],
    ['text and Enter in one piece', 'hi\r', [text('hi'), key('enter')]],
    ['Tab, Backspace, Ctrl+J', '\t\x7f\n', [key('tab'), key('backspace'), key('ctrl+j')]],
    ['control characters', '\x01\x0b\x1f\x1a', [key('ctrl+a'), key('ctrl+k'), key('ctrl+_'), key('ctrl+z')]],
    ['arrows of xterm', '\x1b[A\x1b[B\x1bOC\x1bOD', ['up', 'down', 'right', 'left'].map(key)],
    [
      'with modifiers',
      '\x1b[1;3A\x1b[1;5D\x1b[1;2C\x1b[1;8B',
      ['alt+up', 'ctrl+left', 'shift+right', 'ctrl+alt+shift+down'].map(key),
    ],
    [
      'VT220',
      '\x1b[5~\x1b[6~\x1b[3~\x1b[1~\x1b[4~\x1b[15~',
      ['pageup', 'pagedown', 'delete', 'home', 'end', 'f5'].map(key),
    ],
    ['function keys', '\x1bOP\x1b[24~', ['f1', 'f12'].map(key)],
    ['Alt with a key', '\x1ba\x1b1\x1b\r\x1b\x7f', ['alt+a', 'alt+1', 'alt+enter', 'alt+backspace'].map(key)],
    ['Alt and Shift', '\x1bU', [key('alt+shift+u')]],
    ['Alt with a letter of another script', '\x1bş', [key('alt+ş')]],
    ['Esc twice, then an arrow: Alt in rxvt', '\x1b\x1b[A', [key('alt+up')]],
    ['Shift+Tab', '\x1b[Z', [key('shift+tab')]],
    ['kitty', '\x1b[13;3u\x1b[107;5u\x1b[27u', ['alt+enter', 'ctrl+k', 'escape'].map(key)],
    ['a lone Esc', '\x1b', [key('escape')]],
    ['two of them', '\x1b\x1b', [key('escape'), key('escape')]],
    ['what it does not know', '\x1b[?1;2c\x1b[99~\x1b]0;title\x07\x1bP1$r\x1b\\x', [text('x')]],
    ['8-bit controls', 'a\u009b31mb', [text('a'), text('31mb')]],
  ] as const)('is read: %s', (_, bytes, expected) => {
    expect(inputs(bytes)).toEqual(expected);
  });

  it('is a paste between its marks, with line breaks as LF and nothing that a terminal obeys', () => {
    expect(inputs('\x1b[200~one\r\ntwo\rthree\tx\x1b[2Jy\x1b[201~z')).toEqual([
      { type: 'paste', text: 'one\ntwo\nthree x[2Jy' },
      text('z'),
    ]);
  });

  it('waits for the rest of a sequence, and takes Esc for Esc only when nothing follows', () => {
    const decoder = new KeyDecoder();
    expect(decoder.push(Buffer.from('\x1b'))).toEqual([]);
    expect(decoder.pending).toBe(true);
    expect(decoder.push(Buffer.from('[5'))).toEqual([]);
    expect(decoder.push(Buffer.from('~'))).toEqual([key('pageup')]);
    expect(decoder.pending).toBe(false);
  });

  it('is the same in whatever pieces it comes', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '\x1b',
        '\x1b[A',
        '\x1b[1;5C',
        '\x1bOP',
        '\x1ba',
        '\r',
        '\x1b[200~',
        '\x1b[201~',
        'ş',
        '👨‍👩‍👧',
        '\x1b]0;t\x07',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    const joined = (all: readonly Input[]) =>
      // Text comes in as many pieces as the bytes did.
      all.reduce<Input[]>((sum, one) => {
        const last = sum.at(-1);
        return one.type === 'text' && last?.type === 'text'
          ? [...sum.slice(0, -1), { type: 'text', text: last.text + one.text }]
          : [...sum, one];
      }, []);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(6), { maxLength: 40 }), (pieces, sizes) => {
        const bytes = Buffer.from(pieces.join(''));
        const decoder = new KeyDecoder();
        const got: Input[] = [];
        let at = 0;
        for (const size of [...sizes, bytes.length]) {
          got.push(...decoder.push(bytes.subarray(at, at + size)));
          at += size;
        }
        got.push(...decoder.flush());
        expect(joined(got)).toEqual(joined(inputs(bytes.toString())));
      }),
    );
  });

  it('brings no control character as text, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const decoder = new KeyDecoder();
        const got = [...decoder.push(Buffer.from(bytes)), ...decoder.flush()];
        const typed = got.map((input) => (input.type === 'key' ? '' : input.text)).join('');
        expect(typed).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
      }),
    );
  });
});
