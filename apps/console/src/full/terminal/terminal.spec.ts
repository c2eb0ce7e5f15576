import { join } from 'node:path';
import { repositoryRoot, thisMachine, type CommandResult } from '@earshot/testkit';

const built = join(repositoryRoot, 'apps/console/dist/full/terminal/terminal.js');

/** A program of its own in a terminal of its own, which is taken, and then left as `how` says. */
function inTerminal(how: string): Promise<CommandResult> {
  const program = `
    import { Terminal } from ${JSON.stringify(built)};
    const terminal = new Terminal(process.stdin, process.stdout, {
      onInput: () => {}, onWheel: () => {}, onResize: () => {},
      onReturn: () => { process.stdout.write('<back>'); process.exit(); },
      onEnd: () => { terminal.close(); process.exit(); },
    });
    terminal.open();
    terminal.mouse(true);
    process.stdout.write('<taken>');
    ${how}
  `;
  const node = `${process.execPath} --input-type=module -e ${quoted(program)}`;
  return thisMachine.exec('script', ['-qec', `stty -a; ${node}; echo; stty -a`, '/dev/null']);
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** What a terminal is told that changes it, and what tells it to be as before. */
const CHANGES = [
  ['\u001b[?1049h', '\u001b[?1049l'],
  ['\u001b[?2004h', '\u001b[?2004l'],
  ['\u001b[?7l', '\u001b[?7h'],
  ['\u001b[?1000h', '\u001b[?1000l'],
] as const;

describe('the terminal', () => {
  it.each<[string, string]>([
    ['is closed', 'terminal.close();'],
    ['ends', 'process.exit(3);'],
    ['crashes', `setTimeout(() => { throw new Error('crash'); });`],
    ['crashes in a promise', `Promise.reject(new Error('crash'));`],
    ...['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'].map((signal): [string, string] => [
      `is told to end by ${signal}`,
      `process.kill(process.pid, '${signal}'); setTimeout(() => {}, 60_000);`,
    ]),
    // Whoever started it here is no shell with jobs, so it is not stopped; that it is left and taken again is the same.
    ['is told to stop, and goes on', `process.kill(process.pid, 'SIGTSTP'); setTimeout(() => {}, 60_000);`],
  ])('is given back as it was by a program that %s', async (_, how) => {
    const { stdout } = await inTerminal(how);
    const [before = '', rest] = stdout.split('\u001b[?1049h');
    const after = stdout.slice(stdout.lastIndexOf('\u001b[?1049l') + '\u001b[?1049l'.length);
    expect(rest).toContain('<taken>');
    for (const [on, off] of CHANGES) expect(stdout.lastIndexOf(off)).toBeGreaterThan(stdout.lastIndexOf(on));
    const settings = (text: string) => /speed[\s\S]*/.exec(text)?.[0].trim();
    expect(settings(after)).toBe(settings(before));
  });

  it('shows what it crashed of after it is given back, where one can read it', async () => {
    const { stdout } = await inTerminal(`setTimeout(() => { throw new Error('crash'); });`);
    expect(stdout.indexOf('Error: crash')).toBeGreaterThan(stdout.indexOf('\u001b[?1049l'));
  });
});
