/**
 * A request of the control socket: one line of JSON, read against the table of commands. What is wrong with it is one line
 * for who wrote it. Who may write here may do all that the proxy can; the line may hold anything all the same.
 */
import { UsageError, unknown } from '../../settings/words.ts';
import {
  COMMAND_NAMES,
  COMMANDS,
  type CommandName,
  type CommandRow,
  EVENTS,
  type EventName,
  type ParameterKind,
} from './commands.ts';

/** What a response says again, so that it is known what it answers. */
export type RequestId = number | string | null;

/** UTF-16 units. */
const LONGEST_ID = 100;
const LONGEST_QUOTE = 40;
const FORM = 'write an object a line: {"id":1,"command":"status"}';

/** A line that is no request. `id` as far as it could be read. */
export class RequestError extends UsageError {
  readonly id: RequestId;

  constructor(id: RequestId, message: string) {
    super(message);
    this.id = id;
  }
}

export interface Request {
  readonly id: RequestId;
  readonly command: CommandName;
  readonly parameters: Parameters;
}

/** What stands beside a command's name, checked. Asked only for what the command takes. */
export class Parameters {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  number(name: string, otherwise = 0): number {
    const value = this.#values[name];
    return typeof value === 'number' ? value : otherwise;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  texts(name: string): readonly string[] | undefined {
    const value = this.#values[name];
    if (typeof value === 'string') return [value];
    return isTexts(value) ? value : undefined;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.#values[name];
    return typeof value === 'boolean' ? value : otherwise;
  }

  bytes(name: string): Uint8Array | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));
  }

  events(): readonly EventName[] {
    const wanted = this.texts('events');
    return wanted ? EVENTS.filter(name => wanted.includes(name)) : EVENTS;
  }
}

/** Nothing for a blank line. Throws a `RequestError`. */
export function parseRequest(line: string): Request | undefined {
  if (line.trim() === '') return undefined;
  const given = objectIn(line);
  const { id = null, command, ...values } = given;
  if (!isId(id)) throw new RequestError(null, `id: a number or a text of at most ${LONGEST_ID} characters`);
  if (typeof command !== 'string') throw new RequestError(id, `no command; ${FORM}`);
  const name = COMMAND_NAMES.find(known => known === command);
  if (!name) throw new RequestError(id, unknown('command', quoted(command), COMMAND_NAMES));
  const problem = problemOf(name, values);
  if (problem !== undefined) throw new RequestError(id, `${name}: ${problem}`);
  return { id, command: name, parameters: new Parameters(values) };
}

function objectIn(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new RequestError(null, `not JSON: ${quoted(line.trim())}; ${FORM}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RequestError(null, `not an object: ${quoted(line.trim())}; ${FORM}`);
  return { ...value };
}

function isId(id: unknown): id is RequestId {
  if (typeof id === 'string') return id.length <= LONGEST_ID;
  return id === null || (typeof id === 'number' && Number.isFinite(id));
}

function problemOf(name: CommandName, values: Readonly<Record<string, unknown>>): string | undefined {
  const { takes }: CommandRow = COMMANDS[name];
  const names = Object.keys(takes);
  for (const given of Object.keys(values)) {
    if (Object.hasOwn(takes, given)) continue;
    return names.length === 0 ? `takes nothing, and has ${quoted(given)}` : unknown('parameter', quoted(given), names);
  }
  for (const [parameter, { kind, isNeeded }] of Object.entries(takes)) {
    const value = values[parameter];
    if (value === undefined && isNeeded) return `${parameter} is missing: ${formOf(kind)}`;
    if (value !== undefined && !isOfKind(kind, value)) return `${parameter}: ${formOf(kind)}`;
  }
  return undefined;
}

function isOfKind(kind: ParameterKind, value: unknown): boolean {
  switch (kind) {
    case 'hold':
    case 'flow':
      return isNumber(value, 1);
    case 'hold or "all"':
      return value === 'all' || isNumber(value, 1);
    case 'index':
      return isNumber(value, 0);
    case '"client" or "server"':
      return value === 'client' || value === 'server';
    case 'text':
      return typeof value === 'string';
    case 'text or null':
      return value === null || typeof value === 'string';
    case 'texts':
      return isTexts(value);
    case 'text or texts':
      return typeof value === 'string' || isTexts(value);
    case 'hex':
      return typeof value === 'string' && /^(?:\s*[0-9a-f]{2})*\s*$/i.test(value);
    case 'true or false':
      return typeof value === 'boolean';
    case 'events':
      return isTexts(value) && value.every(name => EVENTS.some(known => known === name));
  }
}

function formOf(kind: ParameterKind): string {
  switch (kind) {
    case 'hold':
      return 'the number of a hold, as list has it';
    case 'hold or "all"':
      return 'the number of a hold, as list has it, or "all"';
    case 'flow':
      return 'the number of a flow, as flows has it';
    case 'index':
      return 'which message of the hold, counted from 0';
    case 'hex':
      return 'bytes in hex, two digits each';
    case 'texts':
      return 'a list of texts';
    case 'text or texts':
      return 'a text or a list of texts';
    case 'events':
      return `a list of ${EVENTS.join(', ')}`;
    default:
      return kind.startsWith('text') ? `a ${kind}` : kind;
  }
}

function isNumber(value: unknown, least: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string');
}

function quoted(text: string): string {
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE)}...`;
}
