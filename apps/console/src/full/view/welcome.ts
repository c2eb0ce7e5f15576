/** The first screen: what this is, who is around, what name to take, and the keys that matter. Pure. */
import { keyInWords } from '../keys/bindings.js';
import type { Model } from '../model.js';
import { wrap } from '../text/width.js';
import { sanitizeLine, sanitizeName } from '../../text/sanitize.js';
import { editorLines } from './editor-rows.js';
import type { ScreenRow } from './screen-row.js';

const AROUND_MAX = 6;

export function welcomeRows(model: Model): { lines: ScreenRow[]; cursor: { row: number; column: number } } {
  const { columns, username, suggestedName, naming, peers, bindings, messenger } = model;
  const say = (text: string): ScreenRow[] =>
    wrap(text, columns - 2).map((line) => [{ text: ` ${line}`, style: 'plain' as const }]);
  const head: ScreenRow[] = [
    [{ text: ' Earshot', style: 'author' }],
    ...say('The people on your network, and nobody in between: no server, no account, encrypted from end to end.'),
    [],
  ];
  if (username === undefined) {
    const waiting =
      messenger === 'starting'
        ? 'Waiting for the messenger … `npm start` starts the services.'
        : 'The messenger does not answer: `npm start` starts the services.';
    return { lines: [...head, ...say(waiting)], cursor: { row: head.length, column: 0 } };
  }
  const suggestion = suggestedName === null ? '' : ` Enter alone takes: ${suggestedName}`;
  const around = [...peers.values()].filter(({ presence }) => presence === 'online');
  const names = around.slice(0, AROUND_MAX).map((peer) => sanitizeName(peer.username));
  const more = around.length > names.length ? ` and ${around.length - names.length} more` : '';
  const keys = (['jump', 'activity', 'help'] as const).map((name) => keyInWords(bindings.keysOf(name)[0] ?? ''));
  const before = [...head, ...say(`What name should others see?${suggestion}`), []];
  const { shown, cursor } = editorLines(columns, '> ', naming, 1);
  const lines = [
    ...before,
    ...shown,
    [],
    ...(model.notice === null
      ? []
      : [[{ text: ` ! ${sanitizeLine(model.notice.text)}`, style: 'warning' as const }], []]),
    ...say(
      around.length === 0
        ? 'Nobody else is around yet; they appear by themselves.'
        : `Around now: ${names.join(', ')}${more}.`,
    ),
    [],
    ...say(`${keys[0] ?? ''} jumps to somebody, ${keys[1] ?? ''} to what is new, ${keys[2] ?? ''} shows all keys.`),
  ];
  return { lines, cursor: { row: before.length + cursor.row, column: cursor.column } };
}
