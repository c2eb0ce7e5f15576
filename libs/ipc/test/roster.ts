/** A small discovery service with a roster to follow, and somebody who follows it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { discoveryContract, type DiscoveryContract, type EventOf } from '@earshot/protocol/ipc';
import { Service, subscribe, type Handlers } from '../src/index.js';

export type RosterEvent = EventOf<DiscoveryContract>;

/** 0700, as mkdtemp makes it. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'earshot-ipc-'));
}

export class Roster {
  readonly entries = new Map<string, RosterEvent>();
  readonly errors: [unknown, string][] = [];
  readonly service;

  constructor(directory: string, handlers: Partial<Handlers<DiscoveryContract>> = {}) {
    this.service = new Service(discoveryContract, {
      directory,
      handlers: {
        interfaces: () => ({ announcing: true, items: [], skipped: [] }),
        introduce: () => ({}),
        ...handlers,
      },
      snapshot: () => [...this.entries.values()],
      health: () => ({ ports: { discovery: 6004 }, version: '0.1.0' }),
      onError: (err, method) => this.errors.push([err, method]),
    });
  }

  set(key: string, status = ''): void {
    const event = rosterEvent(key, status);
    this.entries.set(key, event);
    this.service.publish(event);
  }

  remove(key: string): void {
    this.entries.delete(key);
    this.service.publish({ event: 'roster.removed', key });
  }

  /** Comparable with what a follower has. */
  get state(): string[] {
    return written(this.entries);
  }
}

export class Follower {
  readonly entries = new Map<string, RosterEvent>();
  readonly log: string[] = [];
  readonly #subscription;

  constructor(directory: string) {
    this.#subscription = subscribe(discoveryContract, {
      directory,
      onReset: () => {
        this.entries.clear();
        this.log.push('reset');
      },
      onEvent: (event) => {
        if (event.event === 'roster') this.entries.set(event.key, event);
        else this.entries.delete(event.key);
        this.log.push(event.key);
      },
      onUp: () => this.log.push('up'),
      onDown: () => this.log.push('down'),
    });
  }

  get ready(): Promise<void> {
    return this.#subscription.ready;
  }

  get state(): string[] {
    return written(this.entries);
  }

  close(): void {
    this.#subscription.close();
  }
}

export function rosterEvent(key: string, status = ''): RosterEvent {
  return {
    event: 'roster',
    key,
    id: null,
    username: 'someone',
    presence: 'online',
    lastSeen: '2026-11-22T10:00:00.000Z',
    instance: '',
    maxVersion: 0,
    busy: false,
    status,
    addresses: [],
    heardBy: {},
  };
}

function written(entries: ReadonlyMap<string, RosterEvent>): string[] {
  return [...entries.values()].map((event) => JSON.stringify(event)).sort();
}
