/**
 * The line that is being written, as readline edits it. Pure: a text, where the cursor is, what was cut last, and what it was
 * before. The cursor stands between graphemes, so that a letter and its marks move and go together.
 */
import { graphemes } from '../text/width.js';

export interface Editor {
  readonly text: string;
  /** Index into `text`, in UTF-16 units, between two graphemes. */
  readonly cursor: number;
  readonly cut: string;
  /** The last step cut something: the next cut belongs to it. */
  readonly cutting: boolean;
  readonly past: readonly { readonly text: string; readonly cursor: number }[];
}

/** Those that stay within one line. */
export const LINE_EDITS = [
  'left',
  'right',
  'word-left',
  'word-right',
  'home',
  'end',
  'backspace',
  'delete',
  'kill-word',
  'kill-word-right',
  'kill-left',
  'kill-right',
  'yank',
  'transpose',
  'undo',
] as const;
export type LineEdit = (typeof LINE_EDITS)[number];
export type EditAction = LineEdit | 'up' | 'down' | 'newline';

export function isLineEdit(action: string): action is LineEdit {
  return (LINE_EDITS as readonly string[]).includes(action);
}

export const EMPTY: Editor = { text: '', cursor: 0, cut: '', cutting: false, past: [] };

const PAST_MAX = 100;
const WORD = /[\p{L}\p{N}\p{M}_]/u;

/** A text with the cursor behind it; what was cut is kept. */
export function withText(editor: Editor, text: string, cursor = text.length): Editor {
  return text === editor.text
    ? { ...editor, cursor, cutting: false }
    : { ...changed(editor, text, cursor), cutting: false };
}

export function insert(editor: Editor, text: string): Editor {
  const { before, after } = halves(editor);
  return withText(editor, before + text + after, before.length + text.length);
}

/** Undefined where there is no line above or below to go to. */
export function edit(editor: Editor, action: EditAction): Editor | undefined {
  const { text, cursor } = editor;
  const { before, after } = halves(editor);
  switch (action) {
    case 'left':
      return moved(editor, cursor - lastOf(before).length);
    case 'right':
      return moved(editor, cursor + firstOf(after).length);
    case 'word-left':
      return moved(editor, wordStart(before));
    case 'word-right':
      return moved(editor, cursor + wordEnd(after));
    case 'home':
      return moved(editor, lineStart(before));
    case 'end':
      return moved(editor, cursor + lineEnd(after));
    case 'up':
    case 'down':
      return vertically(editor, action);
    case 'backspace':
      return withText(
        editor,
        before.slice(0, before.length - lastOf(before).length) + after,
        cursor - lastOf(before).length,
      );
    case 'delete':
      return withText(editor, before + after.slice(firstOf(after).length), cursor);
    case 'kill-word':
      return cutBack(editor, blankWordStart(before));
    case 'kill-word-right':
      return cutOn(editor, wordEnd(after));
    case 'kill-left':
      // At the beginning of a line it is the line break.
      return cutBack(editor, before.endsWith('\n') ? before.length - 1 : lineStart(before));
    case 'kill-right':
      // At the end of a line it is the line break.
      return cutOn(editor, after.startsWith('\n') ? 1 : lineEnd(after));
    case 'yank':
      return insert(editor, editor.cut);
    case 'transpose':
      return transposed(editor);
    case 'undo': {
      const last = editor.past.at(-1);
      return last === undefined
        ? { ...editor, cutting: false }
        : { ...editor, ...last, past: editor.past.slice(0, -1), cutting: false };
    }
    case 'newline':
      return withText(editor, `${before}\n${after}`, text.length - after.length + 1);
  }
}

function halves({ text, cursor }: Editor) {
  return { before: text.slice(0, cursor), after: text.slice(cursor) };
}

function moved(editor: Editor, cursor: number): Editor {
  return { ...editor, cursor, cutting: false };
}

function changed(editor: Editor, text: string, cursor: number): Editor {
  const past = [...editor.past, { text: editor.text, cursor: editor.cursor }].slice(-PAST_MAX);
  return { ...editor, text, cursor, past };
}

function cutBack(editor: Editor, from: number): Editor {
  const { before, after } = halves(editor);
  const piece = before.slice(from);
  const cut = editor.cutting ? piece + editor.cut : piece;
  return piece === '' ? editor : { ...changed(editor, before.slice(0, from) + after, from), cut, cutting: true };
}

function cutOn(editor: Editor, length: number): Editor {
  const { before, after } = halves(editor);
  const piece = after.slice(0, length);
  const cut = editor.cutting ? editor.cut + piece : piece;
  return piece === ''
    ? editor
    : { ...changed(editor, before + after.slice(length), before.length), cut, cutting: true };
}

function transposed(editor: Editor): Editor {
  const { before, after } = halves(editor);
  // At the end it is the two before the cursor.
  const second = after === '' ? lastOf(before) : firstOf(after);
  const rest = after === '' ? before.slice(0, before.length - second.length) : before;
  const first = lastOf(rest);
  if (first === '' || second === '') return editor;
  const end = after === '' ? before.length : before.length + second.length;
  const text = rest.slice(0, rest.length - first.length) + second + first + editor.text.slice(end);
  return withText(editor, text, end);
}

function vertically(editor: Editor, way: 'up' | 'down'): Editor | undefined {
  const { before, after } = halves(editor);
  const column = graphemes(before.slice(lineStart(before))).length;
  if (way === 'up') {
    const start = lineStart(before);
    if (start === 0) return undefined;
    const above = before.slice(lineStart(before.slice(0, start - 1)), start - 1);
    return moved(editor, start - 1 - above.length + offset(above, column));
  }
  const end = lineEnd(after);
  if (end === after.length) return undefined;
  const below = after.slice(end + 1).split('\n', 1)[0] ?? '';
  return moved(editor, before.length + end + 1 + offset(below, column));
}

function offset(line: string, column: number): number {
  return graphemes(line).slice(0, column).join('').length;
}

const lastOf = (text: string): string => graphemes(text.slice(-64)).at(-1) ?? '';
const firstOf = (text: string): string => graphemes(text.slice(0, 64))[0] ?? '';

function lineStart(before: string): number {
  return before.lastIndexOf('\n') + 1;
}

function lineEnd(after: string): number {
  const end = after.indexOf('\n');
  return end === -1 ? after.length : end;
}

function wordStart(before: string): number {
  const characters = Array.from(before);
  let n = characters.length;
  while (n > 0 && !WORD.test(characters[n - 1] ?? '')) n--;
  while (n > 0 && WORD.test(characters[n - 1] ?? '')) n--;
  return characters.slice(0, n).join('').length;
}

function wordEnd(after: string): number {
  const characters = Array.from(after);
  let n = 0;
  while (n < characters.length && !WORD.test(characters[n] ?? '')) n++;
  while (n < characters.length && WORD.test(characters[n] ?? '')) n++;
  return characters.slice(0, n).join('').length;
}

/** Ctrl+W cuts back to a space, not to punctuation. */
function blankWordStart(before: string): number {
  return /\S*\s*$/u.exec(before)?.index ?? before.length;
}
