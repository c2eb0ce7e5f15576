/** An event, or a comment, or an id alone. */
export interface ReadEvent {
  readonly event: string | undefined;
  readonly id: number | undefined;
  readonly data: Record<string, unknown> | undefined;
  readonly comment: boolean;
}

/** Reads server-sent events one by one. */
export class EventReader {
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private readonly decoder = new TextDecoder();
  private readonly blocks: string[] = [];
  private rest = '';
  private ended = false;

  constructor(readonly response: Response) {
    if (response.body === null) throw new Error('no body');
    this.reader = response.body.getReader();
  }

  /** The next block, undefined at the end. */
  async block(): Promise<ReadEvent | undefined> {
    while (this.blocks.length === 0) {
      if (this.ended) return undefined;
      const { done, value } = await this.reader.read();
      this.ended = done;
      const blocks = (this.rest + this.decoder.decode(value, { stream: true })).split('\n\n');
      this.rest = blocks.pop() ?? '';
      this.blocks.push(...blocks);
    }
    return parse(this.blocks.shift() ?? '');
  }

  /** The next that is an event. */
  async next(): Promise<ReadEvent> {
    for (;;) {
      const block = await this.block();
      if (block === undefined) throw new Error('the stream has ended');
      if (block.data !== undefined) return block;
    }
  }

  async take(count: number): Promise<ReadEvent[]> {
    const events: ReadEvent[] = [];
    while (events.length < count) events.push(await this.next());
    return events;
  }

  close(): Promise<void> {
    // It may have been cut already.
    return this.reader.cancel().catch(() => undefined);
  }
}

function parse(block: string): ReadEvent {
  const fields = new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()] as const;
    }),
  );
  const [id, data] = [fields.get('id'), fields.get('data')];
  return {
    event: fields.get('event'),
    id: id === undefined ? undefined : Number(id),
    data: data === undefined ? undefined : (JSON.parse(data) as Record<string, unknown>),
    comment: fields.has(''),
  };
}
