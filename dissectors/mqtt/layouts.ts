/**
 * The packets of MQTT as tables, for people: trees, filters, documentation. Where 3.1.1 and 5.0 lay a packet out differently
 * there is a table of each; MQTT 3.1 is shown by those of 3.1.1. The tracker reads the same bytes by hand (packet.ts).
 */
import {
  bitField,
  bits,
  bytes,
  type FieldSpec,
  flag,
  group,
  type Layout,
  layoutOf,
  optional,
  properties,
  repeated,
  text,
  uint,
  varint,
  when,
} from '../../src/sdk.ts';
import { codesOf } from './codes.ts';
import { PROPERTIES, type PropertyRow } from './properties.ts';
import { LEVEL, TYPE, V5, V311, type Version } from './terms.ts';

const QOS = { 0: 'at most once', 1: 'at least once', 2: 'exactly once', 3: 'reserved' } as const;
const LEVELS = { 3: 'MQTT 3.1', 4: 'MQTT 3.1.1', 5: 'MQTT 5.0', 131: 'bridge, MQTT 3.1', 132: 'bridge, MQTT 3.1.1' };

const LEVEL_OF: Readonly<Record<Version, number>> = { [V311]: LEVEL.V311, [V5]: LEVEL.V5 };

/** `Session Expiry Interval` is `sessionExpiryInterval`. */
function fieldName(name: string): string {
  const words = name.split(' ').map(word => word[0] + word.slice(1).toLowerCase());
  return words.join('').replace(/^./, first => first.toLowerCase());
}

function propertyFields({ name: title, type, meaning }: PropertyRow): FieldSpec | readonly FieldSpec[] {
  const name = fieldName(title);
  const about = { title, meaning };
  switch (type) {
    case 'u8':
      return uint(name, 1, about);
    case 'u16':
      return uint(name, 2, about);
    case 'u32':
      return uint(name, 4, about);
    case 'var':
      return varint(name, about);
    case 'str':
      return text(name, { prefix: 2 }, about);
    case 'bin':
      return bytes(name, { prefix: 2 }, about);
    case 'pair':
      return [text('name', { prefix: 2 }, about), text('value', { prefix: 2 }, { title: 'value' })];
  }
}

const TABLE = Object.fromEntries(PROPERTIES.map(known => [known.id, propertyFields(known)]));

function props(name: 'properties' | 'willProperties'): FieldSpec {
  const title = name === 'properties' ? 'Properties' : 'Will Properties';
  return properties(name, TABLE, { title, clause: '§2.2.2', meaning: 'each an identifier and what it tells' });
}

/** First byte and Remaining Length. */
function head(code: number, name: string, low: readonly ReturnType<typeof flag>[]): readonly FieldSpec[] {
  const type = bitField('type', 4, 4, { title: 'Packet type', labels: { [code]: name }, brief: false });
  return [
    bits('header', 1, [type, ...low], { title: 'Fixed header', clause: '§2.1' }),
    varint('remainingLength', {
      title: 'Remaining Length',
      clause: '§2.1',
      meaning: 'bytes of the packet after this field',
      brief: false,
    }),
  ];
}

const FLAGS = [bitField('flags', 0, 4, { title: 'Flags', meaning: 'reserved: each type has its own', brief: false })];
const PUBLISH_FLAGS = [
  flag('dup', 3, { title: 'DUP', meaning: '1: may have been sent before' }),
  bitField('qos', 1, 2, { title: 'QoS', labels: QOS }),
  flag('retain', 0, { title: 'RETAIN', meaning: 'the message is kept for later subscribers, or was' }),
];

const identifier = uint('packetIdentifier', 2, { title: 'Packet Identifier' });

function code(type: number, edition: Version) {
  const title = edition === V5 ? 'Reason Code' : 'Return code';
  return uint('reasonCode', 1, { title, labels: codesOf(type, LEVEL_OF[edition]) ?? {} });
}

/** What the version has besides: properties are in 5.0 alone. */
const inNew = (edition: Version, ...fields: readonly FieldSpec[]) => (edition === V5 ? fields : []);

function connect(edition: Version): readonly FieldSpec[] {
  return [
    text('protocolName', { prefix: 2 }, { title: 'Protocol Name', brief: false }),
    uint('protocolLevel', 1, { title: edition === V5 ? 'Protocol Version' : 'Protocol Level', labels: LEVELS }),
    bits(
      'connectFlags',
      1,
      [
        flag('userNameFlag', 7, { title: 'User Name Flag', brief: false }),
        flag('passwordFlag', 6, { title: 'Password Flag', brief: false }),
        flag('willRetain', 5, { title: 'Will Retain' }),
        bitField('willQos', 3, 2, { title: 'Will QoS', labels: QOS }),
        flag('willFlag', 2, { title: 'Will Flag', brief: false }),
        flag('cleanSession', 1, { title: edition === V5 ? 'Clean Start' : 'Clean Session' }),
        flag('reserved', 0, { title: 'Reserved', brief: false }),
      ],
      { title: 'Connect Flags', brief: false },
    ),
    uint('keepAlive', 2, { title: 'Keep Alive', meaning: 'seconds; 0: none' }),
    ...inNew(edition, props('properties')),
    text('clientIdentifier', { prefix: 2 }, { title: 'Client Identifier' }),
    when(
      'willFlag',
      1,
      group('will', [
        ...inNew(edition, props('willProperties')),
        text('willTopic', { prefix: 2 }, { title: 'Will Topic' }),
        bytes('willPayload', { prefix: 2 }, { title: edition === V5 ? 'Will Payload' : 'Will Message' }),
      ]),
    ),
    when('userNameFlag', 1, text('userName', { prefix: 2 }, { title: 'User Name' })),
    when('passwordFlag', 1, bytes('password', { prefix: 2 }, { title: 'Password' })),
  ];
}

function connack(edition: Version): readonly FieldSpec[] {
  return [
    bits('acknowledgeFlags', 1, [flag('sessionPresent', 0, { title: 'Session Present' })], {
      title: 'Connect Acknowledge Flags',
      brief: false,
    }),
    code(TYPE.CONNACK, edition),
    ...inNew(edition, props('properties')),
  ];
}

function publish(edition: Version): readonly FieldSpec[] {
  return [
    text('topic', { prefix: 2 }, { title: 'Topic Name' }),
    when('qos', qos => qos > 0, identifier, 'if QoS is above 0'),
    ...inNew(edition, props('properties')),
    bytes('payload', 'rest', { title: 'Payload', meaning: 'the application message' }),
  ];
}

/** Where the packet ends, the Reason Code is 0 and there are no properties. */
const reason = (type: number, edition: Version) =>
  inNew(edition, optional(code(type, edition)), optional(props('properties')));

const acknowledgement = (type: number) => (edition: Version) => [identifier, ...reason(type, edition)];

function subscribe(edition: Version): readonly FieldSpec[] {
  const options = [
    ...(edition === V5
      ? [
          bitField('retainHandling', 4, 2, { title: 'Retain Handling' }),
          flag('retainAsPublished', 3, { title: 'Retain As Published' }),
          flag('noLocal', 2, { title: 'No Local' }),
        ]
      : []),
    bitField('qos', 0, 2, { title: edition === V5 ? 'Maximum QoS' : 'Requested QoS', labels: QOS }),
  ];
  return [
    identifier,
    ...inNew(edition, props('properties')),
    repeated('filters', [
      text('filter', { prefix: 2 }, { title: 'Topic Filter' }),
      bits('options', 1, options, { title: 'Subscription Options', brief: false }),
    ]),
  ];
}

const unsubscribe = (edition: Version) => [
  identifier,
  ...inNew(edition, props('properties')),
  repeated('filters', [text('filter', { prefix: 2 }, { title: 'Topic Filter' })]),
];

const codes = (type: number, edition: Version) => repeated('reasonCodes', [code(type, edition)]);

const suback = (edition: Version) => [identifier, ...inNew(edition, props('properties')), codes(TYPE.SUBACK, edition)];

const unsuback = (edition: Version) => [
  identifier,
  ...inNew(edition, props('properties'), codes(TYPE.UNSUBACK, edition)),
];

interface Row {
  readonly type: keyof typeof TYPE;
  readonly section: number;
  readonly meaning: string;
  readonly fields: (edition: Version) => readonly FieldSpec[];
  /** Absent: both, by tables of their own. `same`: by one. */
  readonly editions?: 'same' | readonly Version[];
}

const ROWS: readonly Row[] = [
  { type: 'CONNECT', section: 1, meaning: 'opens a session', fields: connect },
  { type: 'CONNACK', section: 2, meaning: 'accepts or refuses CONNECT', fields: connack },
  { type: 'PUBLISH', section: 3, meaning: 'carries an application message', fields: publish },
  { type: 'PUBACK', section: 4, meaning: 'answers PUBLISH of QoS 1', fields: acknowledgement(TYPE.PUBACK) },
  { type: 'PUBREC', section: 5, meaning: 'answers PUBLISH of QoS 2', fields: acknowledgement(TYPE.PUBREC) },
  { type: 'PUBREL', section: 6, meaning: 'answers PUBREC', fields: acknowledgement(TYPE.PUBREL) },
  {
    type: 'PUBCOMP',
    section: 7,
    meaning: 'answers PUBREL and ends the delivery',
    fields: acknowledgement(TYPE.PUBCOMP),
  },
  { type: 'SUBSCRIBE', section: 8, meaning: 'asks for topics', fields: subscribe },
  { type: 'SUBACK', section: 9, meaning: 'answers SUBSCRIBE', fields: suback },
  { type: 'UNSUBSCRIBE', section: 10, meaning: 'wants topics no longer', fields: unsubscribe },
  { type: 'UNSUBACK', section: 11, meaning: 'answers UNSUBSCRIBE', fields: unsuback },
  { type: 'PINGREQ', section: 12, meaning: 'asks whether the server is there', fields: () => [], editions: 'same' },
  { type: 'PINGRESP', section: 13, meaning: 'answers PINGREQ', fields: () => [], editions: 'same' },
  {
    type: 'DISCONNECT',
    section: 14,
    meaning: 'its sender is about to close the connection',
    fields: edition => reason(TYPE.DISCONNECT, edition),
  },
  {
    type: 'AUTH',
    section: 15,
    meaning: 'carries a step of the authentication',
    fields: edition => reason(TYPE.AUTH, edition),
    editions: [V5],
  },
];

function layoutsOf({ type: name, section, meaning, fields, editions = [V311, V5] }: Row): readonly Layout[] {
  const type = TYPE[name];
  const begin = head(type, name, type === TYPE.PUBLISH ? PUBLISH_FLAGS : FLAGS);
  const about = { code: type, meaning, clause: `§3.${section}` };
  if (editions === 'same') return [layoutOf(name, about, [...begin, ...fields(V5)])];
  return editions.map(edition => layoutOf(name, { ...about, edition }, [...begin, ...fields(edition)]));
}

/** By packet type; of each 3.1.1's before 5.0's. */
export const LAYOUTS: readonly Layout[] = ROWS.flatMap(layoutsOf);

const TYPES = 16;
const indexTable = (edition: Version) =>
  Array.from({ length: TYPES }, (_, type) =>
    LAYOUTS.findIndex(known => known.code === type && (known.edition ?? edition) === edition),
  );
const OLD_INDEX = indexTable(V311);
const NEW_INDEX = indexTable(V5);

/** Index into `LAYOUTS` of a version's packet of this type, or -1. @param level 3, 4 or 5 */
export function layoutIndex(type: number, level: number): number {
  return (level === LEVEL.V5 ? NEW_INDEX : OLD_INDEX)[type] ?? -1;
}
