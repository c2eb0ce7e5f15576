/** What the line console knows, what can happen to it, and what it can have done. */
import type { Message, MessageState, Peer } from '@earshot/protocol/ipc';
import type { Question } from '../slash/carry-out.js';
import type { NotifyLevel } from '../slash/commands.js';
import type { Columns } from '../text/fold.js';

export interface Model {
  /** Undefined until the messenger has said who we are; null while nobody is registered. */
  readonly username: string | null | undefined;
  /** The name that the user was last greeted by. */
  readonly greetedAs: string | null | undefined;
  /** Null where the login name cannot be a username. */
  readonly suggestedName: string | null;
  /** By peer id; those without one by address and name. */
  readonly peers: ReadonlyMap<string, Peer>;
  /** As they were before the snapshot that is being applied: only differences are news. */
  readonly peersBefore: ReadonlyMap<string, Peer>;
  /** Whom a line without a command goes to. */
  readonly chosen: string | null;
  /** Messages that were read on no screen, by peer; of whoever is chosen there are none. */
  readonly unread: ReadonlyMap<string, number>;
  /** Strangers of whom the user has been told what can be done about them. */
  readonly introduced: ReadonlySet<string>;
  /** Messages sent from here that have not come to their end. */
  readonly mine: ReadonlySet<string>;
  readonly messenger: 'starting' | 'up' | 'down';
  /** Lines typed and not begun, in order. */
  readonly waiting: readonly string[];
  /** The line whose effects are being carried out. */
  readonly current: string | null;
  /** Lists of effects being carried out. Nothing in order is begun meanwhile. */
  readonly busy: number;
  readonly inputEnded: boolean;
  /** The user was told that lines are waiting, and asked to confirm. */
  readonly mayQuit: boolean;
  /** Nothing is begun any more: what is waited for may still be told. */
  readonly leaving: boolean;
  /** A message was not sent: in a pipe, that is for the exit code to say. */
  readonly hasFailed: boolean;
  /** Under the supervisor: nobody may be looking, so nothing counts as read and nothing ends it. */
  readonly supervised: boolean;
  /** Of conversations without a level of their own. */
  readonly notify: NotifyLevel;
  readonly notifyOf: ReadonlyMap<string, NotifyLevel>;
  /** When it rang last, in milliseconds. */
  readonly rangAt: number;
  /** On a terminal what was typed stands there already. */
  readonly echo: boolean;
}

export type PlainEvent =
  | { readonly type: 'typed'; readonly line: string }
  | { readonly type: 'input-ended' }
  /** A list of effects has been carried out. */
  | { readonly type: 'done' }
  /** A snapshot follows: what is known is forgotten. */
  | { readonly type: 'reset' }
  | { readonly type: 'up' }
  /** `how`: which service it is and what starts it. */
  | { readonly type: 'down'; readonly how: string }
  | { readonly type: 'self'; readonly username: string | null }
  | { readonly type: 'peer'; readonly peer: Peer }
  | {
      readonly type: 'notice';
      readonly code: string;
      readonly address: string;
      readonly peer: string | null;
      readonly username: string;
    }
  /** Who wrote and waits for an answer. */
  | { readonly type: 'requests'; readonly items: readonly { readonly peer: Peer; readonly messages: number }[] }
  | { readonly type: 'message'; readonly message: Message; readonly at: Date; readonly columns?: Columns }
  | { readonly type: 'state'; readonly id: string; readonly peer: string; readonly state: MessageState }
  /** What is unread in a conversation now. */
  | { readonly type: 'unread'; readonly peer: string; readonly messages: number }
  /** Messages with a peer are gone from this machine. */
  | { readonly type: 'forgotten'; readonly peer: string }
  | { readonly type: 'chosen'; readonly peer: Peer & { readonly id: string } }
  | { readonly type: 'sending'; readonly id: string }
  /** The user said that it is. */
  | { readonly type: 'read'; readonly peer: string }
  /** Without a level: to say which one it is. */
  | { readonly type: 'notify'; readonly peer: string; readonly level?: NotifyLevel };

export type Effect =
  | { readonly do: 'register'; readonly name: string }
  | { readonly do: 'choose'; readonly query: string; readonly thenSend?: string }
  | { readonly do: 'send'; readonly peer: string; readonly text: string }
  /** `query` is a name or, where somebody is chosen, a peer id. */
  | { readonly do: 'history'; readonly query: string }
  | Question
  | { readonly do: 'notify'; readonly query: string; readonly level?: NotifyLevel }
  | { readonly do: 'read'; readonly query: string }
  | { readonly do: 'read-all'; readonly peers: readonly string[] }
  | { readonly do: 'search'; readonly words: string }
  | { readonly do: 'bell' | 'clear' | 'outbox' | 'quit' };

export interface Step {
  readonly model: Model;
  /** To be printed. */
  readonly lines: readonly string[];
  /** To be carried out one after the other, and then answered with `done`. */
  readonly effects: readonly Effect[];
}

export function step(model: Model, lines: readonly string[] = [], effects: readonly Effect[] = []): Step {
  return { model, lines, effects };
}

export function initialModel(options: Pick<Model, 'suggestedName' | 'supervised' | 'echo' | 'notify'>): Model {
  return {
    ...options,
    username: undefined,
    greetedAs: undefined,
    peers: new Map(),
    peersBefore: new Map(),
    chosen: null,
    unread: new Map(),
    introduced: new Set(),
    mine: new Set(),
    notifyOf: new Map(),
    rangAt: 0,
    messenger: 'starting',
    waiting: [],
    current: null,
    busy: 0,
    inputEnded: false,
    mayQuit: false,
    leaving: false,
    hasFailed: false,
  };
}

/** Lines that the messenger has not answered: what is lost to whoever leaves now. */
export function unanswered({ current, waiting }: Model): string[] {
  return [...(current === null ? [] : [current]), ...waiting];
}
