import fc from 'fast-check';
import { COMMANDS, commandsOf } from './commands.js';
import { helpLines } from './help.js';
import { parseSlash, textOf } from './parse.js';

describe('the table of slash commands', () => {
  it('names each once, in words that can be typed', () => {
    const names = COMMANDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z]+$/.test(name))).toEqual([]);
  });

  it('has whatever can be typed in lines also for the full screen', () => {
    expect(commandsOf('full').length).toBe(COMMANDS.length);
  });
});

describe('help', () => {
  it('has one line for each command of the console, and what else can be typed', () => {
    for (const kind of ['plain', 'full'] as const) {
      const lines = helpLines(kind, [['text', 'is sent']]);
      expect(lines.map((line) => /^ {2}\/?(\S+)/.exec(line)?.[1])).toEqual([
        ...commandsOf(kind).map(({ name }) => name),
        'text',
      ]);
    }
  });

  it('explains one command, with or without its slash, and says of another that there is none', () => {
    const [line, ...more] = helpLines('full', [], 'verify');
    expect([line, more]).toEqual([expect.stringMatching(/^ {2}\/verify \[name\] \[number\] {2}make sure/), []]);
    expect(helpLines('full', [], '/verify')).toEqual([line]);
    expect(helpLines('full', [], 'verfiy')[0]).toContain('did you mean /verify?');
  });
});

describe('a line', () => {
  it('with a slash is a command and its argument', () => {
    expect(parseSlash('plain', '/msg  bob  hi there ')).toEqual({
      name: 'msg',
      argument: 'bob  hi there',
      local: false,
    });
    expect(parseSlash('plain', '/status')).toEqual({ name: 'status', argument: '', local: true });
  });

  it('that lacks an argument, or names no command of this console, is refused with the way out', () => {
    const refused = (text: string) => parseSlash('plain', text)?.refused;
    expect(refused('/msg ')).toBe('It goes: /msg <name> [text]');
    expect(refused('/hlep')).toContain('did you mean /help?');
    expect(refused('/etc/passwd')).toContain('written with two');
  });

  it('with two slashes, or none, is something to say', () => {
    expect([parseSlash('full', '//msg bob'), textOf('//msg bob')]).toEqual([undefined, '/msg bob']);
    fc.assert(
      fc.property(fc.string(), (text) => {
        const line = text.startsWith('/') ? `/${text}` : text;
        expect([parseSlash('full', line), textOf(line)]).toEqual([undefined, text]);
      }),
    );
  });
});
