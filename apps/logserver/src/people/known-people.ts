import type { Peer } from '@earshot/protocol/ipc';

/** Somebody with an identity. */
export type Person = Peer & { readonly id: string };

/** Strangers under one name that are named at most. */
const CLAIMS_MAX = 20;

/**
 * Who is known, as the messenger told it last: the history has names and messages, but not who else goes by a name right now.
 * While the messenger is down, that is what was known before.
 */
export class KnownPeople {
  private people = new Map<string, Person>();
  /** As they were before the snapshot: only differences are news. */
  private before = new Map<string, Person>();
  private readonly listeners = new Set<(person: Person) => void>();

  /** A snapshot follows. */
  reset(): void {
    this.before = this.people;
    this.people = new Map();
  }

  /** Tells the listeners, unless nothing changed but when it was last heard. */
  set(peer: Peer): void {
    const { id } = peer;
    // The original program's users are in no conversation.
    if (id === null) return;
    const person = { ...peer, id };
    const before = this.people.get(id) ?? this.before.get(id);
    this.people.set(id, person);
    if (before !== undefined && isSame(before, person)) return;
    for (const listener of this.listeners) listener(person);
  }

  /** @returns what ends it */
  onChange(listener: (person: Person) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The pinned peer whose name this one goes by, null for anybody who does not. */
  namesakeOf(id: string): string | null {
    return this.people.get(id)?.namesakeOf ?? null;
  }

  /** Strangers who go by the name of this pinned peer. */
  claimsOn(id: string): { id: string; username: string; address: string }[] {
    const claims: { id: string; username: string; address: string }[] = [];
    for (const { id: stranger, username, address, namesakeOf } of this.people.values()) {
      if (namesakeOf === id && claims.length < CLAIMS_MAX) claims.push({ id: stranger, username, address });
    }
    return claims;
  }
}

function isSame(a: Person, b: Person): boolean {
  return JSON.stringify({ ...a, lastSeen: '' }) === JSON.stringify({ ...b, lastSeen: '' });
}
