/** Fetches all pages of a snapshot (ipc-v1.md §6). */
import type { ServiceContract } from '@earshot/protocol/ipc';
import type { ServiceClient } from './client.js';
import type { Position } from './standard-methods.js';

export interface Snapshot {
  readonly at: Position;
  readonly items: unknown[];
}

export async function fetchSnapshot(client: ServiceClient<ServiceContract>): Promise<Snapshot> {
  const first = await client.callStandard('snapshot', {});
  const items = [...first.items];
  for (let cursor = first.next; cursor !== null;) {
    const page = await client.callStandard('snapshot', { cursor });
    for (const item of page.items) items.push(item);
    cursor = page.next;
  }
  return { at: { instance: first.instance, sequence: first.sequence }, items };
}
