/**
 * The whole screen as rows of styled text, and where the cursor is. Pure, of the model alone: what draws it decides nothing.
 *
 *     title                                      bob  online, verified, 10.0.0.7:7001
 *     list │ conversation, or what lies over it
 *     status                                     alice  2 unread: carol 2            F1 help
 *     > what is being written
 */
import { see } from '../conversation/viewport.js';
import { rule, type Row, type Span } from '../conversation/rows.js';
import { fit, widthOf, wrap } from '../text/width.js';
import { keyInWords } from '../keys/bindings.js';
import { layoutOf, PROMPT, type Layout } from '../layout.js';
import { conversationWith, type Model } from '../model.js';
import { listed, nameOf } from '../people.js';
import { entriesFor } from '../reading.js';
import { notTheOne, presenceInWords } from '../../text/lines.js';
import { sanitizeLine, sanitizeName } from '../../text/sanitize.js';
import { editorOf } from '../active-editor.js';
import { editorLines, sanitizeTyped } from './editor-rows.js';
import { overlayRows } from './overlay.js';
import type { Screen, ScreenRow, ScreenStyle } from './screen-row.js';
import { welcomeRows } from './welcome.js';

/** Smaller than this there is no room for anything. */
const MIN_COLUMNS = 10;
const MIN_ROWS = 4;

export function screenOf(model: Model): Screen {
  const { columns, rows } = model;
  if (columns < MIN_COLUMNS || rows < MIN_ROWS)
    return {
      rows: filled([[{ text: fit('too small', columns), style: 'plain' }]], rows),
      cursor: { row: 0, column: 0 },
    };
  // Whoever was here before sees whom they write to, whether or not the messenger has answered yet.
  const isNew = model.username === null || (model.username === undefined && model.open === null);
  if (isNew && model.overlay === null) return welcome(model);
  const layout = layoutOf(model);
  const middle = middleRows(model, layout);
  const { shown, cursor } = inputLines(model, layout.input);
  const banner = layout.banner.map((text): ScreenRow => [{ text: fit(text, columns), style: 'status-warning' }]);
  const above = model.isBare ? middle : [titleRow(model), ...banner, ...middle, statusRow(model)];
  const over = overlayCursor(model, layout);
  return {
    rows: filled([...above, ...shown], rows).map((row) => cut(row, columns)),
    cursor: over ?? { row: above.length + cursor.row, column: Math.min(columns - 1, cursor.column) },
  };
}

/** In the line of what lies over the conversation, where that has one of its own: the second of its rows. */
function overlayCursor({ overlay, isBare, columns }: Model, { pane, banner }: Layout): Screen['cursor'] | undefined {
  if (overlay?.kind !== 'jump' && overlay?.kind !== 'search') return undefined;
  const { text, cursor } = overlay.editor;
  const along = Math.min(pane - 1, PROMPT.length + widthOf(sanitizeTyped(text.slice(0, cursor))));
  return { row: (isBare ? 0 : 1) + banner.length + 1, column: Math.min(columns - 1, columns - pane + along) };
}

function welcome(model: Model): Screen {
  const { columns, rows } = model;
  const { lines, cursor } = welcomeRows(model);
  const body = filled(lines, rows - 1).slice(0, rows - 1);
  return {
    rows: [...body, statusRow(model)].map((row) => cut(row, columns)),
    cursor: { row: Math.min(cursor.row, rows - 2), column: Math.min(cursor.column, columns - 1) },
  };
}

function filled(given: readonly ScreenRow[], rows: number): ScreenRow[] {
  return Array.from({ length: rows }, (_, n) => given[n] ?? []);
}

/** As much of a row as there is room for. */
function cut(row: ScreenRow, columns: number): ScreenRow {
  let room = columns;
  return row.flatMap(({ text, style }) => {
    const shown = widthOf(text) > room ? fit(text, room) : text;
    room -= widthOf(shown);
    return shown === '' ? [] : [{ text: shown, style }];
  });
}

function titleRow(model: Model): ScreenRow {
  const { columns, open, peers } = model;
  const peer = open === null ? undefined : peers.get(open);
  if (open === null) return [{ text: fit(' Earshot', columns), style: 'title' }];
  const warning = peer?.namesakeOf === undefined ? '' : `  ! ${notTheOne(peer.namesakeOf)}!`;
  const said = peer === undefined ? '' : presenceInWords({ busy: peer.busy ?? false, status: peer.status ?? '' });
  const trust = peer?.trust === 'new' ? 'new to you: /accept or /block' : (peer?.trust ?? '');
  const about = [
    peer?.presence === 'online' ? 'online' : 'away: what you write waits',
    trust,
    peer?.address ?? '',
    said,
  ].filter((one) => one !== '');
  return [
    {
      text: fit(` ${nameOf(model, open)}${warning}  ${about.join(', ')}`, columns),
      style: warning === '' ? 'title' : 'status-warning',
    },
  ];
}

function middleRows(model: Model, layout: Layout): ScreenRow[] {
  const pane = paneRows(model, layout);
  if (layout.list === 0) return pane;
  const list = listRows(model, layout);
  return pane.map((row, n) => [...(list[n] ?? []), { text: '│', style: 'dim' }, ...row]);
}

function paneRows(model: Model, layout: Layout): ScreenRow[] {
  const { overlay, open } = model;
  const { pane, height } = layout;
  if (overlay !== null && overlay.kind !== 'find')
    return filled(overlayRows(model, overlay, pane, height), height).slice(0, height);
  if (open === null) return filled(emptyPane(model, pane), height).slice(0, height);
  const conversation = conversationWith(model, open);
  const seen = see(entriesFor(model, conversation), conversation.place, height);
  const rows: ScreenRow[] = seen.rows.map(({ spans }: Row) => spans);
  // What there is stands at the bottom, next to where one writes.
  const padded = [...Array.from({ length: height - rows.length }, () => [] as Span[]), ...rows];
  if (conversation.place !== 'bottom' && conversation.messages.length > 0 && height > 1) {
    const below = Math.max(conversation.below, conversation.unread);
    const text = below === 0 ? '↓ more below' : `↓ ${below} new`;
    padded[height - 1] = rule(text, pane, below === 0 ? 'dim' : 'unread').spans;
  }
  return padded;
}

function emptyPane(model: Model, columns: number): ScreenRow[] {
  const jump = keyInWords(model.bindings.keysOf('jump')[0] ?? '');
  const text =
    listed(model).length === 0
      ? 'Nobody else is around yet. Whoever starts Earshot on this network appears by itself.'
      : `${jump} chooses whom to talk to.`;
  return [[], ...wrap(text, columns - 2).map((line) => [{ text: ` ${line}`, style: 'dim' as const }])];
}

const GLYPH = { online: '●', away: '○' } as const;

function listRows(model: Model, { list, height }: Layout): ScreenRow[] {
  const peers = listed(model);
  const at = model.open === null ? 0 : Math.max(0, peers.indexOf(model.open));
  const top = Math.max(0, Math.min(at - Math.floor(height / 2), peers.length - height));
  const rows = peers.slice(top, top + height).map((id, n): ScreenRow => {
    const peer = model.peers.get(id);
    const { unread, editor } = conversationWith(model, id);
    const number = top + n + 1;
    const mark = unread > 0 ? ` ${unread > 99 ? '99+' : unread}` : editor.text !== '' && id !== model.open ? ' …' : '';
    const presence = peer?.presence ?? 'away';
    const warning = peer?.namesakeOf === undefined ? '' : '!';
    const room = list - 4 - widthOf(mark);
    const style: ScreenStyle =
      id === model.open ? 'selected' : unread > 0 ? 'unread' : presence === 'online' ? 'plain' : 'dim';
    return [
      { text: `${number <= 10 ? String(number % 10) : ' '} `, style: 'dim' },
      { text: `${GLYPH[presence]} `, style: presence === 'online' ? 'online' : 'dim' },
      { text: `${fit(warning + nameOf(model, id), room)}${mark}`, style },
    ];
  });
  const blank: ScreenRow = [{ text: ' '.repeat(list), style: 'plain' }];
  return Array.from({ length: height }, (_, n) => rows[n] ?? blank);
}

function statusRow(model: Model): ScreenRow {
  const { columns, notice, username, messenger, down, isRestarting, presence } = model;
  const restart = keyInWords(model.bindings.keysOf('restart')[0] ?? '/restart');
  const trouble = isRestarting
    ? 'starting the services …'
    : messenger === 'starting' && username === undefined
      ? 'waiting for the messenger …'
      : down.length > 0 || messenger === 'down'
        ? `${(down.length > 0 ? down : ['messenger']).join(', ')} down: ${restart} starts what is down`
        : '';
  const unread = listed(model).flatMap((id) => {
    const count = conversationWith(model, id).unread;
    return count > 0 ? [`${nameOf(model, id)} ${count > 99 ? '99+' : count}`] : [];
  });
  const own = typeof username === 'string' ? sanitizeName(username) : '';
  const said = presenceInWords(presence);
  const help = ` ${keyInWords(model.bindings.keysOf('help')[0] ?? '/help')} help `;
  const parts = [
    `${own}${said === '' ? '' : ` (${said})`}`,
    ...(trouble === '' ? [] : [`! ${trouble}`]),
    ...(unread.length === 0 ? [] : [`unread: ${unread.join(', ')}`]),
    ...(notice === null ? [] : [`${notice.isWarning ? '! ' : ''}${sanitizeLine(notice.text)}`]),
  ].filter((part) => part !== '');
  const room = columns - widthOf(help);
  const style = trouble !== '' || notice?.isWarning === true ? 'status-warning' : 'status';
  const text = ` ${parts.join('  ')}`;
  return room > 20
    ? [
        { text: fit(text, room), style },
        { text: help, style },
      ]
    : [{ text: fit(text, columns), style }];
}

/** The line that is being written, as much of it as there is room for, around the cursor. */
function inputLines(model: Model, height: number) {
  const { overlay } = model;
  const [prompt, editor] =
    overlay !== null && 'editor' in overlay && overlay.kind === 'find'
      ? ['search: ', overlay.editor]
      : [PROMPT, editorOf(model)];
  return editorLines(model.columns, prompt, editor, height);
}
