import { until, type BackgroundCommand, type EarshotNode } from '@earshot/testkit';
import { sendAndWait } from './neighbourhood.js';

const KNOCK = 'knock knock';

/** One `earshot tail --json` that goes on through everything, and the messages that it has shown. */
export class TailWatch {
  private readonly command: BackgroundCommand;

  private constructor(private readonly node: EarshotNode) {
    this.command = node.follow(['tail', '--json']);
  }

  /** Answers when the tail certainly follows: it has shown something that was sent after its start. */
  static async on(node: EarshotNode, other: EarshotNode): Promise<TailWatch> {
    const watch = new TailWatch(node);
    await until(`the tail of ${node.name} follows`, async () => {
      await sendAndWait(other, node.name, KNOCK);
      return watch.command.lines.some((line) => line.includes(KNOCK));
    });
    return watch;
  }

  /** Every message that was shown, in the order in which it was, without the knocks of the beginning. */
  get messages(): Record<string, unknown>[] {
    return withoutKnocks(this.command.json.filter((line) => line['event'] === 'message'));
  }

  /** Every time that it called somebody away. */
  get departures(): Record<string, unknown>[] {
    return this.command.json.filter((line) => line['event'] === 'peer' && line['presence'] === 'away');
  }

  /** Waits until it has shown a message with this id. */
  async shows(id: unknown): Promise<void> {
    await until(`the tail of ${this.node.name} shows the last message`, () =>
      this.command.lines.some((line) => line.includes(String(id))),
    );
  }

  async stop(): Promise<void> {
    await this.command.stop();
  }
}

/** A conversation without what only found out whether a tail follows. */
export function withoutKnocks(messages: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return messages.filter((message) => message['text'] !== KNOCK);
}
