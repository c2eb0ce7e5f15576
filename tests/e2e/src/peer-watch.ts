import { until, type BackgroundCommand, type EarshotNode } from '@earshot/testkit';

/** One `earshot peers --watch` of a node, and what it has shown. */
export class PeerWatch {
  private readonly command: BackgroundCommand;

  constructor(readonly node: EarshotNode) {
    this.command = node.follow(['peers', '--watch', '--json']);
  }

  /** Somebody as last shown. */
  shown(username: string): Record<string, unknown> | undefined {
    return this.command.json.findLast((peer) => peer['username'] === username);
  }

  /** Answers when somebody is shown so, which must be within the time given. */
  shows(username: string, as: Record<string, unknown>, withinMs?: number): Promise<Record<string, unknown>> {
    return until(
      `${this.node.name} shows ${username} as ${JSON.stringify(as)}`,
      () => {
        const peer = this.shown(username);
        return Object.entries(as).every(([key, value]) => peer?.[key] === value) && peer;
      },
      withinMs,
    );
  }

  /** How often somebody was shown as something else than the time before. */
  get transitions(): number {
    const last = new Map<unknown, unknown>();
    let count = 0;
    for (const { id, presence } of this.command.json) {
      if (last.has(id) && last.get(id) !== presence) count++;
      last.set(id, presence);
    }
    return count;
  }

  stop(): Promise<unknown> {
    return this.command.stop();
  }
}
