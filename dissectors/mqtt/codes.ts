/** Return Codes of 3.1.1 and Reason Codes of 5.0 (§2.4): which packet has which, and what they are called. */
import { LEVEL, TYPE } from './terms.ts';

export type CodeNames = Readonly<Record<number, string>>;

/** By number, those apart that have other names in some packets. */
const NAMES: CodeNames = {
  0: 'Success',
  1: 'Granted QoS 1',
  2: 'Granted QoS 2',
  4: 'Disconnect with Will Message',
  16: 'No matching subscribers',
  17: 'No subscription existed',
  24: 'Continue authentication',
  25: 'Re-authenticate',
  128: 'Unspecified error',
  129: 'Malformed Packet',
  130: 'Protocol Error',
  131: 'Implementation specific error',
  132: 'Unsupported Protocol Version',
  133: 'Client Identifier not valid',
  134: 'Bad User Name or Password',
  135: 'Not authorized',
  136: 'Server unavailable',
  137: 'Server busy',
  138: 'Banned',
  139: 'Server shutting down',
  140: 'Bad authentication method',
  141: 'Keep Alive timeout',
  142: 'Session taken over',
  143: 'Topic Filter invalid',
  144: 'Topic Name invalid',
  145: 'Packet Identifier in use',
  146: 'Packet Identifier not found',
  147: 'Receive Maximum exceeded',
  148: 'Topic Alias invalid',
  149: 'Packet too large',
  150: 'Message rate too high',
  151: 'Quota exceeded',
  152: 'Administrative action',
  153: 'Payload format invalid',
  154: 'Retain not supported',
  155: 'QoS not supported',
  156: 'Use another server',
  157: 'Server moved',
  158: 'Shared Subscriptions not supported',
  159: 'Connection rate exceeded',
  160: 'Maximum connect time',
  161: 'Subscription Identifiers not supported',
  162: 'Wildcard Subscriptions not supported',
};

/** Of 3.1.1, by packet type. */
const OLD: Readonly<Record<number, CodeNames>> = {
  [TYPE.CONNACK]: {
    0: 'Connection Accepted',
    1: 'unacceptable protocol version',
    2: 'identifier rejected',
    3: 'Server unavailable',
    4: 'bad user name or password',
    5: 'not authorized',
  },
  [TYPE.SUBACK]: { 0: 'Granted QoS 0', 1: 'Granted QoS 1', 2: 'Granted QoS 2', 128: 'Failure' },
};

const PUBLISHED = namesOf('00 10 80 83 87 90 91 97 99');
const RELEASED = namesOf('00 92');

/** Of 5.0, by packet type. */
const NEW: Readonly<Record<number, CodeNames>> = {
  [TYPE.CONNACK]: namesOf('00 80-8a 8c 90 95 97 99-9d 9f'),
  [TYPE.PUBACK]: PUBLISHED,
  [TYPE.PUBREC]: PUBLISHED,
  [TYPE.PUBREL]: RELEASED,
  [TYPE.PUBCOMP]: RELEASED,
  [TYPE.SUBACK]: { ...namesOf('00 01 02 80 83 87 8f 91 97 9e a1 a2'), 0: 'Granted QoS 0' },
  [TYPE.UNSUBACK]: namesOf('00 11 80 83 87 8f 91'),
  [TYPE.DISCONNECT]: { ...namesOf('00 04 80-83 87 89 8b-90 93-a2'), 0: 'Normal disconnection' },
  [TYPE.AUTH]: namesOf('00 18 19'),
};

/** The codes of a packet type by a version; undefined where it has none. @param level 3, 4 or 5 */
export function codesOf(type: number, level: number): CodeNames | undefined {
  return level === LEVEL.V5 ? NEW[type] : OLD[type];
}

/** `0x87 (Not authorized)` */
export function codeText(type: number, level: number, code: number): string {
  const name = codesOf(type, level)?.[code];
  const number = `0x${code.toString(16).padStart(2, '0')}`;
  return name === undefined ? number : `${number} (${name})`;
}

/** Whether a code is in a list such as `80-83 87`, in hex. */
export function codeSet(list: string): ReadonlySet<number> {
  return new Set(
    list.split(' ').flatMap(entry => {
      const [first, last = first] = entry.split('-').map(digits => Number.parseInt(digits, 16));
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    }),
  );
}

function namesOf(list: string): CodeNames {
  return Object.fromEntries([...codeSet(list)].map(code => [code, NAMES[code]]));
}
