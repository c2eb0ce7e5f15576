/** The line that is being written, as rows with a cursor. Pure. */
import type { Editor } from '../editor/editor.js';
import { inputRows, PROMPT } from '../layout.js';
import { breakRows, widthOf } from '../text/width.js';
import { sanitizeLine } from '../../text/sanitize.js';
import type { ScreenRow } from './screen-row.js';

export function editorLines(columns: number, prompt: string, editor: Editor, height: number) {
  const shownText = sanitizeTyped(editor.text);
  const room = Math.max(1, columns - prompt.length - 1);
  const rows = prompt === PROMPT ? inputRows(shownText, columns) : breakRows(shownText, room);
  const before = breakRows(sanitizeTyped(editor.text.slice(0, editor.cursor)), room);
  const row = before.length - 1;
  const top = Math.max(0, Math.min(row - height + 1, rows.length - height));
  const first = row < top ? row : top;
  const shown: ScreenRow[] = Array.from({ length: height }, (_, n) => [
    { text: first + n === 0 ? prompt : ' '.repeat(prompt.length), style: 'prompt' as const },
    { text: rows[first + n] ?? '', style: 'plain' as const },
  ]);
  return { shown, cursor: { row: row - first, column: prompt.length + widthOf(before.at(-1) ?? '') } };
}

/** What was typed or pasted may hold what a terminal obeys; a character each, so that the cursor stays where it is. */
export function sanitizeTyped(text: string): string {
  return text.split('\n').map(sanitizeLine).join('\n');
}
