/** Completion in zsh, with its own `_arguments`. What the services answer goes to `compadd`, which quotes what it puts in. */
import { allCommands, type Candidates, type CompletedCommand, type CompletedOption } from './tree.js';

export function zshCompletion(program: CompletedCommand): string {
  return `#compdef earshot
# Completion of earshot in zsh, made by: earshot completion zsh

${allCommands(program).map(functionFor).join('\n\n')}

# What the services know, as data: each line is one candidate.
_earshot_ask() {
  local -a found
  local expl
  found=(\${(f)"$("\${_earshot_program/#\\~\\//$HOME/}" complete $1 2>/dev/null)"})
  _wanted $1 expl $2 compadd -a found
}

if [[ $funcstack[1] == _earshot ]]; then
  _earshot "$@"
else
  compdef _earshot earshot
fi
`;
}

function functionFor(command: CompletedCommand): string {
  const { path, options, commands } = command;
  const name = functionName(path);
  const specs = options.map(optionSpec);
  if (commands.length === 0) {
    const all = [...specs, ...command.arguments.map(argumentSpec)];
    return `${name}() {\n  _arguments -s -S \\\n${all.map((spec) => `    ${spec}`).join(' \\\n')}\n}`;
  }
  const known = commands.map((each) => `    ${quote(`${each.path.at(-1) ?? ''}:${each.about}`)}`);
  const branches = commands.map((each) => `    ${each.path.at(-1) ?? ''}) ${functionName(each.path)} ;;`);
  return `${name}() {
  local context state state_descr line curcontext=$curcontext
  typeset -A opt_args
${path.length === 0 ? '  local _earshot_program=$words[1]\n' : ''}  local -a known=(
${known.join('\n')}
  )
  _arguments -C -S \\
${specs.map((spec) => `    ${spec} \\`).join('\n')}
    '1: :->command' \\
    '*:: :->rest'
  case $state in
  command) _describe -t commands command known ;;
  rest)
    case $line[1] in
${branches.join('\n')}
    esac
    ;;
  esac
}`;
}

function functionName(path: readonly string[]): string {
  return ['_earshot', ...path].join('_').replaceAll('-', '_');
}

/** `(-h --help)'{-h,--help}'[about]`, but each name on its own, which needs no brace expansion. */
function optionSpec({ names, about, value }: CompletedOption): string {
  const others = names.length > 1 ? `(${names.join(' ')})` : '';
  const taken = value === undefined ? '' : `:${inSpec(value.name)}:${actionOf(value, value.name)}`;
  return names
    .map((name) =>
      quote(`${others}${name}${value === undefined || !name.startsWith('--') ? '' : '='}[${inSpec(about)}]${taken}`),
    )
    .join(' ');
}

function argumentSpec(argument: CompletedCommand['arguments'][number], i: number): string {
  return quote(`${argument.isLast ? '*' : i + 1}:${inSpec(argument.name)}:${actionOf(argument, argument.name)}`);
}

function actionOf(candidates: Candidates, name: string): string {
  switch (candidates.kind) {
    case 'words':
      return `(${candidates.words.join(' ')})`;
    case 'anything':
      return ' ';
    default:
      // The space in front: nothing is put between it and what follows.
      return ` _earshot_ask ${candidates.kind} ${name}`;
  }
}

/** What would end a part of a spec. */
function inSpec(text: string): string {
  return text.replace(/[\\[\]:]/g, '\\$&');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
