/**
 * What a run is judged by and can be changed while one looks at it: the protocols of ports, and dialects. The words are
 * those of the command line, checked by the same functions, so that what holds here can be written there.
 */
import { parseDecodeAs, parseDialects, requireCarriers, UsageError } from '../../config.ts';
import { type DialectOption, dialectOf } from '../../protocol/dialect.ts';
import type { AnyProtocol } from '../../protocol/protocol.ts';
import type { Candidates } from './command-line.ts';
import type { Settings } from './effects.ts';

/** The settings with one more, or one line that says why not. */
export function withDecodeAs(settings: Settings, text: string, protocols: readonly AnyProtocol[]): Settings | string {
  return checked({ ...settings, decodeAs: [...settings.decodeAs, text.trim()] }, protocols);
}

export function withDialect(settings: Settings, text: string, protocols: readonly AnyProtocol[]): Settings | string {
  const [name] = text.trim().split('=', 1);
  const others = settings.dialects.filter(setting => !setting.startsWith(`${name}=`));
  return checked({ ...settings, dialects: [...others, text.trim()] }, protocols);
}

function checked(settings: Settings, protocols: readonly AnyProtocol[]): Settings | string {
  try {
    const mappings = settings.decodeAs.map(text => parseDecodeAs(text, protocols));
    requireCarriers(mappings, parseDialects(settings.dialects, protocols), protocols);
    return settings;
  } catch (error) {
    // The option of the command line that it names is not what was typed here.
    if (error instanceof UsageError) return error.message.replace(/^--(decode-as|dialect):? /, '');
    throw error;
  }
}

/** Transports that some protocol is carried by, then the ids of the protocols. */
export function completeDecodeAs(text: string, cursor: number, protocols: readonly AnyProtocol[]): Candidates {
  const begun = text.slice(0, cursor);
  const comma = begun.indexOf(',');
  if (comma < 0) {
    const transports = [...new Set(protocols.flatMap(({ carriers }) => carriers.map(({ transport }) => transport)))];
    return starting(
      transports.map(transport => `${transport}.port==`),
      begun,
      0,
    );
  }
  const transport = begun.slice(0, begun.indexOf('.'));
  const carried = protocols.filter(({ carriers }) => carriers.some(carrier => carrier.transport === transport));
  return starting(
    carried.map(({ id }) => id),
    begun.slice(comma + 1),
    comma + 1,
  );
}

/** How it is written, by the first protocol that has a carrier. */
export function decodeAsHint(protocols: readonly AnyProtocol[]): string | undefined {
  const [example] = protocols.flatMap(({ id, carriers }) => carriers.map(({ transport }) => ({ id, transport })));
  return example && `TRANSPORT.port==PORT,PROTOCOL: for instance ${example.transport}.port==27001,${example.id}`;
}

/** `PROTOCOL.OPTION=`, then the option's values. */
export function completeDialect(text: string, cursor: number, protocols: readonly AnyProtocol[]): Candidates {
  const begun = text.slice(0, cursor);
  const equals = begun.indexOf('=');
  const options = protocols.flatMap(({ id, dialect }) =>
    dialect.map(option => [`${id}.${option.name}`, option] as const),
  );
  if (equals < 0)
    return starting(
      options.map(([name]) => `${name}=`),
      begun,
      0,
    );
  const option = options.find(([name]) => name === begun.slice(0, equals))?.[1];
  return starting(option?.values ?? [], begun.slice(equals + 1), equals + 1);
}

/** What an option is for and what holds now, to stand under the line that sets it; nothing for a name that there is not. */
export function dialectHint(text: string, settings: Settings, protocols: readonly AnyProtocol[]): string | undefined {
  const [name] = text.split('=', 1);
  for (const protocol of protocols) {
    const option = protocol.dialect.find(candidate => `${protocol.id}.${candidate.name}` === name);
    if (option) return `now ${valueInForce(protocol, option, settings)}: ${option.meaning}`;
  }
  return undefined;
}

/** Keys are named, not shown. */
function valueInForce(protocol: AnyProtocol, option: DialectOption, { dialects }: Settings): string {
  if (option.kind === 'key')
    return dialects.some(text => text.startsWith(`${protocol.id}.${option.name}=`)) ? 'set' : 'none';
  const settled = new Map(dialects.map(text => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));
  return dialectOf(protocol, settled).choice(option.name);
}

function starting(words: readonly string[], begun: string, from: number): Candidates {
  return { from, candidates: words.filter(word => word.startsWith(begun)) };
}
