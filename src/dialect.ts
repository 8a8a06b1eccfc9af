/**
 * A dialect is a user's settlement of what a specification leaves open. A protocol declares its options in a table;
 * the command line, the documentation and the report all read that table.
 */

export interface DialectOption {
  readonly name: string;
  /** `choice` of `values`; `seconds` such as `5`, `2.5s`, `300ms`; `key` in hex. */
  readonly kind: 'choice' | 'seconds' | 'key';
  readonly values?: readonly string[];
  readonly default: string;
  /** One line for people. */
  readonly meaning: string;
}

const SECONDS = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s)?$/;

/** Says why a value does not fit its option, or nothing when it does. */
export function dialectProblem(option: DialectOption, value: string): string | undefined {
  switch (option.kind) {
    case 'choice':
      return option.values?.includes(value) ? undefined : `expected one of ${option.values?.join(', ')}`;
    case 'seconds':
      return SECONDS.test(value) ? undefined : 'expected a time such as 5s or 300ms';
    case 'key':
      return value === '' || /^([0-9a-f]{2})+$/i.test(value) ? undefined : 'expected a key in hex';
  }
}

/** The values in force: every option of the table, from the user's settings or its default. */
export class Dialect {
  readonly #values: ReadonlyMap<string, string>;

  /** @param settings option name -> value; checked before with `dialectProblem`, so a wrong one throws */
  constructor(options: readonly DialectOption[], settings: ReadonlyMap<string, string>) {
    this.#values = new Map(
      options.map(option => {
        const value = settings.get(option.name) ?? option.default;
        const problem = dialectProblem(option, value);
        if (problem) throw new Error(`dialect option ${option.name}: ${problem}`);
        return [option.name, value];
      }),
    );
  }

  choice(name: string): string {
    return this.#values.get(name) ?? '';
  }

  seconds(name: string): number {
    const match = SECONDS.exec(this.choice(name));
    return match ? Number(match[1]) / (match[2] === 'ms' ? 1000 : 1) : 0;
  }

  /** The key's bytes, or undefined when none was given. */
  key(name: string): Uint8Array | undefined {
    const hex = this.choice(name);
    return hex === '' ? undefined : new Uint8Array(Buffer.from(hex, 'hex'));
  }

  entries(): [string, string][] {
    return [...this.#values];
  }
}

/** The part of the settings that is a protocol's own: `mnet.tags` is `tags` of mnet. */
export function dialectOf(
  protocol: { readonly id: string; readonly dialect: readonly DialectOption[] },
  settings: ReadonlyMap<string, string>,
): Dialect {
  const prefix = `${protocol.id}.`;
  const own = [...settings].filter(([key]) => key.startsWith(prefix));
  return new Dialect(protocol.dialect, new Map(own.map(([key, value]) => [key.slice(prefix.length), value])));
}
