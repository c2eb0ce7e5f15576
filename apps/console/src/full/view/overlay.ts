/** What lies over the conversation, as rows. Pure. */
import type { Message } from '@earshot/protocol/ipc';
import { rule, timeOf } from '../conversation/rows.js';
import type { Model, Overlay } from '../model.js';
import { matching, nameOf } from '../people.js';
import { fit, wrap } from '../text/width.js';
import { notTheOne } from '../../text/lines.js';
import { sanitizeLine, sanitizeText } from '../../text/sanitize.js';
import type { ScreenRow } from './screen-row.js';

const PASTE_SHOWN = 8;

export function overlayRows(
  model: Model,
  overlay: Exclude<Overlay, { kind: 'find' }>,
  columns: number,
  height: number,
): ScreenRow[] {
  switch (overlay.kind) {
    case 'lines':
      return [
        title(overlay.title, columns, `${hint('↑↓ PgUp PgDn')}Esc closes`),
        ...linesOf(overlay, columns, height - 1),
      ];
    case 'jump': {
      const people = matching(model, overlay.editor.text);
      return [
        title('Jump to', columns, 'Enter opens, Esc closes'),
        typed(overlay.editor.text, columns),
        ...chosenFrom(
          people.map((id) => {
            const peer = model.peers.get(id);
            const warning = peer?.namesakeOf === undefined ? '' : `  ! ${notTheOne(peer.namesakeOf)}`;
            return `${nameOf(model, id)}  ${peer?.presence ?? 'away'}${warning}`;
          }),
          overlay.selected,
          columns,
          height - 2,
        ),
      ];
    }
    case 'search': {
      const { results, words } = overlay;
      const found =
        results === null
          ? [words === '' ? 'Type words, Enter looks for them.' : 'Looking …']
          : results.length === 0
            ? ['Nothing found.']
            : results.map((message) => resultLine(model, message));
      return [
        title('Search everything', columns, 'Enter opens, Esc closes'),
        typed(overlay.editor.text, columns),
        ...(results === null || results.length === 0
          ? found.map((line) => plain(line, columns))
          : chosenFrom(found, overlay.selected, columns, height - 2)),
      ];
    }
    case 'outbox': {
      const lines = overlay.items.map(
        (one) => `${timeOf(one)} ${nameOf(model, one.peer)}  ${one.state}  ${oneLine(one.text)}`,
      );
      return [
        title('Outbox', columns, 'Enter edits, Delete takes back, Esc closes'),
        ...(lines.length === 0
          ? [plain('Nothing waits: all that you wrote is delivered.', columns)]
          : chosenFrom(lines, overlay.selected, columns, height - 1)),
      ];
    }
    case 'paste': {
      const lines = overlay.text.split('\n').length;
      const bytes = Buffer.byteLength(overlay.text);
      const shown = overlay.text.split('\n', PASTE_SHOWN).map((line) => plain(`  ${sanitizeLine(line)}`, columns));
      return [
        title('Paste', columns, 'Enter takes it into the line, Esc leaves it'),
        plain(`${lines} lines, ${bytes} bytes:`, columns),
        ...shown.slice(0, Math.max(1, height - 3)),
        ...(lines > PASTE_SHOWN ? [plain('  …', columns)] : []),
      ];
    }
  }
}

function title(text: string, columns: number, keys: string): ScreenRow {
  const { spans } = rule(`${text} ── ${keys}`, columns, 'notice');
  return spans.map(({ text: line, style }) => ({ text: fit(line, columns), style }));
}

const hint = (keys: string): string => `${keys}  `;

function plain(text: string, columns: number): ScreenRow {
  return [{ text: fit(text, columns).trimEnd(), style: 'plain' }];
}

function typed(text: string, columns: number): ScreenRow {
  return [
    { text: '> ', style: 'prompt' },
    { text: fit(sanitizeLine(text), columns - 2).trimEnd(), style: 'plain' },
  ];
}

function linesOf(
  { lines, top }: { lines: readonly string[]; top: number },
  columns: number,
  height: number,
): ScreenRow[] {
  return rowsOf(lines, columns)
    .slice(top, top + height)
    .map((line) => [{ text: ` ${line}`, style: 'plain' as const }]);
}

/** Lines to be read, as the rows that they take. */
export function rowsOf(lines: readonly string[], columns: number): string[] {
  return lines.flatMap((line) => sanitizeText(line, '').split('\n')).flatMap((line) => hanging(line, columns - 1));
}

/** What goes on in another row stands a little further in than it began, where it did not begin at the edge. */
function hanging(line: string, columns: number): string[] {
  const [first = ''] = wrap(line, columns);
  const rest = line.slice(first.length).trimStart();
  if (rest === '') return [first];
  const begun = /^ */.exec(line)?.[0].length ?? 0;
  const indent = ' '.repeat(begun === 0 ? 0 : Math.min(begun + 2, Math.floor(columns / 4)));
  return [first, ...wrap(rest, columns - indent.length).map((row) => `${indent}${row}`)];
}

/** As many as there is room for, with the chosen one among them. */
function chosenFrom(lines: readonly string[], selected: number, columns: number, height: number): ScreenRow[] {
  const top = Math.max(0, Math.min(selected - Math.floor(height / 2), lines.length - height));
  return lines.slice(top, top + height).map((line, n) => {
    const isSelected = top + n === selected;
    return [{ text: fit(`${isSelected ? '> ' : '  '}${line}`, columns), style: isSelected ? 'selected' : 'plain' }];
  });
}

function resultLine(model: Model, message: Message): string {
  const who = message.direction === 'sent' ? `you to ${nameOf(model, message.peer)}` : nameOf(model, message.peer);
  return `${message.committedAt.slice(0, 10)} ${timeOf(message)} ${who}: ${oneLine(message.text)}`;
}

function oneLine(text: string | null): string {
  return sanitizeText(text ?? '(needs a newer version of Earshot)', '').replaceAll('\n', ' ');
}
