import type { Database, Statement } from 'better-sqlite3';
import type { Trust } from '@earshot/protocol/ipc';

/** A peer that has an identity: a legacy one is never stored. */
export type StoredTrust = Exclude<Trust, 'legacy'>;

export interface StoredPeer {
  id: string;
  /** The name it last gave itself; empty until it gave one. */
  username: string;
  trust: StoredTrust;
  /** Our clock, ms. */
  firstSeen: number;
  lastSeen: number;
  /** `ip:port` where a session last proved this identity. */
  provedAddress: string | null;
  /** Highest protocol version ever seen of it, 0 when none: it never goes down, which is how a roll-back shows. */
  maxVersion: number;
}

/** That a history was found to be an older copy of itself, of which the two sides learn from what the other one holds. */
export interface Setback {
  /** `us`: the peer may hold messages of ours that we know nothing of. `peer`: what it wrote before may be with us alone. */
  whose: 'us' | 'peer';
  /** Our clock, ms: the latest time. */
  at: number;
}
const WHOSE = ['us', 'peer'] as const;

/** What became known of a peer; what is left out stays as it is. */
export type PeerNews = Partial<Pick<StoredPeer, 'username' | 'lastSeen' | 'maxVersion'>> & { provedAddress?: string };

/** Everybody we know, and the short keys that the other tables use for them. */
export class PeerTable {
  /** What every message asks for. The writer is the only one who changes it; `rewind` is for a rolled-back transaction. */
  private readonly known = new Map<string, { key: number; trust: StoredTrust }>();
  private readonly statements: ReturnType<typeof prepare>;

  constructor(
    db: Database,
    private readonly now: () => number,
  ) {
    this.statements = prepare(db);
  }

  keyOf(id: string): number | undefined {
    return this.lookUp(id)?.key;
  }

  /** Null for somebody who is not known. */
  trustOf(id: string): StoredTrust | null {
    return this.lookUp(id)?.trust ?? null;
  }

  /** The key of a peer, which becomes known (as `new`) if it was not. */
  ensure(id: string): number {
    const known = this.keyOf(id);
    if (known !== undefined) return known;
    const key = Number(this.statements.insert.run({ id, now: this.now() }).lastInsertRowid);
    this.known.set(id, { key, trust: 'new' });
    return key;
  }

  /** The transaction was rolled back. */
  rewind(): void {
    this.known.clear();
  }

  upsert(id: string, news: PeerNews): void {
    const { username = null, lastSeen = null, provedAddress = null, maxVersion = null } = news;
    this.statements.update.run({ key: this.ensure(id), username, lastSeen, provedAddress, maxVersion });
  }

  setTrust(id: string, trust: StoredTrust): void {
    const key = this.ensure(id);
    this.statements.trust.run(trust, key);
    this.known.set(id, { key, trust });
  }

  /** Only for one that nothing else names. */
  drop(id: string): void {
    this.statements.drop.run(id);
    this.known.delete(id);
  }

  noteSetback(id: string, whose: Setback['whose']): void {
    this.statements.setBack.run(this.ensure(id), WHOSE.indexOf(whose), this.now());
  }

  setbacks(id: string): Setback[] {
    return this.statements.setbacks.all(id).map(({ whose, at }) => ({ whose: WHOSE[whose], at }));
  }

  get(id: string): StoredPeer | null {
    return this.statements.one.get(id) ?? null;
  }

  all(): StoredPeer[] {
    return this.statements.all.all();
  }

  private lookUp(id: string): { key: number; trust: StoredTrust } | undefined {
    const known = this.known.get(id) ?? this.statements.key.get(id);
    if (known !== undefined) this.known.set(id, known);
    return known;
  }
}

function prepare(db: Database) {
  const columns = `id, username, trust, first_seen AS firstSeen, last_seen AS lastSeen, proved_address AS provedAddress, max_version AS maxVersion`;
  type Update = { key: number } & { [field in keyof Required<PeerNews>]: Required<PeerNews>[field] | null };
  return {
    key: db.prepare<[string], { key: number; trust: StoredTrust }>('SELECT key, trust FROM peers WHERE id = ?'),
    insert: db.prepare<[{ id: string; now: number }]>(`
      INSERT INTO peers (id, username, trust, first_seen, last_seen, max_version) VALUES (@id, '', 'new', @now, @now, 0)`),
    update: db.prepare<[Update]>(`
      UPDATE peers SET username = coalesce(@username, username), last_seen = coalesce(@lastSeen, last_seen),
        proved_address = coalesce(@provedAddress, proved_address), max_version = max(max_version, coalesce(@maxVersion, 0))
      WHERE key = @key`),
    trust: db.prepare<[StoredTrust, number]>('UPDATE peers SET trust = ? WHERE key = ?'),
    drop: db.prepare<[string]>('DELETE FROM peers WHERE id = ?'),
    setBack: db.prepare<[number, number, number]>('INSERT OR REPLACE INTO setbacks (peer, whose, at) VALUES (?, ?, ?)'),
    setbacks: db.prepare<[string], { whose: 0 | 1; at: number }>(
      'SELECT whose, at FROM setbacks WHERE peer = (SELECT key FROM peers WHERE id = ?) ORDER BY whose',
    ),
    one: db.prepare<[string], StoredPeer>(`SELECT ${columns} FROM peers WHERE id = ?`),
    all: db.prepare<[], StoredPeer>(`SELECT ${columns} FROM peers ORDER BY key`),
  } satisfies Record<string, Statement<never[]>>;
}
