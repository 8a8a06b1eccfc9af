/**
 * MNET: reliable, ordered bytes over UDP, one message a datagram. A four-way handshake with a signed cookie, data with
 * cumulative byte counts, a three-way shutdown.
 */
import { type Dialect, defineProtocol, type Layout, type Message, type TrackerHost, udp } from '../../src/sdk.ts';
import type { Exchange } from './exchange.ts';
import { DATA, INIT, LAYOUTS, TYPE } from './layouts.ts';
import { machine } from './machine.ts';
import { provocations, refusals } from './provocations.ts';
import { replay } from './replaying.ts';
import { tagNotRandom } from './rules/init.ts';
import { RULES } from './rules.ts';
import { segmentLength } from './segments.ts';
import { ROW_WORDS } from './state.ts';
import { joinTags, type NotedTags } from './tag-notes.ts';
import { MnetTracker } from './tracker.ts';

const MAGIC = [0x4d, 0x4e, 0x45, 0x54];

/** An INIT opens a session wherever it is seen: 9 bytes, the type and the letters MNET. */
function isInit(message: Message): boolean {
  if (message.length !== INIT.fixedLength || message.byte(0) !== TYPE.INIT) return false;
  return MAGIC.every((byte, i) => message.byte(INIT.fields.magic.offset + i) === byte);
}

export default defineProtocol({
  id: 'mnet',
  title: 'MNET',
  summary: 'reliable, ordered bytes over UDP, with a signed-cookie handshake',
  specification: 'MNET protocol, version 1',
  carriers: [udp()],
  recognition: 'an INIT (01 4d 4e 45 54, 9 bytes) on any UDP port; the pair then belongs to MNET',
  dialect: [
    {
      name: 'byteOrder',
      kind: 'choice',
      values: ['auto', 'little', 'big'],
      default: 'auto',
      meaning:
        "byte order of the integers; auto tells it from a DATA's length or an Expiration near the capture's time",
    },
    {
      name: 'tags',
      kind: 'choice',
      values: ['auto', 'initiator', 'receiver', 'sender'],
      default: 'auto',
      meaning:
        "whose tag the messages after the handshake carry: always the INIT's, the one their receiver or sender chose",
    },
    {
      name: 'cookieMac',
      kind: 'choice',
      values: ['off', 'spec', 'gomnet'],
      default: 'off',
      meaning:
        "what the cookie's HMAC is computed over: the specification's fields, or what the Go implementation takes",
    },
    { name: 'cookieKey', kind: 'key', default: '', meaning: "the listener's secret, in hex or as the path of a file" },
    {
      name: 'clockSkew',
      kind: 'seconds',
      default: '2s',
      meaning: "how far the listener's clock may be from the capture's before a cookie counts as expired",
    },
    {
      name: 'answerTimeout',
      kind: 'seconds',
      default: '5s',
      meaning: 'capture time after which INIT, COOKIE-ECHO, SHUTDOWN or SHUTDOWN-ACK counts as unanswered',
    },
  ],
  messages: LAYOUTS,
  machine,
  rules: RULES,
  rowWords: ROW_WORDS,
  recognise: datagrams => (datagrams.some(({ message }) => isInit(message)) ? 'yes' : 'no'),
  segmentLength,
  mended,
  usual,
  dialectProblem,
  replay,
  provocations,
  refusals,
  isDivisible: true,
  join: noted => joinTags(noted as readonly NotedTags[], tagNotRandom.id),
  createTracker: (host: TrackerHost<Exchange>, message: Message) => new MnetTracker(host, message),
});

function mended(message: Message, { name, fixedLength }: Layout): Readonly<Record<string, number>> {
  return name === DATA.name && message.length >= fixedLength ? { length: message.length - fixedLength } : {};
}

function usual({ fields }: Layout): Readonly<Record<string, number | string>> {
  return { ...('magic' in fields && { magic: 'MNET' }), ...('version' in fields && { version: 1 }) };
}

function dialectProblem(dialect: Dialect): string | undefined {
  const checks = dialect.choice('cookieMac') !== 'off';
  const hasKey = dialect.key('cookieKey') !== undefined;
  if (checks === hasKey) return undefined;
  return checks
    ? "cookieMac needs the listener's secret: add --dialect mnet.cookieKey=HEX"
    : 'cookieKey is used only with --dialect mnet.cookieMac=spec or mnet.cookieMac=gomnet';
}
