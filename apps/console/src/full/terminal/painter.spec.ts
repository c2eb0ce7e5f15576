import { Painter } from './painter.js';

describe('the painter', () => {
  const at = { row: 1, column: 2 };

  it('writes the rows that differ, and puts the cursor where it belongs, in one piece', () => {
    const written: string[] = [];
    const painter = new Painter((text) => written.push(text));
    painter.paint('one\ntwo\nthree', at);
    expect(written).toHaveLength(1);
    for (const row of ['one', 'two', 'three']) expect(written[0]).toContain(row);
    painter.paint('one\ntoo\nthree', at);
    expect(written[1]).toBe('\x1b[?2026h\x1b[2;1H\x1b[0mtoo\x1b[0m\x1b[K\x1b[2;3H\x1b[?2026l');
  });

  it('writes nothing where nothing is different, and only the cursor where only that moved', () => {
    const written: string[] = [];
    const painter = new Painter((text) => written.push(text));
    painter.paint('one', at);
    painter.paint('one', at);
    expect(written).toHaveLength(1);
    painter.paint('one', { row: 0, column: 3 });
    expect(written[1]).toBe('\x1b[?2026h\x1b[1;4H\x1b[?2026l');
  });

  it('draws everything again once what is there is not known', () => {
    const written: string[] = [];
    const painter = new Painter((text) => written.push(text));
    painter.paint('one\ntwo', at);
    painter.forget();
    painter.paint('one\ntwo', at);
    expect(written[1]).toBe(written[0]);
  });
});
