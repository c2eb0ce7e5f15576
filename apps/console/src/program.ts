/** Which words on the command line call what (design §4). What a command does is loaded only when it is called. */
import { setFlagsFromString } from 'node:v8';
import { EXIT, nearestName, version } from '@earshot/runtime/basics';
import { Argument, Option } from 'commander';
import { count, messageId, moment, safetyNumber, seconds } from './arguments.js';
import type { Asked, Shell } from './commands/completion.js';
import type { ExportFormat } from './commands/export.js';
import { ALL_EXIT_CODES, ExplainedCommand, JSON_MESSAGE, JSON_PEER, PEER } from './help.js';
import { sanitizeText } from './text/sanitize.js';

const people = () => import('./commands/people.js');
const talk = () => import('./commands/talk.js');
const onTheWay = () => import('./commands/outbox.js');
const services = () => import('./commands/services.js');

const { unknownPeer, notRunning, timedOut, notRegistered } = EXIT;
const ASKS = [notRunning, timedOut];
const ABOUT_PEER = [unknownPeer, ...ASKS];

export function createProgram(): ExplainedCommand {
  const program = new ExplainedCommand('earshot')
    .description(
      'Talk to the people on your network: no server, no account, end-to-end encrypted.\nWithout a command: the console, to talk in.',
    )
    .version(version())
    .option('--plain', 'the console as plain lines: for screen readers, simple terminals and pipes')
    .addOption(new Option('--supervised').hideHelp())
    .usage('[command] [options]')
    .configureOutput({
      outputError: (text, write) => {
        write(sanitizeText(text.replace(/^error: /, 'earshot: '), ''));
      },
    })
    .showHelpAfterError('(add --help for the way it is used)')
    .exitOverride()
    .helpCommand('help [command]', 'how a command is used')
    .explained(
      [
        'earshot register anna',
        'earshot peers',
        "earshot send bob 'lunch?' --wait delivered",
        'tail -f build.log | earshot send bob -',
        `earshot tail --json | jq -r 'select(.event == "message").text'`,
      ],
      ALL_EXIT_CODES,
      [PEER],
    )
    .action(async ({ supervised, plain }: { supervised?: boolean; plain?: boolean }) => {
      refuseUnknown(program);
      if (supervised !== true && plain !== true && hasScreen()) {
        // Before anything large is loaded: a screen is idle most of the time, and should hold on to little.
        for (const flag of ['--optimize-for-size', '--max-semi-space-size=2', '--heap-growing-percent=20'])
          setFlagsFromString(flag);
        const { runFullConsole } = await import('./full/run.js');
        await runFullConsole();
        return;
      }
      const { runPlainConsole, runSupervisedConsole } = await import('./plain/run.js');
      await (supervised === true ? runSupervisedConsole() : runPlainConsole());
    });
  addPeopleCommands(program);
  addTalkCommands(program);
  addOutboxCommands(program);
  addForgetCommand(program);
  addServiceCommands(program);
  addShellCommands(program);
  // Else a mistyped command would be an argument too many of the console's. Last, since commands inherit it.
  return program.allowExcessArguments().allowUnknownOption();
}

/** A terminal on which the cursor can be put anywhere. */
function hasScreen(): boolean {
  const { stdin, stdout } = process;
  return stdin.isTTY && stdout.isTTY && process.env['TERM'] !== 'dumb';
}

function refuseUnknown(program: ExplainedCommand): void {
  const [word] = program.args;
  if (word === undefined) return;
  if (word.startsWith('-')) program.error(`error: unknown option '${word}'`);
  const nearest = nearestName(word, [...program.commands.map((command) => command.name()), 'help']);
  program.error(`error: unknown command '${word}'${nearest === undefined ? '' : `: did you mean ${nearest}?`}`);
}

function addPeopleCommands(program: ExplainedCommand): void {
  program
    .command('register <name>')
    .description('take a username, or a new one: the identity stays')
    .explained(['earshot register anna'], ASKS, [
      'A name has letters and digits of any script, with _ . - after the first of them: at most 32 characters and 64 bytes, and no spaces.',
    ])
    .action(async (name: string) => (await people()).register(name));
  program
    .command('whoami')
    .description('who you are here')
    .option('--json', 'one object: id, username, port, address[]')
    .explained(['earshot whoami', 'earshot whoami --json | jq -r .id'], [...ASKS, notRegistered])
    .action(async (options: object) => (await people()).whoami(options));
  program
    .command('peers')
    .description('who is around')
    .option('--json', 'one object per line: id, username, address, presence, lastSeen, trust')
    .option('--watch', 'go on with every change, until Ctrl+C')
    .explained(
      [
        'earshot peers',
        `earshot peers --json | jq -r 'select(.presence == "online").username'`,
        'earshot peers --watch',
      ],
      ASKS,
      [JSON_PEER],
    )
    .action(async (options: object) => (await people()).peers(options));
  program
    .command('whois <peer>')
    .description('what is known of somebody, and how')
    .option('--json', 'one object: id, username, trust, presence, lastSeen, session, addresses[], provedAddress, …')
    .explained(
      [
        'earshot whois bob',
        'earshot whois bob#kpaangbebw --json',
        "earshot whois bob --json | jq -r '.session.address'",
      ],
      ABOUT_PEER,
      [PEER, JSON_PEER],
    )
    .action(async (peer: string, options: object) => (await people()).whois(peer, options));
  program
    .command('presence')
    .description('what you say of yourself to everybody around')
    .option('--busy', 'you are busy')
    .addOption(new Option('--free', 'you are not').conflicts('busy'))
    .option('--text <text>', 'in your words, at most 64 bytes; "" takes them away')
    .addOption(new Option('--clear', 'not busy, and no words').conflicts(['busy', 'free', 'text']))
    .option('--json', 'one object: busy, status')
    .explained(['earshot presence', "earshot presence --busy --text 'at lunch'", 'earshot presence --clear'], ASKS, [
      'Everybody on the network can read it. What is not named stays as it is.',
    ])
    .action(async (options: object) => (await import('./commands/presence.js')).presence(options));
  program
    .command('verify <peer>')
    .description('make sure who somebody is: the number to compare with them')
    .addOption(
      new Option('--confirm <number>', 'the number that they see for you: marks them verified').argParser(safetyNumber),
    )
    .option('--json', 'one object: id, username, trust, safetyNumber')
    .explained(
      [
        'earshot verify bob',
        'earshot verify bob --confirm "06184 35279 50623 41187 90354 28461 77036 15928 64470 83915 20746 59302"',
      ],
      ABOUT_PEER,
      [
        PEER,
        'Compare over another channel than this network: side by side, or by phone. Whoever sits in between shows each of you another number. With one that is not yours for this peer, nothing is changed (1).',
      ],
    )
    .action(async (peer: string, options: { confirm?: string }) =>
      (await import('./commands/verify.js')).verify(peer, options),
    );
  program
    .command('connect <host[:port]>')
    .description('reach somebody beyond the local network')
    .explained(
      ['earshot connect 192.0.2.7', 'earshot connect anna.example.org:7101'],
      [...ASKS, notRegistered],
      ['The port is 7001 where none is given. EARSHOT_PEERS, or `earshot config set peers`, does it at every start.'],
    )
    .action(async (target: string) => (await people()).connect(target));
  for (const [name, about, trust, done] of [
    ['accept', "take a stranger's messages", 'accepted', 'accepted'],
    ['block', 'nothing from or to them any more; they are not told', 'blocked', 'blocked'],
    ['unblock', 'a stranger again: may ask, not more', 'new', 'not blocked any more'],
  ] as const) {
    program
      .command(`${name} <peer>`)
      .description(about)
      .explained([`earshot ${name} bob`, `earshot ${name} bob#kpaangbebw`], ABOUT_PEER, [PEER])
      .action(async (peer: string) => (await people()).decide(peer, trust, done));
  }
}

function addTalkCommands(program: ExplainedCommand): void {
  program
    .command('send <peer> <text>')
    .description('send a message; "-" sends one message per line of standard input')
    .addOption(
      new Option('--wait <state>', 'answer when it is').choices(['queued', 'sent', 'delivered']).default('queued'),
    )
    .option('--timeout <seconds>', 'how long to wait for that', seconds, 30)
    .option('--id <uuid>', 'the id of the message: a script can repeat the command without sending twice', messageId)
    .option('--json', 'one object per message: id, state')
    .explained(
      [
        "earshot send bob 'lunch?'",
        "earshot send bob#kpaangbebw 'is that you?' --wait delivered --timeout 5 --json",
        "earshot send bob -- '-1 is the answer'",
        'tail -f build.log | earshot send bob -',
      ],
      [...ABOUT_PEER, notRegistered],
      [
        PEER,
        'state is queued (durable here), sent (on its way), delivered (durable there), rejected or cancelled. Where a service is not running (4), the message is certainly not queued; after a time-out (5) repeating the command with the same --id sends it once.',
        'With "-" each line of standard input is a message as soon as it is there; empty ones are left out. There is one answer per message, in order; a line that cannot be sent is named on standard error, and the exit code is the highest of all.',
        'A text is UTF-8 and has at most 32 KiB.',
      ],
    )
    .action(async (peer: string, text: string, options: { wait: 'queued'; timeout: number }) =>
      (await import('./commands/send.js')).send(peer, text, options),
    );
  program
    .command('history <peer>')
    .description('the newest messages with somebody, oldest first')
    .option('--limit <n>', 'how many', count, 50)
    .option('--before <id>', 'only those before this message', messageId)
    .option('--json', 'one object per line: id, peer, username, direction, text, sentAt, committedAt, state')
    .explained(['earshot history bob', 'earshot history bob --limit 500 --json | jq -r .text'], ABOUT_PEER, [
      PEER,
      JSON_MESSAGE,
    ])
    .action(async (peer: string, options: { limit: number }) => (await talk()).history(peer, options));
  program
    .command('search <words...>')
    .description('messages that hold all of these words, in any conversation')
    .option('--peer <peer>', 'only in the conversation with somebody')
    .option('--limit <n>', 'how many, the newest', count, 50)
    .option('--json', 'one object per line: id, peer, username, direction, text, sentAt, committedAt, state')
    .explained(
      ['earshot search lunch', 'earshot search green bicycle --peer bob', 'earshot search lunch --json | jq -r .text'],
      ABOUT_PEER,
      [
        PEER,
        'Accents and case make no difference. It asks the log server; where that is down, the exit code is 4.',
        JSON_MESSAGE,
      ],
    )
    .action(async (words: string[], options: { limit: number }) =>
      (await import('./commands/search.js')).search(words, options),
    );
  program
    .command('tail')
    .description('what happens from now on, across restarts of the services, until Ctrl+C')
    .option('--json', 'one object per line: event is message, state or peer')
    .explained(
      ['earshot tail', `earshot tail --json | jq -r 'select(.event == "message" and .direction == "received").text'`],
      ASKS,
      [
        'With --json: a message has the fields of `history --json`, a state id, peer and state, a peer the fields of `peers --json`. Each line is written as it happens.',
        JSON_MESSAGE,
      ],
    )
    .action(async (options: object) => (await talk()).tail(options));
}

function addOutboxCommands(program: ExplainedCommand): void {
  const anId = (command: ExplainedCommand) =>
    command.argument('<message-id>', 'as `outbox`, `send` and `history --json` show it', messageId);
  program
    .command('outbox')
    .description('what is not delivered yet, and what it waits for')
    .option('--json', 'one object per line: id, peer, username, direction, text, sentAt, committedAt, state')
    .explained(['earshot outbox', 'earshot outbox --json | jq -r .id'], ASKS, [JSON_MESSAGE])
    .action(async (options: object) => (await onTheWay()).outbox(options));
  anId(program.command('cancel'))
    .description('take a message back, if it was never sent')
    .explained(['earshot cancel 7f137624-e42b-463c-808d-249fa47211be'], ASKS, [
      'What was put on the wire may be there already, and cannot be taken back (1).',
    ])
    .action(async (id: string) => (await onTheWay()).cancel(id));
  anId(program.command('why'))
    .description('the life of one message, with times, and what it waits for')
    .option('--json', 'one object per line: event, at, and what belongs to the event')
    .explained(
      [
        'earshot why 7f137624-e42b-463c-808d-249fa47211be',
        'earshot why 7f137624-e42b-463c-808d-249fa47211be --json | jq -r .event',
      ],
      ASKS,
      [
        'With --json: event is queued, met (with address and interface), restarted, sent, delivered, lost, rejected (with reason) or cancelled; for a received message written and stored; and waiting, at the end of what is not over, with cause, lastSeen, address, nextTryMs and failure.',
      ],
    )
    .action(async (id: string, options: object) => (await onTheWay()).why(id, options));
  program
    .command('export <peer>')
    .description('the whole conversation with somebody, to standard output')
    .addOption(new Option('--format <format>', 'how').choices(['json', 'ndjson', 'txt', 'html']).default('txt'))
    .explained(['earshot export bob', 'earshot export bob --format html > bob.html'], ABOUT_PEER, [
      PEER,
      'json is one array, ndjson one object a line, with the fields of `history --json`.',
    ])
    .action(async (peer: string, options: { format: ExportFormat }) =>
      (await import('./commands/export.js')).exportConversation(peer, options),
    );
}

function addForgetCommand(program: ExplainedCommand): void {
  program
    .command('forget <peer>')
    .description('erase what was said with somebody from this machine')
    .option('--before <date>', 'only what came here before that day or time', moment)
    .explained(
      ['earshot forget bob', 'earshot forget bob --before 2026-11-01', 'earshot forget bob --before 2026-11-27T18:30'],
      ABOUT_PEER,
      [
        PEER,
        'This cannot be undone: `earshot export` first, if it may be wanted. They keep their copy of what was delivered; what is not there yet is never sent. Whether they are accepted, verified or blocked stays as it is.',
        'A day begins at midnight here; a time is of here, unless it ends in Z or an offset.',
      ],
    )
    .action(async (peer: string, options: object) => (await import('./commands/forget.js')).forget(peer, options));
}

function addServiceCommands(program: ExplainedCommand): void {
  program
    .command('status')
    .description('which services run')
    .option('--json', 'one object: services, ports')
    .explained(
      ['earshot status', 'earshot status --json | jq .ports.tcp'],
      [notRunning],
      [
        'With --json: services has up, pid and uptimeMs of discovery, messenger, logserver and console; ports has tcp, http and discovery, null for what nobody holds. It ends with 4 where any service is down.',
      ],
    )
    .action(async (options: object) => (await services()).status(options));
  program
    .command('doctor [peer]')
    .description('why nobody appears, or why somebody does not, and what to do about it')
    .option('--json', 'one object: platform, down, username, interfaces, ports, firewall, others, peer, findings')
    .explained(
      ['earshot doctor', 'earshot doctor bob', 'earshot doctor bob --json | jq -r .findings[].cause'],
      [unknownPeer, notRunning],
      [
        PEER,
        'With 1 something is in the way, and the cause, the way out and the command stand there. Nothing is changed. Most firewalls show their rules to root only.',
      ],
    )
    .action(async (peer: string | undefined, options: object) =>
      (await import('./commands/doctor.js')).doctor(peer, options),
    );
  program
    .command('logs')
    .description('where the chat log can be read in a browser')
    .option('--url', 'with the token that opens it: keep it to yourself')
    .option('--open', 'open it in the browser')
    .explained(['earshot logs --open', 'earshot logs --url'], [notRunning])
    .action(async (options: object) => (await services()).logs(options));
  const config = program
    .command('config')
    .description('everyday settings; `npm start` applies them')
    .explained(['earshot config get', 'earshot config set port 7101'], []);
  config
    .command('get [key]')
    .description('one setting, or all')
    .explained(['earshot config get', 'earshot config get port'], [])
    .action(async (key: string | undefined) => {
      (await services()).configGet(key);
    });
  config
    .command('set <key> <value>')
    .description('change a setting; "" goes back to the default')
    .explained(
      ['earshot config set port 7101', "earshot config set interfaces '!docker0'", 'earshot config set port ""'],
      [],
      [
        '`earshot config get` lists the keys; `npm start` applies those of the services. Of the console are keys ("jump=ctrl+g help=f1,f2": the words are in its help), theme (dark, light or none) and notify (off, bell, desktop or text).',
      ],
    )
    .action(async (key: string, value: string) => {
      (await services()).configSet(key, value);
    });
}

function addShellCommands(program: ExplainedCommand): void {
  const shells = () => import('./commands/completion.js');
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'which one you use').choices(['bash', 'zsh', 'fish']))
    .description('a script for your shell, that completes commands, options and names with Tab')
    .explained(
      [
        "echo 'source <(earshot completion bash)' >> ~/.bashrc",
        "echo 'source <(earshot completion zsh)' >> ~/.zshrc       (after its line with compinit)",
        'earshot completion fish > ~/.config/fish/completions/earshot.fish',
      ],
      [],
    )
    .action(async (shell: Shell) => {
      (await shells()).completion(program, shell);
    });
  program
    .command('man')
    .description('the manual page, for man')
    .explained(['earshot man | man -l -', 'earshot man > ~/.local/share/man/man1/earshot.1'], [])
    .action(async () => {
      (await import('./commands/man.js')).man(program);
    });
  // What the scripts ask.
  program
    .command('complete', { hidden: true })
    .addArgument(new Argument('<what>').choices(['peers', 'messages']))
    .action(async (what: Asked) => (await shells()).complete(what));
}
