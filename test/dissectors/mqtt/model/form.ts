/** What the catalogue forbids in one packet by itself, without a look at any other, beyond what cannot be read at all. */
import { numberOf, type Packet } from './read.ts';

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

const PUBLISHED = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
const RELEASED = [0x00, 0x92];
/** Codes of 5.0 by packet type. */
const CODES: Readonly<Record<number, readonly number[]>> = {
  2: [0, ...range(0x80, 0x8a), 0x8c, 0x90, 0x95, 0x97, ...range(0x99, 0x9d), 0x9f],
  4: PUBLISHED,
  5: PUBLISHED,
  6: RELEASED,
  7: RELEASED,
  9: [0, 1, 2, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2],
  11: [0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91],
  14: [0x00, 0x04, ...range(0x80, 0x83), 0x87, 0x89, ...range(0x8b, 0x90), ...range(0x93, 0xa2)],
  15: [0x00, 0x18, 0x19],
};
const ONLY_SERVER_DISCONNECTS = [0x87, 0x89, 0x8b, ...range(0x8d, 0x8f), ...range(0x9a, 0xa2)];

const hasWildcard = (text: string) => /[+#]/.test(text);

/** Rules that the packet breaks by its own content. */
export function formFaults(packet: Packet, version: number, fromClient: boolean): string[] {
  if (packet.connect) return connectFaults(packet);
  const { type, code } = packet;
  if (type === 3) return publishFaults(packet, version, fromClient);
  if (type === 8) return subscribeFaults(packet, version);
  if (type === 10) return unsubscribeFaults(packet, version);
  const broken: string[] = [];
  if (type === 2 && packet.acknowledgeFlags > 1) broken.push('connack-flags');
  if (type === 2 && packet.acknowledgeFlags & 1 && code !== 0) broken.push('session-present-refused');
  if (!codesOf(packet, version).every(known => isKnownCode(type, known, version))) broken.push('reason-code');
  if (type === 14 && fromClient && ONLY_SERVER_DISCONNECTS.includes(code)) broken.push('reason-code-role');
  if (type === 14 && !fromClient && code === 4) broken.push('reason-code-role');
  if ((type === 4 || type === 5) && fromClient && code === 0x10) broken.push('reason-code-role');
  if (type === 14 && !fromClient && packet.properties.has(17)) broken.push('session-expiry-from-server');
  return broken;
}

function codesOf({ type, code, codes }: Packet, version: number): readonly number[] {
  if (type === 9 || (type === 11 && version === 5)) return codes;
  return type === 2 || (version === 5 && type in CODES) ? [code] : [];
}

function isKnownCode(type: number, code: number, version: number): boolean {
  if (type === 2 && code === 1) return true;
  if (version === 5) return CODES[type].includes(code);
  return type === 2 ? code <= 5 : [0, 1, 2, 0x80].includes(code);
}

function connectFaults({ connect, properties }: Packet): string[] {
  const { flags, level, clean, clientId, name, will } = connect!;
  const broken: string[] = [];
  const bare = level & 0x7f;
  if (!(name === 'MQTT' && (bare === 4 || bare === 5)) && !(name === 'MQIsdp' && bare === 3)) return ['protocol-name'];
  if (flags & 1) broken.push('connect-reserved-flag');
  if (flags & 4 && (flags & 0x18) === 0x18) broken.push('will-qos');
  if (!(flags & 4) && flags & 0x38) broken.push('will-flags');
  if (level === 4 && flags & 0x40 && !(flags & 0x80)) broken.push('password-without-username');
  if (level === 4 && clientId === '' && !clean) broken.push('client-id-empty');
  if (properties.has(22) && !properties.has(21)) broken.push('auth-data-without-method');
  if (will && hasWildcard(will.topic)) broken.push('topic-wildcard');
  if (will && will.topic === '') broken.push('topic-empty');
  return broken;
}

function publishFaults(packet: Packet, version: number, fromClient: boolean): string[] {
  const { flags, topic, id, properties } = packet;
  const broken: string[] = [];
  if (flags & 8 && id === undefined) broken.push('dup-qos0');
  if (id === 0) broken.push('packet-id-zero');
  if (hasWildcard(topic)) broken.push('topic-wildcard');
  if (properties.get(35)?.[0] === 0) broken.push('topic-alias-zero');
  else if (topic === '' && !(version === 5 && properties.has(35))) broken.push('topic-empty');
  if (fromClient && properties.has(11)) broken.push('subscription-id-from-client');
  if (fromClient && hasWildcard(String(properties.get(8)?.[0] ?? ''))) broken.push('response-topic-wildcard');
  if (fromClient && numberOf(packet, 1, 0) === 1 && !isUtf8(packet.payload)) broken.push('payload-format');
  return broken;
}

function isUtf8(text: string): boolean {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes);
}

function subscribeFaults({ filters, id }: Packet, version: number): string[] {
  const broken: string[] = [];
  if (id === 0) broken.push('packet-id-zero');
  if (filters.length === 0) broken.push('subscribe-empty');
  for (const { text, options } of filters) {
    const isWrong =
      version === 5
        ? options & 0xc0 || (options & 3) === 3 || (options & 0x30) === 0x30
        : options & 0xfc || options === 3;
    if (isWrong) broken.push('subscribe-options');
    else if (version === 5 && options & 4 && isShared(text)) broken.push('no-local-shared');
    broken.push(...filterFaults(text, version));
  }
  return broken;
}

function unsubscribeFaults({ filters, id }: Packet, version: number): string[] {
  const broken: string[] = [];
  if (id === 0) broken.push('packet-id-zero');
  if (filters.length === 0) broken.push('unsubscribe-empty');
  return [...broken, ...filters.flatMap(({ text }) => filterFaults(text, version))];
}

function filterFaults(text: string, version: number): string[] {
  if (text === '') return ['topic-empty'];
  let filter = text;
  if (version === 5 && text.startsWith('$share/')) {
    const [, name, ...rest] = text.split('/');
    filter = rest.join('/');
    if (name === '' || hasWildcard(name) || filter === '') return ['shared-filter'];
  }
  const levels = filter.split('/');
  const isWrong = levels.some(
    (level, index) =>
      (level.includes('#') && (level !== '#' || index < levels.length - 1)) || (level.includes('+') && level !== '+'),
  );
  return isWrong ? ['filter-wildcard'] : [];
}

export const isShared = (filter: string) => filter.startsWith('$share/');

/** What a shared subscription subscribes to, or the filter itself. */
export function bareFilter(filter: string, version: number): string {
  return version === 5 && isShared(filter) ? filter.split('/').slice(2).join('/') : filter;
}

/** Does a filter match a topic, of which a leading `$` hides nothing? */
export function matches(filter: string, topic: string): boolean {
  const [wanted, levels] = [filter.split('/'), topic.split('/')];
  for (let at = 0; at < wanted.length; at++) {
    if (wanted[at] === '#') return true;
    if (at >= levels.length) return false;
    if (wanted[at] !== '+' && wanted[at] !== levels[at]) return false;
  }
  return wanted.length === levels.length;
}
