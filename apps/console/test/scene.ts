/** The line console's model, to which things happen in a test. */
import type { Message, Peer } from '@earshot/protocol/ipc';
import { initialModel, type Effect, type Model, type PlainEvent } from '../src/plain/model.js';
import { update } from '../src/plain/update.js';

export const ID = 'a'.repeat(52);
export const OTHER_ID = 'b'.repeat(52);
const NOW = new Date(2026, 0, 2, 15, 4);

export const peer = (username: string, more: Partial<Peer> = {}): Peer => ({
  id: ID,
  username,
  address: '192.0.2.7:7001',
  presence: 'online',
  lastSeen: NOW.toISOString(),
  trust: 'accepted',
  ...more,
});
export const received = (text: string, more: Partial<Message> = {}): PlainEvent => ({
  type: 'message',
  at: NOW,
  message: {
    id: '00000000-0000-4000-8000-000000000001',
    peer: ID,
    username: 'bob',
    direction: 'received',
    text,
    sentAt: NOW.toISOString(),
    committedAt: NOW.toISOString(),
    state: 'received',
    ...more,
  },
});
export const unread = (messages: number, peer = ID): PlainEvent => ({ type: 'unread', peer, messages });
export const typed = (line: string): PlainEvent => ({ type: 'typed', line });
export const anna: PlainEvent = { type: 'self', username: 'anna' };
export const up: PlainEvent = { type: 'up' };
export const down: PlainEvent = { type: 'down', how: 'the messenger is not running: pm2 restart messenger' };
export const done: PlainEvent = { type: 'done' };
export const bobIsChosen: PlainEvent = { type: 'chosen', peer: { ...peer('bob'), id: ID } };

/** A console to which things happen, with what it printed and what it asked for. */
class Scene {
  lines: string[] = [];
  effects: Effect[] = [];
  constructor(public model: Model) {}

  happens(...events: PlainEvent[]): this {
    this.lines = [];
    this.effects = [];
    for (const event of events) {
      const { model, lines, effects } = update(this.model, event);
      this.model = model;
      this.lines.push(...lines);
      this.effects.push(...effects);
    }
    return this;
  }
}
export const scene = (more: Partial<Model> = {}) =>
  new Scene({ ...initialModel({ suggestedName: 'login', supervised: false, notify: 'bell', echo: true }), ...more });
export const running = (more: Partial<Model> = {}) =>
  scene(more).happens(anna, { type: 'peer', peer: peer('bob') }, up, bobIsChosen);
