/** Keys while something lies over the conversation: the palette, searches, the outbox, lists of lines, a paste. Pure. */
import type { Message } from '@earshot/protocol/ipc';
import { edit, insert, isLineEdit, withText, type Editor } from './editor/editor.js';
import type { ActionName } from './keys/actions.js';
import { layoutOf } from './layout.js';
import { conversationWith, step, type Model, type Overlay, type Step } from './model.js';
import { matching, nameOf } from './people.js';
import { typedFor } from '../slash/parse.js';
import { openConversation, seek, showMessage } from './reading.js';
import { withEditor } from './active-editor.js';
import { textTyped } from './typing.js';
import { rowsOf } from './view/overlay.js';

/** Of an overlay with a line of its own. */
type WithEditor = Extract<Overlay, { editor: Editor }>;

export function typedOver(model: Model, overlay: Overlay, text: string): Step {
  if ('editor' in overlay) return withLine(model, overlay, insert(overlay.editor, text));
  // What is only to be read gives way to who begins to write.
  return overlay.kind === 'lines' ? textTyped({ ...model, overlay: null }, text) : step(model);
}

/** Undefined for an action that the overlay leaves to the conversation. */
export function actOver(model: Model, overlay: Overlay, action: ActionName): Step | undefined {
  if (action === 'close' || action === 'leave') return step({ ...model, overlay: null });
  if (action === 'redraw' || action === 'suspend' || action === 'restart' || action === 'mouse') return undefined;
  switch (overlay.kind) {
    case 'paste':
      if (action === 'send') return takePaste(model, overlay.text);
      return step(model);
    case 'lines':
      return actOnLines(model, overlay, action);
    case 'outbox':
      return actOnOutbox(model, overlay, action);
    case 'jump':
      return actOnJump(model, overlay, action);
    case 'find':
      return actOnFind(model, overlay, action);
    case 'search':
      return actOnSearch(model, overlay, action);
  }
}

function withLine(model: Model, overlay: WithEditor, editor: Editor): Step {
  if (overlay.kind === 'find') return find({ ...model, overlay: { ...overlay, editor, found: null } });
  if (overlay.kind === 'jump') return step({ ...model, overlay: { ...overlay, editor, selected: 0 } });
  return step({ ...model, overlay: { ...overlay, editor } });
}

function editLine(model: Model, overlay: WithEditor, action: ActionName): Step {
  return isLineEdit(action) ? withLine(model, overlay, edit(overlay.editor, action) ?? overlay.editor) : step(model);
}

function takePaste(model: Model, text: string): Step {
  return textTyped({ ...model, overlay: null }, text);
}

function actOnLines(model: Model, overlay: Extract<Overlay, { kind: 'lines' }>, action: ActionName): Step {
  const { height: rows, pane } = layoutOf(model);
  const height = rows - 1;
  const last = Math.max(0, rowsOf(overlay.lines, pane).length - height);
  const by = { up: -1, previous: -1, down: 1, next: 1, 'page-up': -height, 'page-down': height, send: height } as const;
  const top =
    action === 'top' ? 0 : action === 'bottom' ? last : overlay.top + ((by as Record<string, number>)[action] ?? 0);
  if (action === 'send' && overlay.top >= last) return step({ ...model, overlay: null });
  return step({ ...model, overlay: { ...overlay, top: Math.max(0, Math.min(top, last)) } });
}

function moved(selected: number, action: ActionName, count: number): number | undefined {
  const by = { up: -1, previous: -1, down: 1, next: 1, 'page-up': -10, 'page-down': 10 } as Readonly<
    Record<string, number>
  >;
  const step = by[action];
  return step === undefined ? undefined : Math.max(0, Math.min(selected + step, count - 1));
}

/** Enter has it in the line again, to be changed and sent anew; Delete takes it back. */
function actOnOutbox(model: Model, overlay: Extract<Overlay, { kind: 'outbox' }>, action: ActionName): Step {
  const { items } = overlay;
  const selected = moved(overlay.selected, action, items.length);
  if (selected !== undefined) return step({ ...model, overlay: { ...overlay, selected } });
  const message = items[overlay.selected];
  if (message === undefined) return action === 'send' ? step({ ...model, overlay: null }) : step(model);
  if (action !== 'send' && action !== 'delete') return step(model);
  if (message.state !== 'queued')
    return step({ ...model, notice: { text: 'It is on its way already, and cannot be taken back.', isWarning: true } });
  const effect = { do: 'cancel', id: message.id } as const;
  if (action === 'delete')
    return step({ ...model, overlay: { ...overlay, items: items.filter((one) => one !== message) } }, effect);
  const opened = openConversation(model, message.peer);
  const { editor } = conversationWith(opened.model, message.peer);
  // What is being written there must not be lost to it.
  if (editor.text !== '')
    return step({
      ...model,
      notice: {
        text: `Something is written to ${nameOf(model, message.peer)} already: send it first.`,
        isWarning: true,
      },
    });
  const next = withEditor(opened.model, withText(editor, typedFor(message.text ?? '')));
  return { model: next, effects: [...opened.effects, effect] };
}

function actOnJump(model: Model, overlay: Extract<Overlay, { kind: 'jump' }>, action: ActionName): Step {
  const people = matching(model, overlay.editor.text);
  const selected = moved(overlay.selected, action === 'jump' ? 'down' : action, people.length);
  if (selected !== undefined) return step({ ...model, overlay: { ...overlay, selected } });
  if (action !== 'send' && action !== 'complete') return editLine(model, overlay, action);
  const peer = people[overlay.selected];
  if (peer === undefined) return step({ ...model, notice: { text: 'Nobody is called so.', isWarning: true } });
  return openConversation(model, peer);
}

function actOnFind(model: Model, overlay: Extract<Overlay, { kind: 'find' }>, action: ActionName): Step {
  if (action === 'search' || action === 'up' || action === 'previous') return find(model, -1);
  if (action === 'down' || action === 'next') return find(model, 1);
  if (action === 'send') return step({ ...model, overlay: null });
  return editLine(model, overlay, action);
}

/** The newest message that holds the words, or the next one from the last that was found. */
function find(model: Model, by: -1 | 1 = -1): Step {
  const { overlay, open } = model;
  if (overlay?.kind !== 'find' || open === null || overlay.editor.text === '') return step(model);
  const words = overlay.editor.text.toLowerCase();
  const { messages, isWhole } = conversationWith(model, open);
  const from = overlay.found === null ? messages.length : messages.findIndex(({ id }) => id === overlay.found);
  const holds = ({ text }: Message) => text?.toLowerCase().includes(words) === true;
  const index =
    by === -1
      ? messages.slice(0, from).findLastIndex(holds)
      : messages.findIndex((message, at) => at > from && holds(message));
  const found = messages[index];
  if (found === undefined) {
    const where =
      isWhole || by === 1
        ? overlay.found === null
          ? 'Not here.'
          : 'No other here.'
        : 'Not in what is loaded: Ctrl+R searches everything, PgUp loads more.';
    return step({ ...model, notice: { text: where, isWarning: false } });
  }
  return showMessage({ ...model, notice: null, overlay: { ...overlay, found: found.id } }, found.id);
}

function actOnSearch(model: Model, overlay: Extract<Overlay, { kind: 'search' }>, action: ActionName): Step {
  const { results, editor, words } = overlay;
  const selected = moved(overlay.selected, action, results?.length ?? 0);
  if (selected !== undefined) return step({ ...model, overlay: { ...overlay, selected: Math.max(0, selected) } });
  if (action !== 'send') return editLine(model, overlay, action);
  const text = editor.text.trim();
  if (text === '') return step(model);
  const message = results?.[overlay.selected];
  if (text !== words || message === undefined)
    return step(
      { ...model, overlay: { ...overlay, words: text, results: null, selected: 0 } },
      { do: 'search', words: text },
    );
  const opened = openConversation(model, message.peer);
  const shown = seek(opened.model, message.id);
  return { model: shown.model, effects: [...opened.effects, ...shown.effects] };
}
