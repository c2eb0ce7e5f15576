import { foldName } from '@earshot/protocol';

/** The names that pinned peers go by, and whose they are. Two pinned peers may share one: the user knows of both. */
export class KnownNames {
  private readonly names = new Map<string, string>();
  private readonly owners = new Map<string, Set<string>>();

  /**
   * @param username null for a peer that is not pinned (any more), or that never gave itself a name
   * @returns the folded names that have other owners now
   */
  set(peerId: string, username: string | null): string[] {
    const before = this.names.get(peerId);
    const name = username === null || username === '' ? undefined : foldName(username);
    if (name === before) return [];
    if (before !== undefined) {
      const rest = this.owners.get(before);
      rest?.delete(peerId);
      if (rest?.size === 0) this.owners.delete(before);
      this.names.delete(peerId);
    }
    if (name !== undefined) {
      this.names.set(peerId, name);
      this.owners.set(name, (this.owners.get(name) ?? new Set()).add(peerId));
    }
    return [before, name].filter((n) => n !== undefined);
  }

  /** A pinned peer, other than this one, that goes by the name. */
  ownerBeside(peerId: string, username: string): string | undefined {
    for (const owner of this.owners.get(foldName(username)) ?? []) if (owner !== peerId) return owner;
    return undefined;
  }
}
