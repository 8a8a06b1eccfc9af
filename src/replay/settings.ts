/** What a user may set of a replay, in the words of the command line, checked. */
import type { AnyProtocol } from '../protocol/protocol.ts';
import { fieldNamed } from '../protocol/replay.ts';
import { type Address, formatAddress, type Pair, parseAddress } from '../proxy/address.ts';
import { parseCount, parseDuration, UsageError, unknown } from '../settings/words.ts';
import type { Role, Script } from './script.ts';

export interface ReplayWords {
  readonly role: Role;
  /** The live server, for a client. */
  readonly to: string | undefined;
  /** Where a server listens for the live client. */
  readonly listen: string | undefined;
  readonly connections: readonly string[] | undefined;
  /** Times as fast, or `max`. */
  readonly speed: string;
  readonly timeout: string;
  /** Fields of the peer that are not compared: `CONNACK.properties`, `*.payload`. */
  readonly ignore: readonly string[] | undefined;
}

export interface ReplaySettings {
  readonly role: Role;
  readonly address: Address;
  /** Numbers of connections; all if undefined. */
  readonly wanted: ReadonlySet<number> | undefined;
  /** Infinite for no pauses. */
  readonly speed: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly ignored: readonly string[];
}

export const USUAL_TIMEOUT = '5s';

/** @throws UsageError */
export function replaySettings({ role, to, listen, connections, speed, timeout, ignore }: ReplayWords): ReplaySettings {
  const wanted = connections?.map(text => parseCount('--connection', text, 1));
  return {
    role,
    address: addressOf(role, to, listen),
    wanted: wanted && new Set(wanted),
    speed: parseSpeed(speed),
    timeout: parseDuration('--timeout', timeout),
    ignored: ignore ?? [],
  };
}

function addressOf(role: Role, to: string | undefined, listen: string | undefined): Address {
  if (role === 'client') {
    if (listen !== undefined) throw new UsageError('--listen: a client listens nowhere; say --as server, or --to');
    if (to === undefined) throw new UsageError('replay: name the live server: --to tcp:127.0.0.1:1883');
    return parseAddress(to, 'upstream');
  }
  if (to !== undefined) throw new UsageError('--to: a server waits for its client; say where with --listen');
  if (listen === undefined) throw new UsageError('replay --as server: name where to listen: --listen tcp:1883');
  return parseAddress(listen, 'listen');
}

function parseSpeed(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const speed = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && speed > 0) return speed;
  throw new UsageError(`--speed ${text}: write how many times as fast, 2 or 0.5, or max`);
}

/** The address as the pair of a proxy, of which one end is ours and has none. */
export function pairOf({ role, address }: ReplaySettings): Pair {
  const nowhere: Address = { scheme: 'tcp', host: '127.0.0.1', port: 0 };
  return role === 'client' ? { listen: nowhere, upstream: address } : { listen: address, upstream: nowhere };
}

/** Whether there is something to say or to hear. */
export function isEmpty({ steps }: Script): boolean {
  return !steps.some(({ kind }) => kind === 'say' || kind === 'hear');
}

export const NOTHING = 'nothing to replay: no message of a known protocol in the recording';

/** @throws UsageError for a script that holds nothing, that the address cannot carry, or connections or fields that are not in it */
export function requireReplayable(script: Script, { address, wanted, ignored }: ReplaySettings): void {
  const known = new Set(script.conversations.flatMap(({ connections }) => connections));
  for (const number of wanted ?? [])
    if (!known.has(number)) throw new UsageError(`--connection ${number}: the recording has no such connection`);
  if (isEmpty(script)) throw new UsageError(NOTHING);
  for (const path of ignored) requireField(path, script.conversations[0].protocol);
  const transport = address.scheme === 'udp' ? 'udp' : 'tcp';
  const other = script.conversations.find(conversation => conversation.transport !== transport);
  if (!other) return;
  const [ways, wrong] = other.transport === 'udp' ? ['udp:', 'streams'] : ['tcp:, tls: or unix:', 'datagrams'];
  throw new UsageError(
    `${formatAddress(address)}: connection ${other.connections[0]} was recorded on ${other.transport}, and this carries ` +
      `${wrong}: write ${ways}`,
  );
}

function requireField(path: string, { id, layouts }: AnyProtocol): void {
  const { message, field } = fieldNamed(
    path,
    layouts.map(({ name }) => name),
  );
  const meant = message === undefined ? layouts : layouts.filter(({ name }) => name === message);
  if (meant.length === 0)
    throw new UsageError(`--ignore ${path}: ${id} has no message ${message}; write MESSAGE.FIELD, or *.FIELD for all`);
  const [first] = field.split('.', 1);
  if (meant.some(({ fields }) => Object.hasOwn(fields, first))) return;
  const known = [...new Set(meant.flatMap(({ fields }) => Object.keys(fields)))];
  throw new UsageError(`--ignore ${path}: ${unknown('field', first, known)}`);
}
