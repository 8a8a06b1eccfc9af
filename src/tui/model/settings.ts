/**
 * What a run is judged by and can be changed while one looks at it: the protocols of ports, and dialects. The words are
 * those of the command line, checked by the same functions, so that what holds here can be written there.
 */

import { type DialectOption, dialectOf } from '../../dialect.ts';
import type { DecodeAs } from '../../protocol/identify.ts';
import type { AnyProtocol } from '../../protocol/protocol.ts';
import { parseDecodeAs, parseDialects, parsePorts, requireCarriers, UsageError } from '../../settings/words.ts';
import type { Candidates } from './command-line.ts';
import type { ScreenSettings } from './effects.ts';

/** In the place of a protocol: what was mapped to the ports is taken away again (tshark's Decode As calls it so, too). */
const NONE = 'none';

export type SettingKind = 'decode-as' | 'dialect';

/** How a setting is written on a command line, from where it may be pasted with its option. */
const OPTIONS: Readonly<Record<SettingKind, RegExp>> = {
  'decode-as': /^(?:-d|--decode-as)[\s=]+/,
  dialect: /^--dialect[\s=]+/,
};
/** Begins a setting that says it all: nothing in front of it can be meant. */
const WHOLE: Readonly<Record<SettingKind, RegExp>> = {
  'decode-as': /^(?:udp|tcp)\.port==/,
  dialect: /^[\w-]+\.[\w-]+=/,
};

/** A setting that stands for itself: `mnet.tags=initiator`, also behind its option; `tags=initiator` is not one. */
export function isWholeSetting(kind: SettingKind, text: string): boolean {
  return WHOLE[kind].test(withoutOption(kind, text));
}

/** @param start that the line began with: it is left out where a whole setting follows it, as `mnet.mnet.tags=initiator` */
export function settingIn(kind: SettingKind, text: string, start: string): string {
  const written = text.trim();
  const behind = start !== '' && written.startsWith(start) ? written.slice(start.length) : '';
  return withoutOption(kind, isWholeSetting(kind, behind) ? behind : written);
}

function withoutOption(kind: SettingKind, text: string): string {
  return text.trim().replace(OPTIONS[kind], '');
}

/** The settings with one more, the very same ones where they say so already, or one line that says why not. */
export function withDecodeAs(
  settings: ScreenSettings,
  text: string,
  protocols: readonly AnyProtocol[],
): ScreenSettings | string {
  return attempted(() => {
    const setting = text.trim();
    const ports = parsePorts(setting);
    const others = settings.decodeAs.flatMap(other => without(parseDecodeAs(other, protocols), ports));
    const decodeAs = ports.protocol === NONE ? others : [...others, spelt(parseDecodeAs(setting, protocols))];
    const before = settings.decodeAs.map(other => spelt(parseDecodeAs(other, protocols)));
    if (String(decodeAs.toSorted()) === String(before.toSorted())) return settings;
    return checked({ ...settings, decodeAs }, protocols);
  });
}

/** What is left of a mapping when another one has its ports. */
function without(mapping: DecodeAs, { transport, from, to }: DecodeAs): string[] {
  if (mapping.transport !== transport || mapping.to < from || mapping.from > to) return [spelt(mapping)];
  const below = { ...mapping, to: from - 1 };
  const above = { ...mapping, from: to + 1 };
  return [below, above].filter(rest => rest.from <= rest.to).map(spelt);
}

function spelt({ transport, from, to, protocol }: DecodeAs): string {
  return `${transport}.port==${from === to ? from : `${from}-${to}`},${protocol}`;
}

export function withDialect(
  settings: ScreenSettings,
  text: string,
  protocols: readonly AnyProtocol[],
): ScreenSettings | string {
  return attempted(() => {
    const setting = text.trim();
    const name = nameOf(setting);
    const others = settings.dialects.filter(other => nameOf(other) !== name);
    const changed = checked({ ...settings, dialects: [...others, setting] }, protocols);
    return choiceOf(name, settings, protocols) === choiceOf(name, changed, protocols) ? settings : changed;
  });
}

function nameOf(setting: string): string {
  return setting.split('=', 1)[0];
}

/** The value of an option as it holds, the default where none was set. */
function choiceOf(name: string, { dialects }: ScreenSettings, protocols: readonly AnyProtocol[]): string | undefined {
  const protocol = protocols.find(({ id, dialect }) => dialect.some(option => `${id}.${option.name}` === name));
  return protocol && dialectOf(protocol, parseDialects(dialects, protocols)).choice(name.slice(protocol.id.length + 1));
}

function checked(settings: ScreenSettings, protocols: readonly AnyProtocol[]): ScreenSettings {
  const mappings = settings.decodeAs.map(text => parseDecodeAs(text, protocols));
  requireCarriers(mappings, parseDialects(settings.dialects, protocols), protocols);
  return settings;
}

function attempted(change: () => ScreenSettings): ScreenSettings | string {
  try {
    return change();
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
  return starting([...carried.map(({ id }) => id), NONE], begun.slice(comma + 1), comma + 1);
}

/** What is mapped and how that is taken away; where nothing is, how it is written, by the first protocol that has a carrier. */
export function decodeAsHint({ decodeAs }: ScreenSettings, protocols: readonly AnyProtocol[]): string | undefined {
  if (decodeAs.length > 0) return `now ${decodeAs.join(' ')}; ${NONE} for a protocol removes it`;
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
export function dialectHint(
  text: string,
  settings: ScreenSettings,
  protocols: readonly AnyProtocol[],
): string | undefined {
  const [name] = text.split('=', 1);
  for (const protocol of protocols) {
    const option = protocol.dialect.find(candidate => `${protocol.id}.${candidate.name}` === name);
    if (option) return `now ${valueInForce(protocol, option, settings)}: ${option.meaning}`;
  }
  return undefined;
}

/** A setting as it may be shown: keys are named, not shown. */
export function settingInWords(text: string, protocols: readonly AnyProtocol[]): string {
  const setting = text.trim();
  const isKey = protocols.some(({ id, dialect }) =>
    dialect.some(({ kind, name }) => kind === 'key' && `${id}.${name}` === nameOf(setting)),
  );
  return isKey ? `${nameOf(setting)} set` : setting;
}

/** Keys are named, not shown. */
function valueInForce(protocol: AnyProtocol, option: DialectOption, { dialects }: ScreenSettings): string {
  if (option.kind === 'key')
    return dialects.some(text => text.startsWith(`${protocol.id}.${option.name}=`)) ? 'set' : 'none';
  const settled = new Map(dialects.map(text => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));
  return dialectOf(protocol, settled).choice(option.name);
}

function starting(words: readonly string[], begun: string, from: number): Candidates {
  return { from, candidates: words.filter(word => word.startsWith(begun)) };
}
