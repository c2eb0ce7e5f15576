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
    expect(written[1]).toBe('\x1b[?2026h\x1b[2;1H\x1b[0m\x1b[2Ktoo\x1b[0m\x1b[2;3H\x1b[?2026l');
  });

  it('clears a row before it is written: behind a full one, its last character would be cleared', () => {
    const written: string[] = [];
    new Painter((text) => written.push(text)).paint('x'.repeat(80), at);
    expect(written[0]).toMatch(/\x1b\[2Kx{80}\x1b\[0m(?!\x1b\[0?K)/);
  });

  it.each([
    ['an emoji of several parts', '👨‍👩‍👧|', '👨‍👩‍👧\x1b[3G|'],
    ['wide characters', '日本|', '日\x1b[3G本\x1b[5G|'],
    ['combining marks', 'za\u0301|', 'za\u0301\x1b[3G|'],
    ['colours, which are no columns', '\x1b[1mé\x1b[0m|', '\x1b[1mé\x1b[2G\x1b[0m|'],
  ])('says the column after %s, since terminals disagree about it', (_, row, expected) => {
    const written: string[] = [];
    new Painter((text) => written.push(text)).paint(row, at);
    expect(written[0]).toContain(expected);
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
