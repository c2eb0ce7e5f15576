/** The full screen's model, to which things happen in a test. */
import type { Message, Peer } from '@earshot/protocol/ipc';
import { bindingsFrom } from '../src/full/keys/bindings.js';
import { initialModel, type Effect, type FullEvent, type Model } from '../src/full/model.js';
import { update } from '../src/full/update.js';
import { screenOf } from '../src/full/view/screen.js';

export const BOB = 'b'.repeat(51) + 'a';
export const CAROL = 'c'.repeat(51) + 'a';
export const DAVE = 'd'.repeat(51) + 'a';
export const ADA = 'e'.repeat(51) + 'a';
/** In the time zone of wherever the test runs. */
const NOON = new Date(2026, 0, 2, 12, 0).getTime();

export const peerOf = (id: string, username: string, more: Partial<Peer> = {}): Peer => ({
  id,
  username,
  address: '192.0.2.7:7001',
  presence: 'online',
  lastSeen: new Date(NOON).toISOString(),
  trust: 'accepted',
  ...more,
});
export const person = (id: string, username: string, more: Partial<Peer> = {}): FullEvent => ({
  type: 'peer',
  peer: peerOf(id, username, more),
});

/** Message number n of a conversation, a minute after the one before. */
export function message(n: number, more: Partial<Message> = {}): Message {
  const at = new Date(NOON + n * 60_000).toISOString();
  return {
    id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    peer: BOB,
    username: 'bob',
    direction: 'received',
    text: `message ${n}`,
    sentAt: at,
    committedAt: at,
    state: 'received',
    ...more,
  };
}

export class FullScene {
  model: Model;
  effects: Effect[] = [];

  constructor(more: Partial<Model> = {}) {
    this.model = initialModel({
      columns: 80,
      rows: 24,
      suggestedName: null,
      bindings: bindingsFrom('').bindings,
      theme: 'none',
      notify: 'bell',
      ...more,
    });
  }

  /** Registered, with bob and carol around, and the messenger there. */
  static ready(more: Partial<Model> = {}): FullScene {
    return new FullScene(more).happens({ type: 'self', username: 'anna' }, person(BOB, 'bob'), person(CAROL, 'carol'), {
      type: 'up',
    });
  }

  /** What is asked for is that of the last of these. */
  happens(...events: FullEvent[]): this {
    for (const event of events) {
      const { model, effects } = update(this.model, event);
      this.model = model;
      this.effects = [...effects];
    }
    return this;
  }

  types(text: string): this {
    return this.happens({ type: 'input', input: { type: 'text', text } });
  }

  presses(...keys: string[]): this {
    return this.happens(...keys.map((key): FullEvent => ({ type: 'input', input: { type: 'key', key } })));
  }

  pastes(text: string): this {
    return this.happens({ type: 'input', input: { type: 'paste', text } });
  }

  says(text: string): this {
    return this.types(text).presses('enter');
  }

  get rows(): string[] {
    return screenOf(this.model).rows.map((row) =>
      row
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    );
  }

  get screen(): string {
    return this.rows.join('\n');
  }
}
