/**
 * Hands out snapshots in pages that fit into a frame (ipc-v1.md §6). All pages are of one moment: a list that went on
 * changing between two pages could show an entry on neither.
 */
import { IPC_MAX_BYTES, IpcError } from '@earshot/protocol';
import type { Position, SnapshotPage } from './standard-methods.js';

/** Bytes of events in a page: far under the bound, as one long reply delays every other. */
const PAGE_BYTES = IPC_MAX_BYTES / 4;
/** Snapshots being fetched at once. The oldest goes when there are more; whoever was fetching it begins again. */
const HELD_MAX = 16;

export class SnapshotPages {
  readonly #held = new Map<string, { at: Position; pages: unknown[][] }>();
  #taken = 0;

  constructor(
    private readonly snapshot: () => readonly unknown[],
    private readonly position: () => Position,
  ) {}

  /** The first page of a new snapshot, or the page a cursor names. Throws `bad-request` where that snapshot is no longer held. */
  page(cursor: string | undefined): SnapshotPage {
    if (cursor === undefined) return this.#first();
    const [id = '', index = ''] = cursor.split('.');
    const held = this.#held.get(id);
    const items = held?.pages[Number(index)];
    if (held === undefined || items === undefined) throw new IpcError('bad-request', 'cursor');
    return { ...held.at, items, next: this.#cursorAfter(id, held.pages, Number(index)) };
  }

  #first(): SnapshotPage {
    const at = this.position();
    const pages = split(this.snapshot());
    // With the instance in it, a cursor of a process before us names nothing here.
    const id = `${at.instance}-${(this.#taken += 1)}`;
    if (pages.length > 1) {
      this.#held.set(id, { at, pages });
      const [oldest] = this.#held.keys();
      if (this.#held.size > HELD_MAX && oldest !== undefined) this.#held.delete(oldest);
    }
    return { ...at, items: pages[0] ?? [], next: this.#cursorAfter(id, pages, 0) };
  }

  #cursorAfter(id: string, pages: unknown[][], index: number): string | null {
    if (index + 1 < pages.length) return `${id}.${index + 1}`;
    this.#held.delete(id);
    return null;
  }
}

function split(events: readonly unknown[]): unknown[][] {
  const pages: unknown[][] = [];
  let bytes = Infinity;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event));
    if (bytes + size > PAGE_BYTES) {
      pages.push([]);
      bytes = 0;
    }
    pages.at(-1)?.push(event);
    bytes += size;
  }
  return pages;
}
