/**
 * What each shell runs when Tab is pressed behind `wirelint`: the program itself is asked, so that a script never grows old.
 * It answers with `values`, `nospace` where a value goes on, or `files` where the shell's own names of files may stand, in a line;
 * then the candidates, a line each, as the shell wants them. `npx wirelint` is
 * completed as `wirelint` is; the project's own is asked, since npx takes a second to find it.
 */

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** By which a script asks, ahead of the shell's name. */
export const COMPLETION_REQUEST = '--complete';

/** bash 3.2, which macOS has, knows neither mapfile nor compopt. */
const BASH = `# Completion of wirelint in bash: wirelint completion bash >> ~/.bashrc
_wirelint() {
  local line=\${COMP_LINE:0:COMP_POINT} kind='' answer
  local program=("\${COMP_WORDS[0]}")
  if [ "\${COMP_WORDS[0]}" = npx ]; then
    program=(npx --no -- wirelint)
    [ -x node_modules/.bin/wirelint ] && program=(node_modules/.bin/wirelint)
  fi
  COMPREPLY=()
  while IFS= read -r answer; do
    if [ -z "$kind" ]; then kind=$answer; else COMPREPLY+=("$answer"); fi
  done < <("\${program[@]}" ${COMPLETION_REQUEST} bash "$line" "$COMP_WORDBREAKS" 2>/dev/null)
  [ "$kind" = nospace ] && compopt -o nospace 2>/dev/null
  return 0
}
_wirelint_npx() {
  COMPREPLY=()
  [ "$COMP_CWORD" -gt 1 ] && [ "\${COMP_WORDS[1]}" = wirelint ] && _wirelint
  return 0
}
complete -o bashdefault -o default -F _wirelint wirelint
complete -p npx >/dev/null 2>&1 || complete -o bashdefault -o default -F _wirelint_npx npx
`;

const ZSH = `#compdef wirelint
# Completion of wirelint in zsh: wirelint completion zsh >> ~/.zshrc
_wirelint() {
  local -a program answers
  program=("\${words[1]}")
  if [[ \${words[1]} = npx ]]; then
    program=(npx --no -- wirelint)
    [[ -x node_modules/.bin/wirelint ]] && program=(node_modules/.bin/wirelint)
  fi
  answers=("\${(@f)$("\${program[@]}" ${COMPLETION_REQUEST} zsh "\${(@)words[1,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
  case \${answers[1]} in
    files)
      compset -P '*='
      _files
      ;;
    nospace) compadd -S '' -- "\${(@)answers[2,-1]}" ;;
    *) compadd -- "\${(@)answers[2,-1]}" ;;
  esac
}
_wirelint_npx() {
  if [[ CURRENT -gt 2 && \${words[2]} = wirelint ]]; then _wirelint; else _default; fi
}
if [[ \${zsh_eval_context[-1]} = loadautofunc ]]; then
  _wirelint "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
  compdef _wirelint wirelint
  (( $+_comps[npx] )) || compdef _wirelint_npx npx
fi
`;

const FISH = `# Completion of wirelint in fish: wirelint completion fish > ~/.config/fish/completions/wirelint.fish
function __wirelint_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    if test "$words[1]" = npx
        set program npx --no -- wirelint
        test -x node_modules/.bin/wirelint; and set program node_modules/.bin/wirelint
    end
    set -l answers ($program ${COMPLETION_REQUEST} fish $words (commandline -ct) 2>/dev/null)
    if test "$answers[1]" = files
        set -l before (string replace -r -- '[^=]*$' '' (commandline -ct))
        for path in (__fish_complete_path (string replace -r -- '^.*=' '' (commandline -ct)))
            echo $before$path
        end
    else
        printf '%s\\n' $answers[2..]
    end
end
complete -c wirelint -f -a '(__wirelint_complete)'
complete -c npx -n 'test (count (commandline -opc)) -gt 1; and test (commandline -opc)[2] = wirelint' -f -a '(__wirelint_complete)'
`;

export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };

/** By the path in SHELL; bash where that is none of ours. */
export function shellOf(path: string | undefined): Shell {
  return SHELLS.find(shell => path?.split('/').at(-1) === shell) ?? 'bash';
}
