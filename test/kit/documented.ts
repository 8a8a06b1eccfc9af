/**
 * Commands as the documentation has them: lines of its `sh` blocks and, behind a prompt, of its `console` blocks, lines of CI jobs,
 * and `npx wirelint ...` within a sentence where it has no place to fill in (NAME). Read as far as a shell would for simple
 * commands: quotes, continued lines, comments, `|`, `&&`, `;`, `&`, redirections. Patterns of files stay as they are.
 */
export interface DocumentedCommand {
  /** As it stands there. */
  readonly line: string;
  /** The program and its arguments, without quotes and redirections. */
  readonly words: readonly string[];
  /** It ends with `&`. */
  readonly isInBackground: boolean;
}

const BLOCK = /^```(\w+)\n([\s\S]*?)^```$/gm;
const INLINE = /`(npx wirelint [^`]+)`/g;
/** What a CI system fills in: the number of a job of a matrix. */
const FILLED_IN = /\$\{\{[^}]*\}\}/g;
const PLACE_TO_FILL_IN = /\b[A-Z]{2,}\b|\.\.\./;

export function commandsOf(page: string): DocumentedCommand[] {
  const lines: string[] = [];
  for (const [, language, body] of page.matchAll(BLOCK)) {
    const joined = body!.replace(/\\\n\s*/g, ' ').split('\n');
    if (language === 'sh') lines.push(...joined);
    if (language === 'console') lines.push(...joined.filter(line => line.startsWith('$ ')).map(line => line.slice(2)));
    if (language === 'yaml' || language === 'groovy')
      lines.push(...joined.flatMap(line => /npx wirelint [^']*/.exec(line.replace(FILLED_IN, '1'))?.[0] ?? []));
  }
  const prose = page.replace(BLOCK, '');
  for (const [, command] of prose.matchAll(INLINE)) if (!PLACE_TO_FILL_IN.test(command!)) lines.push(command!);
  return lines.flatMap(simpleCommands);
}

/** What stands in quotes, a word's other characters, an operator, a comment, or blanks. */
const TOKEN = /'([^']*)'|"([^"]*)"|(&&|\|\||[|;&]|\d?>>?|<)|(#.*)|([^\s'"|;&<>]+)|(\s+)/g;

function simpleCommands(line: string): DocumentedCommand[] {
  const commands: DocumentedCommand[] = [];
  let words: string[] = [];
  let word: string | undefined;
  let isTarget = false;
  const endWord = () => {
    if (word !== undefined && !isTarget) words.push(word);
    if (word !== undefined) isTarget = false;
    word = undefined;
  };
  const endCommand = (isInBackground: boolean) => {
    endWord();
    if (words.length > 0) commands.push({ line: line.trim(), words, isInBackground });
    words = [];
  };
  for (const [, single, double, operator, comment, plain, blanks] of line.matchAll(TOKEN)) {
    const text = single ?? double ?? plain;
    if (text !== undefined) word = (word ?? '') + text;
    else if (blanks !== undefined) endWord();
    else if (comment !== undefined && word === undefined) break;
    else if (operator?.includes('>') || operator === '<') {
      endWord();
      isTarget = true;
    } else if (operator !== undefined) endCommand(operator === '&');
  }
  endCommand(false);
  return commands;
}
