/**
 * A screen as a frame of rows with their colours. ink draws all of what it is given, whatever changed; so each strip of a few rows
 * is a drawing of its own, which is only drawn again when one of its rows is another. A key changes the strip where one writes.
 */
import { render, type Instance } from 'ink';
import type { Theme } from '../model.js';
import { InkOutput, NoInput } from '../terminal/ink-output.js';
import { Frame } from './frame.js';
import type { Screen, ScreenRow } from './screen-row.js';

/** Fewer would cost more to keep than to draw. */
const STRIP_ROWS = 3;

export class Drawing {
  private strips: Strip[] = [];
  private columns = 0;

  constructor(private readonly theme: Theme) {}

  frameOf({ rows }: Screen, columns: number): string {
    // ink takes the width of what it draws on once.
    if (columns !== this.columns) this.close();
    this.columns = columns;
    const count = Math.ceil(rows.length / STRIP_ROWS);
    // Counted from below, where one writes: a window that is made higher or lower changes the strips above.
    const firstRows = rows.length - (count - 1) * STRIP_ROWS;
    const frames = Array.from({ length: count }, (_, n) => {
      const strip = (this.strips[n] ??= new Strip(columns, this.theme));
      const end = firstRows + n * STRIP_ROWS;
      return strip.draw(rows.slice(Math.max(0, end - STRIP_ROWS), end));
    });
    return frames.join('\n');
  }

  close(): void {
    for (const strip of this.strips) strip.close();
    this.strips = [];
  }
}

class Strip {
  private rows: readonly ScreenRow[] = [];
  private frame = '';
  private ink: Instance | undefined;
  private readonly output: InkOutput;

  constructor(
    private readonly columns: number,
    private readonly theme: Theme,
  ) {
    this.output = new InkOutput(columns, STRIP_ROWS, (frame) => {
      this.frame = frame;
    });
  }

  draw(rows: readonly ScreenRow[]): string {
    if (rows.length === this.rows.length && rows.every((row, n) => isSame(row, this.rows[n]))) return this.frame;
    this.rows = rows;
    const frame = <Frame screen={{ rows, cursor: { row: 0, column: 0 } }} theme={this.theme} columns={this.columns} />;
    if (this.ink !== undefined) this.ink.rerender(frame);
    else {
      this.ink = render(frame, {
        stdout: this.output as unknown as NodeJS.WriteStream,
        stdin: new NoInput() as unknown as NodeJS.ReadStream,
        // Each frame comes whole: what changed is found by the painter.
        debug: true,
        exitOnCtrlC: false,
        patchConsole: false,
      });
    }
    return this.frame;
  }

  close(): void {
    this.ink?.unmount();
  }
}

function isSame(a: ScreenRow, b: ScreenRow | undefined): boolean {
  if (a === b) return true;
  return a.length === b?.length && a.every(({ text, style }, n) => text === b[n]?.text && style === b[n].style);
}
