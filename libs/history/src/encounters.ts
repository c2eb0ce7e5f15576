import type { Database, Statement } from 'better-sqlite3';
import { MEETINGS_REMEMBERED_PER_PEER } from '@earshot/protocol';
import type { PeerTable } from './peer-table.js';
import type { SeqCounter } from './seq-counter.js';

/** Where a peer was met. */
export interface Encounter {
  /** `ip:port` of the peer. */
  address: string;
  /** The name of our interface; empty where none has the address of the connection. */
  interface: string;
}

/** The newest sessions with each peer: how a message can have gone its way. Writes belong in a transaction of the writer. */
export class Encounters {
  private readonly insert: Statement<[number, number, number, string, string]>;
  private readonly forget: Statement<[number, number]>;

  constructor(
    db: Database,
    private readonly peers: PeerTable,
    private readonly seqs: SeqCounter,
    private readonly now: () => number,
  ) {
    this.insert = db.prepare('INSERT INTO encounters (peer, seq, at, address, interface) VALUES (?, ?, ?, ?, ?)');
    this.forget = db.prepare(`
      DELETE FROM encounters WHERE peer = ? AND key <= (
        SELECT key FROM encounters WHERE peer = ? ORDER BY key DESC LIMIT 1 OFFSET ${MEETINGS_REMEMBERED_PER_PEER})`);
  }

  note(peer: string, encounter: Encounter): void {
    const key = this.peers.ensure(peer);
    this.insert.run(key, this.seqs.mark(), this.now(), encounter.address, encounter.interface);
    this.forget.run(key, key);
  }
}
