/**
 * A client of a tmux server in control mode (tmux(1), CONTROL MODE): commands go in as lines, and what each has to say
 * comes back between `%begin` and `%end`. It takes no part in how large a window is.
 */
import { type ChildProcess, spawn } from 'node:child_process';

interface Waiting {
  resolve(answer: string): void;
  reject(error: Error): void;
}

/** Flags behind `%begin`: the answer is to a command of this very client. */
const OWN = '1';

export class TmuxClient {
  /** Resolves when the server has gone, or has let go of this client. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  readonly #waiting: Waiting[] = [];
  /** What has come of a line. */
  #rest = '';
  /** Of the answer that is coming in: what stands behind its `%begin`, and its lines. */
  #answer: { readonly name: string; readonly lines: string[] } | undefined;

  /** @param server options that name the server */
  constructor(server: readonly string[]) {
    const flags = ['-f', 'ignore-size,no-output'];
    this.#process = spawn('tmux', [...server, '-u', '-C', 'attach-session', '-t', '0', ...flags], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, TMUX: '', LC_ALL: 'C.UTF-8' },
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    // Commands that come too late are rejected when the process has ended.
    this.#process.stdin?.on('error', () => {});
    this.ended = new Promise(resolve => {
      this.#process.once('close', () => {
        for (const { reject } of this.#waiting.splice(0)) reject(new Error('tmux has gone'));
        resolve();
      });
    });
  }

  /** Runs one command; throws what tmux complains of. @returns its answer, without a line feed at the end */
  run(words: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#process.exitCode !== null) reject(new Error('tmux has gone'));
      this.#waiting.push({ resolve, reject });
      this.#process.stdin?.write(`${words.map(quoted).join(' ')}\n`);
    });
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#takeLine(line);
  }

  #takeLine(line: string): void {
    const answer = this.#answer;
    if (!answer) {
      if (line.startsWith('%begin ')) this.#answer = { name: line.slice('%begin '.length), lines: [] };
      return;
    }
    const isError = line === `%error ${answer.name}`;
    if (!isError && line !== `%end ${answer.name}`) {
      answer.lines.push(line);
      return;
    }
    this.#answer = undefined;
    if (answer.name.split(' ').at(-1) !== OWN) return;
    const waiting = this.#waiting.shift();
    const said = answer.lines.join('\n');
    if (isError) waiting?.reject(new Error(`tmux: ${said}`));
    else waiting?.resolve(said);
  }
}

/** As tmux reads words: within single quotes all stands for itself. */
const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
