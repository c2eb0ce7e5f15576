/**
 * From what a terminal sends to keys with names: text in UTF-8, C0 controls, escape sequences (ECMA-48 CSI and SS3 as xterm,
 * VT220, rxvt and kitty send them), ESC before a key for Alt, and bracketed paste. What it does not know it swallows.
 */
import { StringDecoder } from 'node:string_decoder';

/**
 * `key` is a name in lower case with modifiers before it, in this order: `ctrl+`, `alt+`, `shift+`; a letter with Alt and Shift is
 * `alt+shift+u`. `text` is what was typed to be inserted, `paste` what came between paste marks, with LF for every line break.
 */
export type Input =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'paste'; readonly text: string };

const ESC = '\x1b';
const PASTE_START = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;

const CSI = /^\x1b\[([0-?]*)([ -/]*)([@-~])/;
const SS3 = /^\x1bO([0-9;]*)([ -~])/;
/** Operating system command, device control and the like, up to their terminator. */
const STRING = /^\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)/;
/** May be the beginning of one of those. */
const UNFINISHED = /^\x1b(?:\[[0-?]*[ -/]*|O[0-9;]*|[\]PX^_][^\x07\x1b]*\x1b?)?$/;

const FINAL: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  E: 'begin',
  F: 'end',
  H: 'home',
  M: 'enter',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
  Z: 'shift+tab',
};
const TILDE: Readonly<Record<string, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};
const CONTROL: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'ctrl+h',
  '\0': 'ctrl+space',
  '\x1c': 'ctrl+\\',
  '\x1d': 'ctrl+]',
  '\x1e': 'ctrl+^',
  '\x1f': 'ctrl+_',
};

export class KeyDecoder {
  private readonly utf8 = new StringDecoder('utf8');
  private rest = '';
  /** What has come since a paste mark; undefined outside of a paste. */
  private pasted: string[] | undefined;

  /** Whether an escape sequence may be going on: `flush` decides when nothing more comes. */
  get pending(): boolean {
    return this.rest !== '' && this.pasted === undefined;
  }

  push(bytes: Buffer): Input[] {
    this.rest += this.utf8.write(bytes);
    const inputs: Input[] = [];
    while (this.rest !== '') {
      const before = this.rest;
      const input = this.pasted === undefined ? this.next(false) : this.paste(this.pasted);
      if (input !== undefined) inputs.push(input);
      if (this.rest === before) break;
    }
    return inputs;
  }

  /** Nothing followed: what is left is what it is, a lone Esc among it. */
  flush(): Input[] {
    const inputs: Input[] = [];
    while (this.pending) {
      const input = this.next(true);
      if (input !== undefined) inputs.push(input);
    }
    return inputs;
  }

  /** The text up to the end mark, which may still be under way. */
  private paste(pasted: string[]): Input | undefined {
    const end = this.rest.indexOf(PASTE_END);
    if (end === -1) {
      const kept = Math.min(this.rest.length, PASTE_END.length - 1);
      pasted.push(this.rest.slice(0, this.rest.length - kept));
      this.rest = this.rest.slice(this.rest.length - kept);
      return undefined;
    }
    const text = pasted.join('') + this.rest.slice(0, end);
    this.rest = this.rest.slice(end + PASTE_END.length);
    this.pasted = undefined;
    return { type: 'paste', text: plain(text) };
  }

  private next(isAll: boolean): Input | undefined {
    const { rest } = this;
    const [first = ''] = rest;
    if (first === ESC) return this.escape(isAll);
    const text = /^[^\x00-\x1f\x7f-\x9f]+/.exec(rest)?.[0];
    if (text !== undefined) return this.take(text.length, { type: 'text', text });
    return this.take(1, controlKey(first));
  }

  private escape(isAll: boolean): Input | undefined {
    const { rest } = this;
    if (rest.startsWith(PASTE_START)) {
      this.pasted = [];
      return this.take(PASTE_START.length, undefined);
    }
    const sequence = CSI.exec(rest) ?? SS3.exec(rest) ?? STRING.exec(rest);
    if (sequence !== null) return this.take(sequence[0].length, keyOf(sequence));
    if (!isAll && (UNFINISHED.test(rest) || (rest[1] === ESC && UNFINISHED.test(rest.slice(1))))) return undefined;
    const [, , character] = /^(\x1b)(\x1b?[^\x1b])/su.exec(rest) ?? [];
    if (character === undefined) return this.take(1, { type: 'key', key: 'escape' });
    // Two of them: Alt with a key that is itself a sequence.
    if (character.startsWith(ESC)) {
      const inner = CSI.exec(rest.slice(1)) ?? SS3.exec(rest.slice(1));
      if (inner === null) return this.take(1, { type: 'key', key: 'escape' });
      const key = keyOf(inner);
      return this.take(1 + inner[0].length, key === undefined ? undefined : { type: 'key', key: `alt+${key.key}` });
    }
    return this.take(1 + character.length, { type: 'key', key: `alt+${withAlt(character)}` });
  }

  private take(length: number, input: Input | undefined): Input | undefined {
    this.rest = this.rest.slice(length);
    return input;
  }
}

function controlKey(character: string): Input | undefined {
  const known = CONTROL[character];
  if (known !== undefined) return { type: 'key', key: known };
  const code = character.codePointAt(0) ?? 0;
  return code >= 1 && code <= 26 ? { type: 'key', key: `ctrl+${String.fromCharCode(code + 0x60)}` } : undefined;
}

function withAlt(character: string): string {
  const control = controlKey(character);
  if (control?.type === 'key') return control.key;
  const lower = character.toLowerCase();
  return lower === character ? lower : `shift+${lower}`;
}

interface Key {
  readonly type: 'key';
  readonly key: string;
}

/** Of a CSI or SS3 sequence; undefined for what is no key. */
function keyOf(sequence: RegExpExecArray): Key | undefined {
  const [whole, parameters = '', , final = ''] =
    sequence.length === 3 ? [sequence[0], sequence[1], '', sequence[2]] : sequence;
  if (!/^\x1b[[O]/.test(whole)) return undefined;
  const [number = '', modifier = ''] = parameters.split(';');
  const name = final === '~' ? TILDE[number] : final === 'u' ? unicodeKey(number) : FINAL[final];
  return name === undefined ? undefined : { type: 'key', key: modified(name, Number(modifier.split(':')[0] ?? '')) };
}

/** kitty's keyboard protocol, and xterm's formatOtherKeys. */
function unicodeKey(number: string): string | undefined {
  const code = Number(number.split(':')[0]);
  if (!Number.isInteger(code) || code < 1 || code > 0x10ffff) return undefined;
  if (code === 27) return 'escape';
  const character = String.fromCodePoint(code);
  return CONTROL[character] ?? (code < 32 ? undefined : character === ' ' ? 'space' : character.toLowerCase());
}

/** xterm: 1 and a sum of 1 Shift, 2 Alt, 4 Ctrl. */
function modified(name: string, modifier: number): string {
  const bits = Number.isInteger(modifier) && modifier > 1 ? modifier - 1 : 0;
  const shift = (bits & 1) !== 0 && !name.startsWith('shift+');
  return `${(bits & 4) !== 0 ? 'ctrl+' : ''}${(bits & 2) !== 0 ? 'alt+' : ''}${shift ? 'shift+' : ''}${name}`;
}

/** Pasted text is text: line breaks are LF, a tab is a space, other controls are dropped. */
function plain(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replaceAll('\t', ' ')
    .replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, '');
}
