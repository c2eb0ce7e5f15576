/**
 * Completion in bash. What the services answer is only ever compared and quoted: given to `compgen -W`, a name with `$(…)`
 * in it would be carried out by pressing Tab.
 */
import { placesOf, type Place } from './places.js';
import type { CompletedCommand } from './tree.js';

export function bashCompletion(program: CompletedCommand): string {
  const { steps, valued, places } = placesOf(program);
  return `# Completion of earshot in bash, made by: earshot completion bash

_earshot() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path='' place=0 option='' plain='' before='' word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == '=' && -n $option ]]; then
      continue
    elif [[ -n $option ]]; then
      option=''
    elif [[ $word == -- ]]; then
      plain=1
    elif [[ $word == -?* && -z $plain ]]; then
      case $path:$word in
${caseOf(valued.map(pattern), 'option=$word')}
      esac
    else
      case $path:$word in
${caseOf(steps.map(pattern), 'path=${path:+$path }$word place=0')}
        *) ((place += 1)) ;;
      esac
    fi
  done
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $cur == --*=* && -z $plain && -z $option ]]; then
    # Where "=" does not part words, the option is part of what is replaced.
    option=\${cur%%=*} before=\${cur%%=*}= cur=\${cur#*=}
  fi
  if [[ -n $option ]]; then
    place=$option
  elif [[ $cur == -* && -z $plain ]]; then
    place=-
  fi
  case $path:$place in
${places.map(branch).join('\n')}
  esac
}

# Words of the program's own.
_earshot_words() {
  local word
  for word in "\${@:3}"; do
    [[ $word == "$2"* ]] && COMPREPLY+=("$1$word")
  done
}

# What the services know, as data: each line is one candidate.
_earshot_ask() {
  local cur=$2 program=\${COMP_WORDS[0]} candidate quoted open=''
  [[ $program == '~/'* ]] && program=$HOME/\${program#'~/'}
  # Within quotes only what needs none can be completed.
  case $cur in [\\"\\']*) open=1 cur=\${cur:1} ;; esac
  while IFS= read -r candidate; do
    printf -v quoted %q "$candidate"
    [[ -n $open && $quoted != "$candidate" ]] && continue
    if [[ $quoted == "$cur"* || $candidate == "$cur"* ]]; then COMPREPLY+=("$1$quoted"); fi
  done < <("$program" complete "$3" 2>/dev/null)
}

complete -F _earshot earshot
`;
}

function branch({ key, offers }: Place): string {
  const call =
    typeof offers === 'string'
      ? `_earshot_ask "$before" "$cur" ${offers}`
      : `_earshot_words "$before" "$cur" ${offers.map(({ word }) => quote(word)).join(' ')}`;
  return `    ${pattern(key)}) ${call} ;;`;
}

function caseOf(patterns: readonly string[], action: string): string {
  return `        ${patterns.join(' | ')}) ${action} ;;`;
}

/** Quoted, so that nothing in it is a pattern. */
function pattern(key: string): string {
  return quote(key);
}

function quote(word: string): string {
  return /^[\w-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
