/**
 * The faults that a random conversation may have. Those here change one message on its way out; `BEHAVIOURS` are the rules
 * that a client or the server breaks by what it does, where it asks `strikes`. Whether a changed message breaks the rule of
 * its name depends on what went before: the model says.
 */
import { concat } from '../../../src/testkit/bytes.ts';
import { mqtt, type PropertyValue } from '../../kit/mqtt.ts';
import { encode, type Kind, type Message, type Sending, without, withProperty } from './random-messages.ts';
import type { Alter, World } from './random-world.ts';

type Change = (message: Message, sending: Sending, world: World) => Message | undefined;

/** Changes messages of these kinds, of one side if that is said, and of one version. */
function on(kinds: readonly Kind[], change: Change, side?: 'client' | 'server', version?: 4 | 5): Alter {
  return (sending, world) => {
    const { message } = sending;
    const isOurs = side === undefined || sending.side === side;
    if (!kinds.includes(message.kind) || !isOurs) return undefined;
    return version === undefined || sending.version === version ? change(message, sending, world) : undefined;
  };
}

/** The receiver cannot take it: it closes. */
const broken = (change: Change): Change => {
  return (message, sending, world) => {
    const changed = change(message, sending, world);
    return changed && { ...changed, raw: changed.raw ?? encode(sending.version, changed) };
  };
};

/** Other bytes in place of the packet's. */
const bytes = (change: (bytes: Uint8Array, world: World) => Uint8Array): Change =>
  broken((message, { version }, world) => ({ ...message, raw: change(encode(version, message), world) }));

const add = (property: number, value: PropertyValue) => (message: Message) => withProperty(message, property, value);
const ACKS: readonly Kind[] = ['puback', 'pubrec', 'pubrel', 'pubcomp'];
const ASKS: readonly Kind[] = ['subscribe', 'unsubscribe'];

/** Ours for a PUBLISH that has its topic. */
const named =
  (change: Change): Change =>
  (message, sending, world) =>
    message.topic ? change(message, sending, world) : undefined;

const FORM: Readonly<Record<string, Alter>> = {
  'reserved-type': on(
    ['pingreq', 'pingresp'],
    bytes(() => Uint8Array.of(0, 0)),
  ),
  'wrong-direction': on(
    ['pingreq', 'pingresp'],
    broken(message => ({
      ...message,
      raw: message.kind === 'pingreq' ? Uint8Array.of(0xd0, 0) : Uint8Array.of(0xc0, 0),
    })),
  ),
  'header-flags': on(
    ['pingreq', 'pingresp', 'subscribe', 'disconnect', 'suback', 'pubrel'],
    bytes(whole => Uint8Array.of(whole[0] ^ 1, ...whole.subarray(1))),
  ),
  length: on(
    ['pingreq', 'pingresp', 'unsubscribe'],
    bytes(whole => Uint8Array.of(whole[0], whole[1] + 1, ...whole.subarray(2), 0)),
  ),
  utf8: on(['publish'], named(broken(message => ({ ...message, topic: '', raw: withTopic([0xc0, 0xaf]) })))),
  'utf8-null': on(['publish'], named(broken(message => ({ ...message, topic: 'a\0' })))),
  'publish-qos': on(
    ['publish'],
    bytes(whole => Uint8Array.of(whole[0] | 6, ...whole.subarray(1))),
  ),
  'varint-not-minimal': on(
    ['pingreq', 'pingresp'],
    bytes(whole => Uint8Array.of(whole[0], 0x80, 0)),
    undefined,
    5,
  ),
  'remaining-length-malformed': on(
    ['pingreq', 'pingresp'],
    bytes(whole => Uint8Array.of(whole[0], 0xff, 0xff, 0xff, 0xff)),
  ),
  'property-unknown': on(
    ASKS,
    broken(raw => withTail(raw, [2, 100, 0])),
    'client',
    5,
  ),
  'property-length': on(
    ASKS,
    broken(raw => withTail(raw, [90])),
    'client',
    5,
  ),
  'property-not-allowed': on(ASKS, broken(add(33, 4)), 'client', 5),
  'property-repeated': on(
    ['publish'],
    broken(message => ({ ...message, properties: [...(message.properties ?? []), [3, 'x'], [3, 'x']] })),
    undefined,
    5,
  ),
  'property-value': on(['subscribe'], broken(add(11, 0)), 'client', 5),
  'packet-id-zero': on(
    ['publish', ...ASKS],
    broken(message => (message.id ? { ...message, id: 0 } : undefined)),
  ),
  'topic-wildcard': on(
    ['publish'],
    named(message => ({ ...message, topic: 'a/+' })),
  ),
  'topic-empty': on(['publish'], named(broken(message => ({ ...without(message, 35), topic: '' })))),
  'subscribe-empty': on(
    ['subscribe'],
    broken(message => ({ ...message, filters: [] })),
  ),
  'unsubscribe-empty': on(
    ['unsubscribe'],
    broken(message => ({ ...message, filters: [] })),
  ),
  'subscribe-options': on(
    ['subscribe'],
    broken(message => ({ ...message, filters: [['a/b', 0xc3]] })),
  ),
  'no-local-shared': on(
    ['subscribe'],
    broken(message => ({ ...message, filters: [['$share/g/x', 5]] })),
    'client',
    5,
  ),
  'filter-wildcard': on(['subscribe'], message => ({ ...message, filters: [['a/#/b', 1]] })),
  'shared-filter': on(['subscribe'], message => ({ ...message, filters: [['$share//x', 1]] }), 'client', 5),
  'dup-qos0': on(['publish'], message => (message.qos === 0 ? { ...message, dup: true } : undefined)),
  'subscription-id-from-client': on(['publish'], broken(add(11, 3)), 'client', 5),
  'session-expiry-from-server': on(['disconnect'], add(17, 5), 'server', 5),
  'reason-code': on([...ACKS, 'disconnect', 'suback', 'connack'], badCode),
  'reason-code-role': on(['puback', 'pubrec', 'disconnect'], roleCode, undefined, 5),
};

const CONNECTING: Readonly<Record<string, Alter>> = {
  'connect-not-first': on(['connect'], () => ({ kind: 'pingreq' })),
  'protocol-name': on(
    ['connect'],
    bytes(whole => changed(whole, 4, 0x6d)),
  ),
  'connect-reserved-flag': on(['connect'], broken(withFlags(1))),
  'will-qos': on(
    ['connect'],
    broken(message => (message.will ? withFlags(0x18)(message) : undefined)),
  ),
  'will-flags': on(
    ['connect'],
    broken(message => (message.will ? undefined : withFlags(0x20)(message))),
  ),
  'password-without-username': on(
    ['connect'],
    broken(message => (message.userName === undefined ? { ...message, password: 'p' } : undefined)),
    'client',
    4,
  ),
  'client-id-empty': on(
    ['connect'],
    broken(message => ({ ...message, clientId: '', clean: false })),
    'client',
    4,
  ),
  'connect-payload': on(
    ['connect'],
    bytes(whole => Uint8Array.of(0x10, whole[1] + 1, ...whole.subarray(2), 0)),
  ),
  'auth-data-without-method': on(['connect'], broken(add(22, 'data')), 'client', 5),
  'bad-connect-accepted': on(['connect'], withFlags(1)),
  'bad-connect-answered': on(['connect'], withFlags(1), 'client', 4),
  'connack-flags': on(['connack'], message => ({ ...message, flags: 2 | (message.sessionPresent ? 1 : 0) })),
  'session-present-clean': on(['connack'], message => ({ ...message, sessionPresent: true })),
  'session-present-refused': on(['connack'], message =>
    message.code ? { ...message, sessionPresent: true } : undefined,
  ),
  'client-id-refused': on(['connack'], (message, { version }) =>
    message.code ? { ...message, code: version === 5 ? 0x85 : 2 } : undefined,
  ),
  'assigned-client-id-missing': on(['connack'], message => without(message, 18)),
  'assigned-client-id-in-use': on(['connack'], message =>
    message.properties?.some(([property]) => property === 18) ? withProperty(message, 18, 'client0') : undefined,
  ),
  'response-information': on(['connack'], add(26, 'info'), 'server', 5),
  'auth-without-method': on(
    ['pingreq', 'connack'],
    (message, _sending, world) => {
      if (message.kind === 'connack') return withProperty(message, 21, 'M');
      return world.dice.chance(0.3) ? { kind: 'auth', code: 0x19, properties: [[21, 'M']] } : undefined;
    },
    undefined,
    5,
  ),
  'auth-method-mismatch': on(['auth', 'connack'], add(21, 'other'), undefined, 5),
  'auth-unexpected': on(
    ['auth', 'pingreq', 'pingresp'],
    (message, { side }) => {
      const properties = message.properties ?? [[21, 'M']];
      return { kind: 'auth', code: side === 'client' ? (message.code ? 0 : 0x18) : 0x19, properties };
    },
    undefined,
    5,
  ),
};

const FLOWING: Readonly<Record<string, Alter>> = {
  'dup-first': on(['publish'], (message, _sending, world) =>
    message.qos ? { ...message, dup: true, id: 40_000 + world.dice.roll(1_000) } : undefined,
  ),
  'topic-alias-zero': on(['publish'], broken(add(35, 0)), undefined, 5),
  'topic-alias-too-large': on(['publish'], named(broken(add(35, 60_000))), undefined, 5),
  'topic-alias-unknown': on(
    ['publish'],
    (message, { aliasMaximum }) =>
      aliasMaximum > 0 ? { ...withProperty(message, 35, aliasMaximum), topic: '' } : undefined,
    undefined,
    5,
  ),
  'topic-alias-refused': on(['disconnect'], message => ({ ...message, code: 0x94 }), undefined, 5),
  'limit-unannounced': on(
    ['disconnect'],
    (message, { side }, world) => {
      const codes = side === 'client' ? [0x93, 0x95] : [0x93, 0x95, 0x9a, 0x9b];
      return { ...message, code: world.dice.pick(codes) };
    },
    undefined,
    5,
  ),
  'session-expiry-raised': on(['disconnect'], add(17, 60), 'client', 5),
  'topic-not-subscribed': on(
    ['publish'],
    named(message => ({ ...message, topic: 'never/asked' })),
    'server',
  ),
  'dollar-topic-matched': on(
    ['publish'],
    named(message => ({ ...message, topic: '$load' })),
    'server',
  ),
  'qos-above-granted': on(
    ['publish'],
    message => (message.qos ? undefined : { ...message, qos: 1, id: 7_777 }),
    'server',
  ),
  'retain-flag-unwanted': on(['publish'], message => ({ ...message, retain: true }), 'server', 5),
  'subscription-id-unknown': on(['publish'], add(11, 9_999), 'server', 5),
  'subscription-id-missing': on(['publish'], message => without(message, 11), 'server', 5),
  'suback-count': on(['suback'], message => ({ ...message, codes: [...(message.codes ?? []), 0] })),
  'unsuback-count': on(['unsuback'], message => ({ ...message, codes: [...(message.codes ?? []), 0] }), 'server', 5),
  'granted-above-requested': on(['suback'], message => ({ ...message, codes: (message.codes ?? []).map(() => 2) })),
  'problem-information': on(['suback', 'puback', 'pubrec', 'pubcomp', 'unsuback'], add(31, 'why'), 'server', 5),
  'optional-property-too-large': on(
    [...ACKS, 'suback', 'unsuback', 'connack'],
    (message, { maximumPacketSize }) =>
      maximumPacketSize < 1_000 ? withProperty(message, 31, 'x'.repeat(maximumPacketSize)) : undefined,
    undefined,
    5,
  ),
  'wildcard-not-supported': on(['subscribe'], message => ({ ...message, filters: [['#', 1]] }), 'client', 5),
  'shared-not-supported': on(['subscribe'], message => ({ ...message, filters: [['$share/g/x', 1]] }), 'client', 5),
  'subscription-id-not-supported': on(['subscribe'], add(11, 3), 'client', 5),
  'malformed-accepted': on(
    ['pingreq', 'subscribe', 'publish'],
    (message, sending, world) => {
      const rule = { pingreq: 'header-flags', subscribe: 'subscribe-options', publish: 'utf8-null' }[
        message.kind as 'pingreq'
      ];
      return sending.connected ? FORM[rule](sending, world) : undefined;
    },
    'client',
  ),
};

/** Rules that somebody breaks by what he does. */
export const BEHAVIOURS = [
  'connect-repeated',
  'connack-repeated',
  'connect-unanswered',
  'connack-not-first',
  'connack-unsolicited',
  'after-refusal',
  'refused-not-closed',
  'disconnect-before-connack',
  'after-disconnect',
  'disconnect-not-closed',
  'will-unsupported-accepted',
  'takeover-not-closed',
  'session-lost',
  'session-resurrected',
  'state-carried-over',
  'auth-packet-before-connack',
  'truncated',
  'dup-missing',
  'packet-id-in-use',
  'resume-id-in-use',
  'resent-in-connection',
  'publish-after-pubrel',
  'pubrel-after-refusal',
  'resend-order',
  'not-resent',
  'receive-maximum',
  'maximum-packet-size',
  'qos-not-supported',
  'retain-not-supported',
  'ack-unknown-id',
  'ack-wrong-type',
  'pubrel-unknown-id',
  'pubrel-before-pubrec',
  'pubcomp-before-pubrel',
  'puback-order',
  'pubrec-order',
  'pubrel-order',
  'publish-unanswered',
  'pubrec-unanswered',
  'pubrel-unanswered',
  'subscribe-unanswered',
  'unsubscribe-unanswered',
  'ping-unanswered',
  'pingresp-unsolicited',
  'keep-alive-exceeded',
  'keep-alive-not-enforced',
] as const;

export const FAULTS: Readonly<Record<string, Alter>> = { ...FORM, ...CONNECTING, ...FLOWING };

/** All rules that are broken on purpose. */
export const BROKEN_RULES: readonly string[] = [...Object.keys(FAULTS), ...BEHAVIOURS];

function badCode(message: Message, { version }: Sending): Message | undefined {
  if (message.kind === 'suback') return { ...message, codes: (message.codes ?? []).map(() => 3) };
  if (message.kind === 'connack') return message.code ? { ...message, code: 0x70 } : undefined;
  return version === 5 ? { ...message, code: 0x50 } : undefined;
}

function roleCode(message: Message, { side }: Sending): Message | undefined {
  if (message.kind === 'disconnect') return { ...message, code: side === 'server' ? 4 : 0x8b };
  return side === 'client' ? { ...message, code: 0x10 } : undefined;
}

/** A CONNECT with more Connect Flags than its own. */
function withFlags(more: number): (message: Message) => Message {
  return message => {
    const { clean, will, userName, password } = message;
    const own =
      (clean ? 2 : 0) | (will ? 4 | ((will.qos ?? 0) << 3) : 0) | (userName ? 0x80 : 0) | (password ? 0x40 : 0);
    return { ...message, flags: own | more };
  };
}

function changed(whole: Uint8Array, at: number, value: number): Uint8Array {
  const other = whole.slice();
  other[at] = value;
  return other;
}

/** A PUBLISH of QoS 0 with a topic of these bytes. */
function withTopic(topic: readonly number[]): Uint8Array {
  return mqtt(4).packet(3, 0, concat([0, topic.length], topic, [0]));
}

/** A SUBSCRIBE or UNSUBSCRIBE with these bytes behind its identifier. */
function withTail(message: Message, tail: readonly number[]): Message {
  const { id = 0, kind } = message;
  const type = kind === 'subscribe' ? 8 : 10;
  return { ...message, raw: mqtt(5).packet(type, 2, concat([id >>> 8, id & 0xff], tail)) };
}
