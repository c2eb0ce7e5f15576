/** Keys while nothing lies over the conversation: writing, sending, completing, moving. Pure. */
import { withoutNewestBanner } from './banners.js';
import { parseSlash, textOf, typedFor } from '../slash/parse.js';
import { editorOf, withEditor } from './active-editor.js';
import { completed } from './completion.js';
import { edit, EMPTY, insert, withText, type EditAction } from './editor/editor.js';
import { helpLines } from './help.js';
import type { ActionName } from './keys/actions.js';
import { conversationWith, step, withConversation, type Model, type Pending, type Step } from './model.js';
import { listed, withActivity } from './people.js';
import { markAllRead, openConversation, scroll, toUnread, WRITTEN_MAX } from './reading.js';
import { complain, quit, showLines, slash } from './slash.js';

/** Pasted lines beyond this are shown before they are taken. */
const PASTE_LINES_MAX = 3;

export function textTyped(model: Model, text: string): Step {
  return step({ ...withEditor(model, insert(editorOf(model), text)), completion: null, mayQuit: false, notice: null });
}

export function pasted(model: Model, text: string): Step {
  const lines = text.split('\n').length;
  // Of lines that are copied, the last one ends, too.
  if (lines > PASTE_LINES_MAX && text.endsWith('\n')) return pasted(model, text.slice(0, -1));
  return lines > PASTE_LINES_MAX ? step({ ...model, overlay: { kind: 'paste', text } }) : textTyped(model, text);
}

/** @param key as it was pressed, for the actions that have several */
export function act(model: Model, action: ActionName, key: string): Step {
  switch (action) {
    case 'send':
      return send(model);
    case 'complete':
    case 'complete-back':
      return completed(model, action === 'complete' ? 1 : -1);
    case 'up':
    case 'down': {
      const moved = edit(editorOf(model), action);
      return moved === undefined ? recall(model, action === 'up' ? -1 : 1) : step(withEditor(model, moved));
    }
    case 'delete-or-quit':
      return editorOf(model).text === '' ? quit(model) : editing(model, 'delete');
    case 'leave':
      return editorOf(model).text === ''
        ? quit(model)
        : step({
            ...model,
            notice: {
              text: 'Ctrl+U empties the line, Ctrl+C on an empty one leaves. What is written here is kept.',
              isWarning: false,
            },
          });
    case 'close':
      return step({ ...(withoutNewestBanner(model) ?? model), notice: null, completion: null });
    case 'next':
      return neighbour(model, 1);
    case 'previous':
      return neighbour(model, -1);
    case 'goto': {
      const digit = Number(key.at(-1));
      const peer = listed(model)[digit === 0 ? 9 : digit - 1];
      return peer === undefined ? step(model) : openConversation(model, peer);
    }
    case 'activity': {
      const [peer] = withActivity(model);
      return peer === undefined
        ? step({ ...model, notice: { text: 'Nothing new.', isWarning: false } })
        : openConversation(model, peer);
    }
    case 'jump':
      return step({ ...model, overlay: { kind: 'jump', editor: EMPTY, selected: 0 } });
    case 'read-all':
      return markAllRead(model);
    case 'list':
      return step({ ...model, hasList: !model.hasList });
    case 'page-up':
    case 'page-down':
    case 'top':
    case 'bottom':
      return scroll(model, action);
    case 'unread':
      return toUnread(model);
    case 'search':
      return model.open === null
        ? complain(model, 'Choose somebody first: Ctrl+K.')
        : step({ ...model, overlay: { kind: 'find', editor: EMPTY, found: null } });
    case 'search-all':
      return step({ ...model, overlay: { kind: 'search', editor: EMPTY, words: '', results: null, selected: 0 } });
    case 'bare':
      return step({ ...model, isBare: !model.isBare }, { do: 'redraw' });
    case 'mouse':
      return step(
        {
          ...model,
          hasMouse: !model.hasMouse,
          notice: { text: model.hasMouse ? 'The mouse selects text.' : 'The wheel scrolls.', isWarning: false },
        },
        { do: 'mouse', on: !model.hasMouse },
      );
    case 'help':
      return showLines(model, 'Help', helpLines(model.bindings));
    case 'outbox':
      return step(model, { do: 'outbox' });
    case 'restart':
      return step({ ...model, isRestarting: true }, { do: 'restart' });
    case 'redraw':
      return step(model, { do: 'redraw' });
    case 'suspend':
      return step(model, { do: 'suspend' });
    default:
      return editing(model, action);
  }
}

function editing(model: Model, action: EditAction): Step {
  const editor = edit(editorOf(model), action);
  return step({ ...(editor === undefined ? model : withEditor(model, editor)), completion: null });
}

function neighbour(model: Model, by: 1 | -1): Step {
  const peers = listed(model);
  if (peers.length === 0) return step(model);
  const at = model.open === null ? (by === 1 ? -1 : 0) : peers.indexOf(model.open);
  const peer = peers[(at + by + peers.length) % peers.length];
  return peer === undefined ? step(model) : openConversation(model, peer);
}

/** What was written here before, as readline does: what is being written comes back at the end. */
function recall(model: Model, by: 1 | -1): Step {
  if (model.open === null) return step(model);
  const { written, recalled, editor } = conversationWith(model, model.open);
  const index = (recalled?.index ?? written.length) + by;
  const draft = recalled?.draft ?? editor.text;
  if (index < 0 || (recalled === null && by === 1)) return step(model);
  const text = written[index] ?? draft;
  const back = index >= written.length;
  return step(
    withConversation(model, model.open, { editor: withText(editor, text), recalled: back ? null : { index, draft } }),
  );
}

function send(model: Model): Step {
  const { text } = editorOf(model);
  if (text.trim() === '') return step(model);
  const command = parseSlash('full', text);
  // What somebody does is said as it was typed.
  const isSaid =
    command === undefined || (command.refused === undefined && command.name === 'me' && model.open !== null);
  if (!isSaid) return slash(written(model, text), command);
  // As in the line console: to whom it is addressed, whoever is open.
  const direct = command === undefined ? /^@(?!@)(\S+)(?:\s+(.*))?$/s.exec(text) : null;
  if (direct !== null)
    return step(written(model, text), { do: 'choose', query: direct[1] ?? '', text: direct[2] ?? '', line: text });
  if (model.open === null)
    return complain(model, 'Choose somebody first: Ctrl+K, or Ctrl+N for the first in the list.');
  return step(followed(written(model, text)), { do: 'send', peer: model.open, text: textOf(text) });
}

/** The line is empty again, and what stood there can be called back. */
function written(model: Model, text: string): Model {
  const empty = withEditor({ ...model, completion: null, notice: null }, withText(editorOf(model), ''));
  if (model.open === null) return empty;
  const { written: before } = conversationWith(model, model.open);
  const all = before.at(-1) === text ? before : [...before, text].slice(-WRITTEN_MAX);
  return withConversation(empty, model.open, { written: all, recalled: null });
}

/** Whoever says something looks at what it follows on, and has read what was new. */
function followed(model: Model): Model {
  return model.open === null
    ? model
    : withConversation(model, model.open, { place: 'bottom', below: 0, unreadFrom: null });
}

/** A text that was not stored stands in the line again; where something else does, the keys for what was written bring it back. */
export function giveBack(model: Model, { id, peer, text }: Pending): Model {
  const pending = model.pending.filter((one) => one.id !== id);
  const { editor, written: before } = conversationWith(model, peer);
  const typed = typedFor(text);
  return withConversation(
    { ...model, pending },
    peer,
    editor.text === '' ? { editor: withText(editor, typed) } : { written: [...before, typed] },
  );
}
