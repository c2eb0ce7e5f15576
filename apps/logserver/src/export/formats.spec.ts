import type { Message } from '@earshot/protocol/ipc';
import { EXPORT_FORMATS, type ExportFormatName } from './formats.js';

const RECEIVED: Message = {
  id: '00000000-0000-4000-8000-000000000001',
  peer: `${'b'.repeat(51)}a`,
  username: 'bob',
  direction: 'received',
  text: 'hello',
  sentAt: '2030-01-01T10:00:00.000Z',
  committedAt: '2030-01-01T10:00:01.000Z',
  state: 'received',
};
const SENT: Message = {
  ...RECEIVED,
  id: '00000000-0000-4000-8000-000000000002',
  direction: 'sent',
  state: 'delivered',
};

function write(format: ExportFormatName, ...messages: Message[]): string {
  return [...EXPORT_FORMATS[format].write(messages)].join('');
}

describe('an export', () => {
  it.each([[[]], [[RECEIVED]], [[RECEIVED, SENT, RECEIVED]]])('as JSON is the messages: %#', (messages) => {
    expect(JSON.parse(write('json', ...messages))).toEqual(messages);
  });

  it('as NDJSON is one message per line', () => {
    const lines = write('ndjson', { ...RECEIVED, text: 'two\nlines' }, SENT).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([{ ...RECEIVED, text: 'two\nlines' }, SENT]);
    expect(write('ndjson')).toBe('');
  });

  it('as text is one message per line, and says what is not delivered', () => {
    expect(write('txt', RECEIVED, SENT, { ...SENT, state: 'queued' }, { ...RECEIVED, username: '' })).toBe(
      [
        '2030-01-01T10:00:01.000Z bob: hello',
        '2030-01-01T10:00:01.000Z you -> bob: hello',
        '2030-01-01T10:00:01.000Z you -> bob (queued): hello',
        '2030-01-01T10:00:01.000Z bbbbbbbbbb: hello',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['a line feed', 'a\n2030-01-01T10:00:01.000Z me: forged'],
    ['a carriage return and line feed', 'a\r\n2030-01-01T10:00:01.000Z me: forged'],
    ['a carriage return', 'a\r2030-01-01T10:00:01.000Z me: forged'],
    ['a next line', 'a\u00852030-01-01T10:00:01.000Z me: forged'],
    ['a line separator', 'a\u20282030-01-01T10:00:01.000Z me: forged'],
    ['a paragraph separator', 'a\u20292030-01-01T10:00:01.000Z me: forged'],
  ])('as text lets no message look like two: %s', (_, text) => {
    const lines = write('txt', { ...RECEIVED, text }).split(/\r\n|[\n\r\u0085\u2028\u2029]/);
    expect(lines.filter((line) => line.startsWith('2030'))).toHaveLength(1);
  });

  it.each(['you', 'me', 'bob'])('as text and HTML tells what we wrote from what somebody named %s did', (username) => {
    const [received, sent] = [
      { ...RECEIVED, username },
      { ...SENT, username },
    ];
    expect(write('txt', received, sent)).toBe(
      `2030-01-01T10:00:01.000Z ${username}: hello\n2030-01-01T10:00:01.000Z you -> ${username}: hello\n`,
    );
    const html = write('html', received, sent);
    expect(html).toContain(`<header><b><bdi>${username}</bdi></b> <time>`);
    expect(html).toContain(`<header>you → <b><bdi>${username}</bdi></b> <time>`);
  });

  it('as NDJSON is one line for every reader, whatever that takes for the end of one', () => {
    const text = 'a\u0085b\u2028c\u2029d\re\nf\\u2028';
    const ndjson = write('ndjson', { ...RECEIVED, text });
    expect(ndjson.split(/[\n\r\u0085\u2028\u2029]/)).toHaveLength(2);
    expect(JSON.parse(ndjson)).toEqual({ ...RECEIVED, text });
  });

  it('as text shows what a terminal would act on', () => {
    const text = `\u001b[2J\u0007\u009b31m\u202Egnp\u202C\u200b\ufeff\u{e0041}\ud800\0\u{1ffff}${'\u0301'.repeat(50)}`;
    expect(write('txt', { ...RECEIVED, text, username: 'b\u001bob' })).toBe(
      `2030-01-01T10:00:01.000Z b\\u{1b}ob: \\u{1b}[2J\\u{7}\\u{9b}31m\\u{202e}gnp\\u{202c}\\u{200b}\\u{feff}\\u{e0041}\\u{d800}\\u{0}\\u{1ffff}${'\u0301'.repeat(3)}\n`,
    );
    for (const format of ['json', 'ndjson'] as const) {
      const json = write(format, { ...RECEIVED, text });
      expect([JSON.parse(json)].flat()).toEqual([{ ...RECEIVED, text }]);
      expect(json).toMatch(/^[\n\u0020-\u007e]+\u0301{3}[\n\u0020-\u007e]+$/);
    }
    expect(write('txt', { ...RECEIVED, text: 'merhaba\tdünya ✓ שלום 👍🏽' })).toContain(': merhaba\tdünya ✓ שלום 👍🏽\n');
  });

  it('as HTML is a document in which what people wrote is text', () => {
    const text = `<script>alert(1)</script><img src=x onerror='a'> & "b"`;
    const html = write('html', { ...RECEIVED, text, username: '<b>' });
    expect(html).toContain(
      '&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&#39;a&#39;&gt; &amp; &quot;b&quot;',
    );
    expect(write('html', { ...RECEIVED, text: 'a\u001b[2J\u009b1A\r\nb\tc' })).toContain('a\\u{1b}[2J\\u{9b}1A\nb\tc');
    expect(html).not.toMatch(/<script|<img|<b><bdi><b>/);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(html).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
  });

  it.each(Object.keys(EXPORT_FORMATS) as ExportFormatName[])('as %s shows a message without a text', (format) => {
    expect(write(format, { ...RECEIVED, text: null })).toMatch(/null|cannot show/);
  });
});
