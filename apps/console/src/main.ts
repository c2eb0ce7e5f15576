/** The console: one command does one thing (design §4). This file only says which words call what. */
import { EXIT, isConfigError, version } from '@earshot/runtime';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { CommandError, endQuietlyOnClosedOutput, note } from './output.js';

const people = () => import('./commands/people.js');
const talk = () => import('./commands/talk.js');
const services = () => import('./commands/services.js');

const EXIT_CODES = `
Exit codes: 0 done, 1 failed or rejected, 2 usage, 3 unknown or ambiguous peer, 4 a service is not running,
5 timed out (what is queued stays queued), 6 not registered yet.
<peer> is a username, name#tag, or the first characters of a peer id.`;

function positive(name: string, { max = Number.MAX_SAFE_INTEGER, whole = true } = {}) {
  return (text: string): number => {
    const value = Number(text);
    if (!(value >= (whole ? 1 : 0)) || value > max || (whole && !Number.isInteger(value)))
      throw new InvalidArgumentError(
        `${name} must be a ${whole ? 'whole ' : ''}number from ${whole ? 1 : 0} to ${max}`,
      );
    return value;
  };
}

function messageId(text: string): string {
  const id = text.toLowerCase();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    throw new InvalidArgumentError('a message id is a UUID, for example from uuidgen');
  return id;
}

const program = new Command('earshot')
  .description('Talk to the people on your network: no server, no account, end-to-end encrypted.')
  .version(version())
  .option('--plain', 'the console as plain lines: for screen readers, simple terminals and pipes')
  .addOption(new Option('--supervised').hideHelp())
  .addHelpText(
    'after',
    `
Examples:
  earshot register anna
  earshot peers
  earshot send bob 'lunch?' --wait delivered
  tail -f build.log | earshot send bob -
  earshot tail --json | jq -r 'select(.event == "message").text'
${EXIT_CODES}`,
  )
  .showHelpAfterError('(earshot --help lists the commands)')
  .exitOverride()
  .action(async ({ supervised }: { supervised?: boolean }) => {
    const { runPlainConsole, runSupervisedConsole } = await import('./plain/run.js');
    await (supervised === true ? runSupervisedConsole() : runPlainConsole());
  });

program
  .command('register <name>')
  .description('take a username, or a new one: the identity stays')
  .action(async (name: string) => (await people()).register(name));
program
  .command('whoami')
  .description('who you are here')
  .option('--json', 'id, username, port, address[]')
  .action(async (options: object) => (await people()).whoami(options));
program
  .command('status')
  .description('which services run; exit code 4 when one does not')
  .option('--json', 'services, ports')
  .action(async (options: object) => (await services()).status(options));
program
  .command('peers')
  .description('who is around')
  .option('--json', 'one object per line: id, username, address, presence, lastSeen, trust')
  .option('--watch', 'go on with every change')
  .action(async (options: object) => (await people()).peers(options));
program
  .command('send <peer> <text>')
  .description('send a message; "-" sends one message per line of standard input')
  .addOption(
    new Option('--wait <state>', 'answer when it is').choices(['queued', 'sent', 'delivered']).default('queued'),
  )
  .option(
    '--timeout <seconds>',
    'how long to wait for that',
    positive('the timeout', { max: 86_400, whole: false }),
    30,
  )
  .option('--id <uuid>', 'the id of the message: a script can repeat the command without sending twice', messageId)
  .option('--json', 'one object per message: id, state')
  .addHelpText(
    'after',
    `
Examples:
  earshot send bob 'lunch?'
  earshot send bob#kpaangbebw 'is that you?' --wait delivered --timeout 5 --json
  tail -f build.log | earshot send bob -
${EXIT_CODES}`,
  )
  .action(async (peer: string, text: string, options: Parameters<Awaited<ReturnType<typeof talk>>['send']>[2]) =>
    (await talk()).send(peer, text, options),
  );
program
  .command('history <peer>')
  .description('the newest messages with somebody, oldest first')
  .option('--limit <n>', 'how many', positive('the limit', { max: 1_000_000 }), 50)
  .option('--before <id>', 'only those before this message', messageId)
  .option('--json', 'one object per line: id, peer, username, direction, text, sentAt, committedAt, state')
  .action(async (peer: string, options: { limit: number }) => (await talk()).history(peer, options));
program
  .command('tail')
  .description('what happens from now on, across restarts of the services')
  .option('--json', 'one object per line: event is message, state or peer')
  .action(async (options: object) => (await talk()).tail(options));
program
  .command('whois <peer>')
  .description('what is known of somebody, and how')
  .option('--json', 'one object')
  .action(async (peer: string, options: object) => (await people()).whois(peer, options));
program
  .command('connect <host[:port]>')
  .description('reach somebody beyond the local network')
  .action(async (target: string) => (await people()).connect(target));
program
  .command('accept <peer>')
  .description("take a stranger's messages")
  .action(async (peer: string) => (await people()).decide(peer, 'accepted', 'accepted'));
program
  .command('block <peer>')
  .description('nothing from or to them any more; they are not told')
  .action(async (peer: string) => (await people()).decide(peer, 'blocked', 'blocked'));
program
  .command('unblock <peer>')
  .description('a stranger again: may ask, not more')
  .action(async (peer: string) => (await people()).decide(peer, 'new', 'not blocked any more'));
program
  .command('logs')
  .description('where the chat log can be read in a browser')
  .option('--url', 'with the token that opens it: keep it to yourself')
  .option('--open', 'open it in the browser')
  .action(async (options: object) => (await services()).logs(options));
const config = program.command('config').description('everyday settings; `npm start` applies them');
config
  .command('get [key]')
  .description('one setting, or all')
  .action(async (key: string | undefined) => {
    (await services()).configGet(key);
  });
config
  .command('set <key> <value>')
  .description('change a setting; "" goes back to the default')
  .action(async (key: string, value: string) => {
    (await services()).configSet(key, value);
  });

endQuietlyOnClosedOutput();
try {
  await program.parseAsync();
  process.exit(EXIT.ok);
} catch (error) {
  if (error instanceof CommandError) {
    if (error.message !== '') note(error.message);
    process.exit(error.exitCode);
  }
  // Help and version were asked for and printed; anything else of commander's is a wrong use that it has explained.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
  if (isConfigError(error)) {
    note(error.message);
    process.exit(error.exitCode);
  }
  throw error;
}
