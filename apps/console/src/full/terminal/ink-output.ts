/** What ink takes for a terminal: it hands the frames on, whole, and keeps its hands off the real one. */
import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';

export class InkOutput extends Writable {
  readonly isTTY = true;

  constructor(
    public columns: number,
    public rows: number,
    private readonly onFrame: (frame: string) => void,
  ) {
    super({ decodeStrings: false });
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.emit('resize');
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.onFrame(chunk);
    done();
  }
}

/** Nothing is ever typed at ink: keys are ours. */
export class NoInput extends EventEmitter {
  readonly isTTY = false;
  setRawMode(): this {
    return this;
  }
  setEncoding(): this {
    return this;
  }
  resume(): this {
    return this;
  }
  pause(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  read(): null {
    return null;
  }
}
