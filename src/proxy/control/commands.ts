/**
 * The commands of the control socket, and what each takes: reading a request, the documentation and the test of both go by
 * this one table.
 */

/** How a parameter is written. */
export type ParameterKind =
  | 'hold'
  | 'hold or "all"'
  | 'flow'
  | '"client" or "server"'
  | 'text'
  | 'text or null'
  | 'text or texts'
  | 'texts'
  | 'hex'
  | 'true or false'
  | 'index'
  | 'events';

export interface CommandRow {
  readonly takes: Readonly<Record<string, { readonly kind: ParameterKind; readonly isNeeded: boolean }>>;
  /** One line, lower case, no full stop. */
  readonly does: string;
}

const needed = (kind: ParameterKind) => ({ kind, isNeeded: true }) as const;
const optional = (kind: ParameterKind) => ({ kind, isNeeded: false }) as const;

export const COMMANDS = {
  status: { takes: {}, does: 'where the proxy listens, what is in force, how much is held' },
  list: { takes: {}, does: 'what is held, the oldest first' },
  show: { takes: { hold: needed('hold') }, does: 'one of them, with its fields, findings and bytes' },
  forward: {
    takes: {
      hold: needed('hold or "all"'),
      set: optional('text or texts'),
      bytes: optional('hex'),
      message: optional('index'),
      mend: optional('true or false'),
    },
    does: 'forward it: as it is, with fields set, or with other bytes in the message',
  },
  drop: { takes: { hold: needed('hold or "all"') }, does: 'drop it: nothing is passed on in its place' },
  repeat: { takes: { hold: needed('hold') }, does: 'forward it and hold a copy, to forward again' },
  flows: { takes: {}, does: 'the flows that are open' },
  send: {
    takes: {
      flow: needed('flow'),
      to: needed('"client" or "server"'),
      name: optional('text'),
      protocol: optional('text'),
      edition: optional('text'),
      set: optional('text or texts'),
      bytes: optional('hex'),
    },
    does: 'send one side of a flow a message of your own: a NAME with fields set, or all of its bytes',
  },
  abort: { takes: { flow: needed('flow') }, does: 'abort a flow, towards both sides' },
  'break-on': { takes: { filter: needed('text or null') }, does: 'hold what this filter matches; null: nothing more' },
  faults: { takes: { faults: optional('texts') }, does: 'inject these faults and no others; alone: those in force' },
  report: { takes: {}, does: 'the report so far' },
  subscribe: { takes: { events: optional('events') }, does: 'send these events from now on; alone: all' },
  stop: { takes: {}, does: 'end the proxy' },
} as const satisfies Readonly<Record<string, CommandRow>>;

export type CommandName = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

export const EVENTS = ['held', 'released', 'fault', 'finding', 'connection'] as const;
export type EventName = (typeof EVENTS)[number];

/** The table for the documentation. */
export function commandsAsMarkdown(): string {
  const rows = Object.entries<CommandRow>(COMMANDS).map(([name, { takes, does }]) => {
    const parameters = Object.entries(takes).map(([parameter, { kind, isNeeded }]) => {
      const own = kind === parameter ? `\`${parameter}\`` : `\`${parameter}\` (${kind})`;
      return isNeeded ? own : `[${own}]`;
    });
    return `| \`${name}\` | ${parameters.join(' ')} | ${does} |`;
  });
  return ['| command | takes | does |', '|---|---|---|', ...rows].join('\n');
}
