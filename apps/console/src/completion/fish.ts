/** Completion in fish. What a command substitution prints is one candidate a line to fish, and quoted where it is put in. */
import { placesOf, type Place } from './places.js';
import type { CompletedCommand } from './tree.js';

export function fishCompletion(program: CompletedCommand): string {
  const { steps, valued, places } = placesOf(program);
  return `# Completion of earshot in fish, made by: earshot completion fish

function __earshot_candidates
    set -l path ''
    set -l place 0
    set -l option ''
    set -l plain ''
    set -l words (commandline -opc)
    set -l cur (commandline -ct)
    for word in $words[2..-1]
        if test -n "$option"
            set option ''
        else if test "$word" = --
            set plain 1
        else if string match -q -- '-?*' "$word"; and test -z "$plain"
            if contains -- "$path:$word" ${valued.map(quote).join(' ')}
                set option $word
            end
        else if contains -- "$path:$word" ${steps.map(quote).join(' ')}
            set path (string trim -- "$path $word")
            set place 0
        else
            set place (math $place + 1)
        end
    end
    set -l before ''
    if test -n "$option"
        set place $option
    else if test -z "$plain"; and string match -q -- '--*=*' "$cur"
        set place (string split -m 1 = -- $cur)[1]
        set before "$place="
    else if test -z "$plain"; and string match -q -- '-*' "$cur"
        set place -
    end
    switch "$path:$place"
${places.map(branch).join('\n')}
    end
end

# What the services know, as data.
function __earshot_ask
    set -l program (string replace -r '^~/' "$HOME/" -- (commandline -opc)[1])
    for candidate in (command $program complete $argv[2] 2>/dev/null)
        printf '%s%s\\n' $argv[1] $candidate
    end
end

complete -c earshot -f -a '(__earshot_candidates)'
`;
}

function branch({ key, offers }: Place): string {
  const lines =
    typeof offers === 'string'
      ? [`            __earshot_ask "$before" ${offers}`]
      : offers.map(({ word, about }) => `            printf '%s%s\\t%s\\n' "$before" ${quote(word)} ${quote(about)}`);
  return [`        case ${quote(key)}`, ...lines].join('\n');
}

/** Single quotes, in which fish knows \\\\ and \\' alone. A pattern of \`case\` is matched as it stands but for * and ?, which no key has. */
function quote(word: string): string {
  return /^[\w-]+$/.test(word) ? word : `'${word.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
