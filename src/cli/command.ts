/** What every command gets: where it runs, the protocols there are, and whom to tell how it ended. */
import type { Configuration } from '../configuration/settings.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { Tool } from '../report/json.ts';
import type { Host } from './host.ts';

export interface Program {
  readonly host: Host;
  readonly protocols: readonly AnyProtocol[];
  /** What a file sets, as far as the command line does not. */
  readonly configuration: Configuration | undefined;
  readonly tool: Tool;
  /** Folders of the protocols that are not built in, in order; undefined where one has none, and so is in this thread alone. */
  readonly plugins: readonly string[] | undefined;
  /** Takes the exit code that a command came to. */
  finish(code: number): void;
}
