/**
 * The full screen's mind. Pure: what happens goes in; what there is to know then, and what is to be carried out, come back.
 *
 *   starting ──snapshot──▶ up ⇄ down
 *
 * Keys go to what lies over the conversation, if anything does, else to the line that is being written (typing.ts).
 */
import type { ServiceName } from '@earshot/protocol/ipc';
import { messageCame, peerCame, remark, stateChanged } from './arriving.js';
import { over, warned } from './banners.js';
import { editorOf, withEditor } from './active-editor.js';
import { pathsCame } from './completion.js';
import { edit, insert, isLineEdit, withText } from './editor/editor.js';
import { helpLines } from './help.js';
import type { Input } from './keys/decoder.js';
import {
  conversationWith,
  step,
  withConversation,
  type Effect,
  type FullEvent,
  type Model,
  type Step,
} from './model.js';
import { actOver, typedOver } from './overlays.js';
import { listed } from './people.js';
import { forgotten, loadWhatIsMissing, openConversation, pageCame, scroll, unreadCame } from './reading.js';
import { quit, showLines } from './slash.js';
import { widthOf } from './text/width.js';
import { act, giveBack, pasted, textTyped } from './typing.js';

export function update(model: Model, event: FullEvent): Step {
  switch (event.type) {
    case 'input':
      return input(model, event.input);
    case 'resized':
      return loadWhatIsMissing({ ...model, columns: event.columns, rows: event.rows });
    case 'wheel':
      return model.overlay === null ? scroll(model, event.by) : step(model);
    case 'up':
      return withEffect(loadWhatIsMissing({ ...model, messenger: 'up' }), { do: 'known' });
    case 'down':
      return step({ ...model, messenger: 'down' });
    case 'self':
      return step({ ...model, username: event.username, ...(event.username === null ? {} : { naming: named(model) }) });
    case 'presence':
      return step({ ...model, presence: event.presence });
    case 'peer':
      return step(peerCame(model, event.peer));
    case 'warned': {
      const remarked =
        event.peer === null
          ? model
          : event.lines.reduce((next, line) => remark(next, event.peer ?? '', line, true), model);
      return step(warned(remarked, event));
    }
    case 'warning-over':
      return step(over(model, event.id));
    case 'services':
      return servicesLooked(model, event.down);
    case 'restarted':
      return step({ ...model, isRestarting: false, notice: event });
    case 'known':
      return known(model, event.conversations);
    case 'page':
      return pageCame(model, event);
    case 'page-failed':
      return step(withConversation(model, event.peer, { isLoading: false }));
    case 'message':
      return messageCame(model, event.message);
    case 'state':
      return step(stateChanged(model, event.peer, event.id, event.state));
    case 'unread':
      return loadWhatIsMissing(unreadCame(model, event));
    case 'forgotten':
      return forgotten(model, event.peer);
    case 'sending':
      return step({ ...model, pending: [...model.pending, event.pending] });
    case 'stored':
      return step({ ...model, pending: model.pending.filter(({ id }) => id !== event.id) });
    case 'not-stored':
      return step({ ...giveBack(model, event.pending), notice: { text: `Not sent: ${event.why}`, isWarning: true } });
    case 'chosen':
      return chosen(model, event);
    case 'not-chosen':
      return step(editorOf(model).text === '' ? withEditor(model, withText(editorOf(model), event.line)) : model);
    case 'found':
      return model.overlay?.kind === 'search' && model.overlay.words === event.words
        ? step({ ...model, overlay: { ...model.overlay, results: event.results, selected: 0 } })
        : step(model);
    case 'paths':
      return step(pathsCame(model, event.beginning, event.paths));
    case 'outbox':
      return step({ ...model, overlay: { kind: 'outbox', items: event.items, selected: 0 } });
    case 'lines':
      return showLines(model, event.title, event.lines);
    case 'said':
      return event.peer !== null && model.open !== event.peer
        ? step({ ...remark(model, event.peer, event.text, event.isWarning), notice: event })
        : event.peer !== null
          ? step(remark(model, event.peer, event.text, event.isWarning))
          : noticed(model, event);
  }
}

function withEffect({ model, effects }: Step, effect: Step['effects'][number]): Step {
  return { model, effects: [...effects, effect] };
}

/** In the status bar, or where it is longer than that, in lines of its own: what is cut off cannot be asked for. */
function noticed(model: Model, said: { readonly text: string; readonly isWarning: boolean }): Step {
  const isLong = widthOf(said.text) > model.columns / 2 && typeof model.username === 'string';
  return isLong && model.overlay === null
    ? showLines(model, said.isWarning ? 'Not done' : 'Note', [said.text])
    : step({ ...model, notice: said });
}

/** The line in which the name was chosen is empty again. */
function named(model: Model) {
  return model.username === null ? withText(model.naming, '') : model.naming;
}

function input(model: Model, given: Input): Step {
  const { overlay } = model;
  if (model.username === null && overlay === null) return naming(model, given);
  if (given.type === 'text' && overlay?.kind === 'paste') return step(model);
  if (given.type === 'text')
    return overlay === null ? textTyped(model, given.text) : typedOver(model, overlay, given.text);
  if (given.type === 'paste')
    return overlay === null ? pasted(model, given.text) : typedOver(model, overlay, given.text.replaceAll('\n', ' '));
  const action = model.bindings.actionOf(given.key);
  if (action === undefined) return step(model);
  const over = overlay === null ? undefined : actOver(model, overlay, action);
  return over ?? act(model, action, given.key);
}

/** Before there is a name, one is chosen. */
function naming(model: Model, given: Input): Step {
  const { naming: editor } = model;
  if (given.type !== 'key') {
    const text = given.text.replaceAll('\n', ' ');
    return step({ ...model, notice: null, naming: insert(editor, text) });
  }
  const action = model.bindings.actionOf(given.key);
  switch (action) {
    case 'send': {
      const name = editor.text.trim() || model.suggestedName;
      return name === null ? step(model) : step({ ...model, notice: null }, { do: 'register', name });
    }
    case 'leave':
    case 'delete-or-quit':
      return editor.text === '' ? quit(model) : step({ ...model, naming: withText(editor, '') });
    case 'help':
      return showLines(model, 'Help', helpLines(model.bindings));
    case 'redraw':
    case 'suspend':
      return step(model, { do: action });
    case 'restart':
      return step({ ...model, isRestarting: true }, { do: 'restart' });
    case undefined:
      return step(model);
    default:
      return step({ ...model, naming: (isLineEdit(action) ? edit(editor, action) : undefined) ?? editor });
  }
}

/** Whom there are messages with, and since when. */
function known(model: Model, conversations: Extract<FullEvent, { type: 'known' }>['conversations']): Step {
  let next = model;
  for (const { peer, lastAt } of conversations) {
    const lastMs = Date.parse(lastAt);
    const { lastMs: knownMs, rank } = conversationWith(next, peer);
    if (knownMs < lastMs || rank === null)
      next = withConversation(next, peer, { lastMs: Math.max(knownMs, lastMs), rank: rank ?? lastMs });
  }
  const first = listed(next)[0];
  return next.open === null && first !== undefined && conversations.length > 0 && next.naming.text === ''
    ? openConversation(next, first)
    : step(next);
}

function chosen(model: Model, { peer, text }: Extract<FullEvent, { type: 'chosen' }>): Step {
  const known = { ...model, peers: new Map(model.peers).set(peer.id, peer) };
  const effects: Effect[] = text === '' ? [] : [{ do: 'send', peer: peer.id, text }];
  // Whoever has gone on writing to somebody else writes on to them.
  if (text !== '' && editorOf(model).text !== '') return step(known, ...effects);
  const opened = openConversation(known, peer.id);
  return { model: opened.model, effects: [...opened.effects, ...effects] };
}

/** The log server is back: whom one has talked to was asked for in vain, if it was asked for meanwhile. */
function servicesLooked(model: Model, down: readonly ServiceName[]): Step {
  const next = step({ ...model, down });
  const isBack = model.down.includes('logserver') && !down.includes('logserver');
  return isBack ? withEffect(next, { do: 'known' }) : next;
}
