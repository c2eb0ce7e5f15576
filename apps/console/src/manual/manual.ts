/** The manual page, earshot(1), made of the program, the settings, the slash commands and the keys, so that it says what they say. */
import { PLACE_SETTINGS, SETTINGS, version, type SettingDescription } from '@earshot/runtime';
import type { Argument, Command, Option } from 'commander';
import { keysInWords } from '../full/help.js';
import { ACTIONS } from '../full/keys/actions.js';
import { bindingsFrom } from '../full/keys/bindings.js';
import { ALL_EXIT_CODES, ExplainedCommand, meaningOf } from '../help.js';
import { helpRows } from '../slash/help.js';
import { item, paragraph, prose, section, subsection, verbatim } from './roff.js';

export function manualPage(program: ExplainedCommand): string {
  const commands = allBelow(program);
  const { bindings } = bindingsFrom('');
  const page = [
    '.\\" Made by `earshot man`: change the program, not this file.',
    `.TH EARSHOT 1 "" "earshot ${version()}" "User Commands"`,
    section('NAME'),
    'earshot \\- talk to the people on your network',
    section('SYNOPSIS'),
    ...['', '--plain', '<command> …'].map((rest) => `.PP\n\\fBearshot\\fR ${prose(rest)}`.trimEnd()),
    section('DESCRIPTION'),
    paragraph(program.description().replaceAll('\n', ' ')),
    paragraph(
      'Four processes under pm2 do the work (`npm start`); a command asks them, does one thing and ends. Data goes to standard output, everything else to standard error. What others wrote is shown so that a terminal obeys nothing in it.',
    ),
    ...(program.explanation?.notes ?? []).map(paragraph),
    section('OPTIONS'),
    ...optionsOf(program),
    section('COMMANDS'),
    ...commands.flatMap(commandSection),
    section('CONSOLE'),
    paragraph('Typed in the console. A message that begins with a slash is written with two.'),
    ...helpRows('full').map(([what, about]) => item(what, about)),
    section('KEYS'),
    paragraph(
      'Those of the full screen, unless the setting `keys` says otherwise. In brackets the word for that setting: `earshot config set keys "jump=ctrl+g help=f1,f2"`.',
    ),
    ...ACTIONS.map(({ name, about }) => item(keysInWords(name, bindings), `${about} [${name}]`)),
    section('EXIT STATUS'),
    ...ALL_EXIT_CODES.map((code) => item(String(code), meaningOf(code))),
    section('ENVIRONMENT'),
    paragraph('Those with a key can be set with `earshot config set` too; the environment wins.'),
    ...PLACE_SETTINGS.map((setting) => settingItem(setting)),
    ...Object.entries(SETTINGS).map(([key, setting]) => settingItem(setting, key)),
    item('NO_COLOR', 'Set to anything but nothing: no colours, whatever the theme says.'),
    item('PM2_HOME', 'Where pm2 keeps its own files; `~/.pm2` if not set.'),
    section('FILES'),
    paragraph('In the data folder, `~/.local/share/earshot/<profile>` on Linux if nothing else is set:'),
    ...FILES.map(([name, about]) => item(name, about)),
    section('EXAMPLES'),
    verbatim(program.explanation?.examples ?? []),
    paragraph('A script that knows what became of its message:'),
    verbatim([
      'id=$(uuidgen)',
      'until earshot send bob \'backup done\' --id "$id" --wait delivered --timeout 60; do',
      '  case $? in 4|5) sleep 60 ;; *) exit 1 ;; esac',
      'done',
    ]),
    section('SEE ALSO'),
    paragraph('`README.md` and `docs/` of the checkout: what is protected and what is not, every setting, the limits.'),
  ].join('\n');
  // A heading begins a paragraph already.
  return `${page.replace(/^(\.S[HS] .*\n)\.PP\n/gm, '$1')}\n`;
}

const FILES = [
  ['config.json', 'the settings'],
  ['identity.key', 'your identity: whoever has it can pass for you'],
  ['history.db', 'what was said'],
  ['http-token', 'what the log page asks for'],
  ['logs/', 'process logs, which never say what people say'],
  ['locks/, ipc/', 'one service of each kind, and the sockets between them'],
] as const;

/** Those that are shown in the help, but for `help` itself. */
function allBelow(command: Command): ExplainedCommand[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .flatMap((each) =>
      each instanceof ExplainedCommand && each.explanation !== undefined ? [each, ...allBelow(each)] : [],
    );
}

function commandSection(command: ExplainedCommand): string[] {
  const { notes = [], examples = [], exitCodes = [] } = command.explanation ?? {};
  const path = pathOf(command);
  return [
    subsection(
      `${prose(path)} ${command.registeredArguments.map((argument) => prose(nameOf(argument))).join(' ')}`.trimEnd(),
    ),
    prose(sentence(command.description())),
    ...optionsOf(command),
    ...notes.map(paragraph),
    paragraph(`Exit status: ${exitCodes.join(', ')}.`),
    verbatim(examples),
  ];
}

function pathOf(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`;
}

function nameOf(argument: Argument): string {
  const name = argument.argChoices?.join('|') ?? `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function optionsOf(command: Command): string[] {
  const help = command.createHelp();
  return help
    .visibleOptions(command)
    .filter((option: Option) => option.long !== '--help')
    .map((option: Option) => item(help.optionTerm(option), help.optionDescription(option)));
}

function settingItem({ variable, meaning, must, example, default: usual }: SettingDescription, key?: string): string {
  const named = key === undefined ? '' : ` Key: \`${key}\`.`;
  return item(
    variable,
    `${sentence(meaning)} It must be ${must}. Default: ${usual === '' ? 'none' : usual}. Example: \`${example}\`.${named}`,
  );
}

function sentence(text: string): string {
  const capital = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
