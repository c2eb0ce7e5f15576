import { until, type BackgroundCommand, type EarshotNode } from '@earshot/testkit';

/** For commands that outlive crashes and cuts: what they wait for must not end before the trouble does. */
const PATIENCE_SECONDS = 600;

/** One `earshot send <peer> -` that goes through everything, fed in portions. */
export class LineTraffic {
  /** Every line given to the command, in order. */
  readonly lines: string[] = [];
  private readonly command: BackgroundCommand;

  private constructor(
    readonly from: EarshotNode,
    to: string,
    private readonly padding: () => number,
  ) {
    this.command = from.follow(['send', to, '-', '--timeout', String(PATIENCE_SECONDS), '--json']);
  }

  /**
   * Answers when it has sent a first line: a messenger that is not there at the start is no crash, and is said at once.
   *
   * @param padding how many characters to add to the next line
   */
  static async start(from: EarshotNode, to: string, padding: () => number): Promise<LineTraffic> {
    const traffic = new LineTraffic(from, to, padding);
    traffic.type(1);
    await traffic.allStored();
    return traffic;
  }

  /** Types more lines, of different lengths, each of them unlike any other. */
  type(count: number): void {
    const more = Array.from(
      { length: count },
      (_, i) => `${this.from.name} ${this.lines.length + i} ${'.'.repeat(this.padding())}`,
    );
    this.lines.push(...more);
    this.command.type(more.map((line) => `${line}\n`).join(''));
  }

  /** Lines of which the command has not said that they are stored. */
  get unanswered(): number {
    return this.lines.length - this.command.lines.length;
  }

  /** The ids of the lines that are stored, in their order. */
  get ids(): unknown[] {
    return this.command.json.map((answer) => answer['id']);
  }

  allStored(): Promise<unknown> {
    const done = () => {
      if (!this.command.running) throw new Error(`the command of ${this.from.name} ended: ${this.command.errors}`);
      return this.unanswered === 0;
    };
    return until(`what ${this.from.name} typed is stored`, done, PATIENCE_SECONDS * 1_000);
  }

  /** Ends the input, waits for the command and answers with its exit code. */
  async end(): Promise<number | null> {
    this.command.end();
    return this.command.ended();
  }
}
