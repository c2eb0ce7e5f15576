/** What the full screen knows, what can happen to it, and what it can have done. All of it is data: the terminal and the services are elsewhere. */
import type { Message, MessageState, OwnPresence, Peer, ServiceName, Unread } from '@earshot/protocol/ipc';
import type { Conversation as KnownConversation } from '../services/log-server.js';
import type { Remark } from './conversation/rows.js';
import type { Place } from './conversation/viewport.js';
import { EMPTY, type Editor } from './editor/editor.js';
import type { Question } from '../slash/carry-out.js';
import type { NotifyLevel } from '../slash/commands.js';
import type { Bindings } from './keys/bindings.js';
import type { Input } from './keys/decoder.js';

export type Theme = 'dark' | 'light' | 'none';

export interface Conversation {
  readonly peer: string;
  /** As far as they are loaded, oldest first. */
  readonly messages: readonly Message[];
  /** Nothing is before the oldest. */
  readonly isWhole: boolean;
  /** A page is on its way. */
  readonly isLoading: boolean;
  /** A message further back that is to be shown: pages are loaded until it is there. */
  readonly seeking: string | null;
  /** How often what is loaded was thrown away: a page that was asked for before that may hold what is forgotten. */
  readonly generation: number;
  readonly place: Place;
  /** Messages that came below what is seen. */
  readonly below: number;
  readonly unread: number;
  /** The newest message that was read, here or on another screen. */
  readonly readUpTo: string | null;
  /** Where the line stands that says what is new. */
  readonly unreadFrom: string | null;
  readonly remarks: readonly Remark[];
  /** Nothing up to this message is shown: /clear. */
  readonly clearedUpTo: string | null;
  /** Of the newest message, epoch milliseconds; 0 where there is none. */
  readonly lastMs: number;
  /** Where it stands in the list, from the top down, from now on; null for as long as that is not settled. */
  readonly rank: number | null;
  readonly editor: Editor;
  /** What was written here, oldest first. */
  readonly written: readonly string[];
  /** Which of those stands in the editor, and what stood there before. */
  readonly recalled: { readonly index: number; readonly draft: string } | null;
  /** Null: as everywhere. */
  readonly notify: NotifyLevel | null;
}

/** Written, and not stored by the messenger yet. */
export interface Pending {
  readonly id: string;
  readonly peer: string;
  readonly text: string;
}

/** What lies over the conversation, and takes the keys. */
export type Overlay =
  | { readonly kind: 'jump'; readonly editor: Editor; readonly selected: number }
  | { readonly kind: 'find'; readonly editor: Editor; readonly found: string | null }
  | {
      readonly kind: 'search';
      readonly editor: Editor;
      /** The words that the results are of. */
      readonly words: string;
      readonly results: readonly Message[] | null;
      readonly selected: number;
    }
  | { readonly kind: 'lines'; readonly title: string; readonly lines: readonly string[]; readonly top: number }
  | { readonly kind: 'outbox'; readonly items: readonly Message[]; readonly selected: number }
  | { readonly kind: 'paste'; readonly text: string };

/** Something that must not be missed. */
export interface Banner {
  /** Of what it is about. */
  readonly id: string;
  readonly lines: readonly string[];
}

export interface Completion {
  readonly candidates: readonly string[];
  readonly index: number;
  /** What stands before and behind the word that is completed. */
  readonly before: string;
  readonly after: string;
}

export interface Model {
  readonly columns: number;
  readonly rows: number;
  /** Undefined until the messenger has said who we are; null while nobody is registered. */
  readonly username: string | null | undefined;
  readonly suggestedName: string | null;
  readonly presence: OwnPresence;
  /** The name that is being chosen. */
  readonly naming: Editor;
  readonly messenger: 'starting' | 'up' | 'down';
  readonly down: readonly ServiceName[];
  readonly isRestarting: boolean;
  readonly peers: ReadonlyMap<string, Peer>;
  readonly conversations: ReadonlyMap<string, Conversation>;
  readonly open: string | null;
  readonly pending: readonly Pending[];
  readonly overlay: Overlay | null;
  readonly completion: Completion | null;
  readonly hasList: boolean;
  readonly isBare: boolean;
  readonly hasMouse: boolean;
  /** The newest thing to say that belongs to no conversation. */
  readonly notice: { readonly text: string; readonly isWarning: boolean } | null;
  /** Oldest first; the newest is shown. */
  readonly banners: readonly Banner[];
  readonly closedBanners: ReadonlySet<string>;
  readonly bindings: Bindings;
  readonly theme: Theme;
  readonly notify: NotifyLevel;
  /** The user was told what would be lost, and asked again. */
  readonly mayQuit: boolean;
}

export type FullEvent =
  | { readonly type: 'input'; readonly input: Input }
  | { readonly type: 'resized'; readonly columns: number; readonly rows: number }
  /** A wheel, by rows; negative is up. */
  | { readonly type: 'wheel'; readonly by: number }
  /** Something that must not be missed; `peer` is whose conversation it belongs to as well. */
  | {
      readonly type: 'warned';
      readonly id: string;
      readonly lines: readonly string[];
      readonly peer: string | null;
    }
  | { readonly type: 'warning-over'; readonly id: string }
  | { readonly type: 'up' }
  | { readonly type: 'down' }
  | { readonly type: 'self'; readonly username: string | null }
  | { readonly type: 'presence'; readonly presence: OwnPresence }
  | { readonly type: 'peer'; readonly peer: Peer }
  | { readonly type: 'services'; readonly down: readonly ServiceName[] }
  | { readonly type: 'restarted'; readonly text: string; readonly isWarning: boolean }
  | { readonly type: 'known'; readonly conversations: readonly KnownConversation[] }
  /** A page of messages before `before`, or the newest, oldest first. */
  | {
      readonly type: 'page';
      readonly peer: string;
      readonly before: string | null;
      readonly generation: number;
      readonly items: readonly Message[];
      readonly isWhole: boolean;
    }
  | { readonly type: 'page-failed'; readonly peer: string }
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'state'; readonly id: string; readonly peer: string; readonly state: MessageState }
  | ({ readonly type: 'unread' } & Unread)
  /** Messages with a peer are gone from this machine. */
  | { readonly type: 'forgotten'; readonly peer: string }
  | { readonly type: 'sending'; readonly pending: Pending }
  /** The messenger has it; as a message it comes by the feed. */
  | { readonly type: 'stored'; readonly id: string }
  | { readonly type: 'not-stored'; readonly pending: Pending; readonly why: string }
  | { readonly type: 'chosen'; readonly peer: Peer & { readonly id: string }; readonly text: string }
  | { readonly type: 'not-chosen'; readonly line: string }
  | { readonly type: 'found'; readonly words: string; readonly results: readonly Message[] }
  | { readonly type: 'paths'; readonly beginning: string; readonly paths: readonly string[] }
  | { readonly type: 'outbox'; readonly items: readonly Message[] }
  /** What a command answers. */
  | { readonly type: 'lines'; readonly title: string; readonly lines: readonly string[] }
  | { readonly type: 'said'; readonly text: string; readonly isWarning: boolean; readonly peer: string | null };

export type Effect =
  | { readonly do: 'register'; readonly name: string }
  /** Under an id that is told with `sending`. */
  | { readonly do: 'send'; readonly peer: string; readonly text: string }
  | { readonly do: 'load'; readonly peer: string; readonly before: string | null; readonly generation: number }
  /** `query` is a name, or an id where somebody is chosen; `line` is what was typed, to be given back where it cannot be done. */
  | { readonly do: 'choose'; readonly query: string; readonly text: string; readonly line: string }
  | Question
  /** All there is of a conversation is read. */
  | { readonly do: 'read'; readonly peer: string }
  | { readonly do: 'search'; readonly words: string }
  /** Paths of this machine that begin so. */
  | { readonly do: 'paths'; readonly beginning: string }
  | { readonly do: 'outbox' | 'known' }
  | { readonly do: 'bell' }
  | { readonly do: 'notify'; readonly title: string; readonly text: string }
  | { readonly do: 'mouse'; readonly on: boolean }
  | { readonly do: 'redraw' | 'suspend' | 'quit' };

export interface Step {
  readonly model: Model;
  readonly effects: readonly Effect[];
}

export function step(model: Model, ...effects: readonly Effect[]): Step {
  return { model, effects };
}

export function emptyConversation(peer: string): Conversation {
  return {
    peer,
    messages: [],
    isWhole: false,
    isLoading: false,
    seeking: null,
    generation: 0,
    place: 'bottom',
    below: 0,
    unread: 0,
    readUpTo: null,
    unreadFrom: null,
    remarks: [],
    clearedUpTo: null,
    lastMs: 0,
    rank: null,
    editor: EMPTY,
    written: [],
    recalled: null,
    notify: null,
  };
}

export function initialModel(
  given: Pick<Model, 'columns' | 'rows' | 'suggestedName' | 'bindings' | 'theme' | 'notify'> & Partial<Model>,
): Model {
  return {
    username: undefined,
    presence: { busy: false, status: '' },
    naming: EMPTY,
    messenger: 'starting',
    down: [],
    isRestarting: false,
    peers: new Map(),
    conversations: new Map(),
    open: null,
    pending: [],
    overlay: null,
    completion: null,
    hasList: true,
    isBare: false,
    hasMouse: false,
    notice: null,
    banners: [],
    closedBanners: new Set(),
    mayQuit: false,
    ...given,
  };
}

/** The conversation with a peer, which may not have begun. */
export function conversationWith(model: Model, peer: string): Conversation {
  return model.conversations.get(peer) ?? emptyConversation(peer);
}

export function withConversation(model: Model, peer: string, change: Partial<Conversation>): Model {
  const conversations = new Map(model.conversations);
  conversations.set(peer, { ...conversationWith(model, peer), ...change });
  return { ...model, conversations };
}
