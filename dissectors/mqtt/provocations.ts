/**
 * How the rules can be broken on purpose (`wirelint proxy --attack RULE`): by a packet of one's own behind one that passes, or
 * by a change of what passes. The most are done to the server in the client's name, as servers meet more strangers; where a
 * rule binds the server, to the client. A packet of one's own needs nothing of the conversation but its version; the
 * identifiers of those that have one are high, as clients count from 1. What cannot be broken so is listed with the reason.
 *
 * Where versions lay the same out differently there is a fault for each, and a connection has one of the two.
 */
import type { Provocation } from '../../src/sdk.ts';

/** Behind the CONNACK, in a connection of either version, of 3.1.1, and of 5.0. */
const ACCEPTED = 'type == CONNACK';
const ACCEPTED_OLD = 'type == CONNACK && !mqtt.properties';
const ACCEPTED_NEW = 'type == CONNACK && mqtt.properties';
const NEW = 'MQTT 5.0';

/** A way to break a rule: its id without the protocol's. */
function way(rule: string, faults: string | readonly string[], needs?: string): Provocation {
  const all = typeof faults === 'string' ? [faults] : faults;
  return { rule: `mqtt/${rule}`, faults: all, ...(needs !== undefined && { needs }) };
}

/** Once, behind a packet: with these bytes. */
function sent(to: 'client' | 'server', bytes: string, after = ACCEPTED): string {
  return `send bytes ${bytes} to ${to} after ${after} nth=1`;
}

/** Once, before a packet. */
function sentBefore(to: 'client' | 'server', bytes: string, before: string): string {
  return `send bytes ${bytes} to ${to} if ${before} nth=1`;
}

/** Other bytes in place of the first such packet. */
function inPlace(to: 'client' | 'server', bytes: string, of: string): readonly string[] {
  return [sentBefore(to, bytes, of), `drop if ${of} nth=1`];
}

/** Fields of the first such packet. */
function changed(assignments: string, of: string): string {
  return `set ${assignments} if ${of} nth=1`;
}

/** To the server in the client's name, and the other way round. */
const asClient = (rule: string, bytes: string, needs?: string) => way(rule, sent('server', bytes), needs);
const asNewClient = (rule: string, bytes: string, needs?: string) =>
  way(rule, sent('server', bytes, ACCEPTED_NEW), needs === undefined ? NEW : `${NEW}, ${needs}`);
const asServer = (rule: string, bytes: string, needs?: string) => way(rule, sent('client', bytes), needs);
const asNewServer = (rule: string, bytes: string, needs?: string) =>
  way(rule, sent('client', bytes, ACCEPTED_NEW), needs === undefined ? NEW : `${NEW}, ${needs}`);

/**
 * To a server whose CONNACK has set a limit: later than a second, as what came sooner may have crossed the CONNACK on its way.
 */
const beyondLimit = (rule: string, bytes: string, limit: string) =>
  way(
    rule,
    sentBefore('server', bytes, 'type in {PINGREQ, DISCONNECT}'),
    `${NEW}, ${limit}, a PINGREQ or DISCONNECT more than a second after its CONNACK`,
  );

const CONNECT = 'type == CONNECT';
const CONNECT_OLD = 'type == CONNECT && mqtt.protocolLevel == 4';
const CONNECT_NEW = 'type == CONNECT && mqtt.protocolLevel == 5';
/** Of the client, and of the server, at least once or exactly once. */
const SUBSCRIBED = 'a subscription';
const AT_LEAST_ONCE = 'a PUBLISH of QoS 1 of the client';
const EXACTLY_ONCE = 'a PUBLISH of QoS 2 of the client';
const RESUMED = 'a session that is taken up with a PUBLISH left unacknowledged';
const RESENT = 'type == PUBLISH && mqtt.dup == 1';
/** A CONNACK that refuses, in either version. */
const REFUSED = [changed('mqtt.reasonCode = 5', ACCEPTED_OLD), changed('mqtt.reasonCode = 135', ACCEPTED_NEW)];
const BROKER_VIEW = 'mqtt.sees=broker';

const FORM: readonly Provocation[] = [
  asClient('reserved-type', '00:00'),
  asClient('wrong-direction', 'd0:00'),
  way('protocol-name', changed('mqtt.protocolName = "MQTX"', CONNECT)),
  asClient('header-flags', 'c1:00'),
  asClient('publish-qos', '36:06:00:01:61:ff:fe:00'),
  way('connect-reserved-flag', changed('mqtt.reserved = 1', CONNECT)),
  way('will-qos', changed('mqtt.willQos = 3', `${CONNECT} && mqtt.willFlag == 1`), 'a Will'),
  way('will-flags', changed('mqtt.willQos = 1', `${CONNECT} && mqtt.willFlag == 0`), 'a CONNECT without a Will'),
  way(
    'password-without-username',
    inPlace('server', '10:10:00:04:4d:51:54:54:04:42:00:00:00:01:61:00:01:70', CONNECT_OLD),
    'MQTT 3.1.1',
  ),
  asNewClient('subscription-id-from-client', '30:06:00:01:61:02:0b:01'),
  asNewServer('session-expiry-from-server', 'e0:07:00:05:11:00:00:00:0a'),
  asNewClient('varint-not-minimal', 'c0:80:00'),
  asNewClient('property-length', 'e0:02:00:05'),
  asNewClient('property-unknown', 'e0:04:00:02:7f:01'),
  asNewClient('property-not-allowed', 'e0:05:00:03:23:00:01'),
  asNewClient('property-repeated', 'e0:0c:00:0a:11:00:00:00:00:11:00:00:00:00'),
  asNewClient('property-value', '82:09:ff:fe:02:0b:00:00:01:61:00'),
  asClient('length', 'c0:01:00'),
  way(
    'connect-payload',
    changed('mqtt.userNameFlag = 1', `${CONNECT} && mqtt.userNameFlag == 0`),
    'a CONNECT without a User Name',
  ),
  asClient('utf8', '30:04:00:01:ff:00'),
  asClient('utf8-null', '30:04:00:01:00:00'),
  asClient('utf8-control', '30:04:00:01:01:00'),
  way('subscribe-empty', [sent('server', '82:02:ff:fe', ACCEPTED_OLD), sent('server', '82:03:ff:fe:00', ACCEPTED_NEW)]),
  way('unsubscribe-empty', [
    sent('server', 'a2:02:ff:fe', ACCEPTED_OLD),
    sent('server', 'a2:03:ff:fe:00', ACCEPTED_NEW),
  ]),
  way('subscribe-options', changed('mqtt.filters[0].qos = 3', 'type == SUBSCRIBE'), SUBSCRIBED),
  asNewClient('no-local-shared', '82:10:ff:fe:00:00:0a:24:73:68:61:72:65:2f:67:2f:61:04'),
  way('client-id-empty', changed('mqtt.clientIdentifier = "", mqtt.cleanSession = 0', CONNECT_OLD), 'MQTT 3.1.1'),
  way(
    'auth-data-without-method',
    inPlace('server', '10:12:00:04:4d:51:54:54:05:02:00:00:04:16:00:01:61:00:01:61', CONNECT_NEW),
    NEW,
  ),
  way('connack-flags', changed('mqtt.acknowledgeFlags = 2', ACCEPTED)),
  way('reason-code', changed('mqtt.reasonCode = 99', ACCEPTED)),
  way('session-present-refused', [
    changed('mqtt.sessionPresent = 1, mqtt.reasonCode = 5', ACCEPTED_OLD),
    changed('mqtt.sessionPresent = 1, mqtt.reasonCode = 135', ACCEPTED_NEW),
  ]),
  asClient('dup-qos0', '38:04:00:01:61:00'),
  asClient('packet-id-zero', '32:06:00:01:61:00:00:00'),
  asNewClient('topic-alias-zero', '30:07:00:01:61:03:23:00:00'),
  asClient('topic-wildcard', '30:04:00:01:23:00'),
  asClient('topic-empty', '30:03:00:00:00'),
  asNewClient('response-topic-wildcard', '30:08:00:01:61:04:08:00:01:23'),
  asNewClient('shared-filter', '82:0d:ff:fe:00:00:07:24:73:68:61:72:65:2f:00'),
  way('filter-wildcard', changed('mqtt.filters[0].filter = "a#"', 'type == SUBSCRIBE'), SUBSCRIBED),
  asNewClient('reason-code-role', 'e0:01:8b'),
  asNewClient('payload-format', '30:07:00:01:61:02:01:01:ff'),
];

const CONNECTING: readonly Provocation[] = [
  way('connect-not-first', sentBefore('server', 'c0:00', CONNECT)),
  way('connect-repeated', `repeat if ${CONNECT} nth=1`),
  way(
    'client-id-refused',
    [changed('mqtt.reasonCode = 2', ACCEPTED_OLD), changed('mqtt.reasonCode = 133', ACCEPTED_NEW)],
    'a Client Identifier of 1 to 23 letters and digits',
  ),
  way('connect-unanswered', `drop if ${ACCEPTED} nth=1`, 'a client that waits for answerTimeout'),
  way('connack-not-first', sentBefore('client', 'd0:00', ACCEPTED)),
  way('connack-repeated', `repeat if ${ACCEPTED} nth=1`),
  way(
    'session-present-clean',
    changed('mqtt.sessionPresent = 1', ACCEPTED),
    'a CONNECT with Clean Session or Clean Start 1',
  ),
  way(
    'session-lost',
    changed('mqtt.sessionPresent = 0', `${ACCEPTED} && mqtt.sessionPresent == 1`),
    'a session that is taken up',
  ),
  way(
    'session-resurrected',
    'set mqtt.sessionPresent = 1 if type == CONNACK nth=2',
    'a client that comes back with Clean Session 0 after its session has ended',
  ),
  way('after-refusal', [...REFUSED, sent('client', 'd0:00')]),
  way('refused-not-closed', REFUSED, 'a client that leaves the close to the server'),
  way(
    'assigned-client-id-missing',
    inPlace('client', '20:03:00:00:00', ACCEPTED_NEW),
    `${NEW}, a CONNECT with an empty Client Identifier`,
  ),
  way(
    'will-unsupported-accepted',
    inPlace('client', '20:05:00:00:02:24:00', ACCEPTED_NEW),
    `${NEW}, a Will of QoS 1 or 2`,
  ),
  way(
    'response-information',
    inPlace('client', '20:07:00:00:04:1a:00:01:61', ACCEPTED_NEW),
    `${NEW}, a CONNECT that does not ask for Response Information`,
  ),
  asNewServer('auth-without-method', 'f0:02:18:00', 'a CONNECT without an Authentication Method'),
  way(
    'auth-method-mismatch',
    sentBefore('client', 'f0:06:18:04:15:00:01:78', ACCEPTED_NEW),
    `${NEW}, an Authentication Method`,
  ),
  way('auth-unexpected', changed('mqtt.reasonCode = 25', 'type == AUTH'), `${NEW}, an AUTH of the server`),
  way('auth-packet-before-connack', sent('server', 'c0:00', CONNECT_NEW), `${NEW}, an Authentication Method`),
];

const LIMITS: readonly Provocation[] = [
  asNewServer(
    'optional-property-too-large',
    `e0:80:01:00:7e:1f:00:7b${':61'.repeat(123)}`,
    'a client with a Maximum Packet Size below 132',
  ),
  asNewServer(
    'maximum-packet-size',
    `30:83:01:00:01:61:00${':61'.repeat(127)}`,
    'a client with a Maximum Packet Size below 134',
  ),
  asNewClient('session-expiry-raised', 'e0:07:00:05:11:00:00:00:3c', 'a CONNECT without a Session Expiry Interval'),
  asNewServer('problem-information', '40:08:ff:fe:10:04:1f:00:01:61', 'a CONNECT with Request Problem Information 0'),
  beyondLimit('topic-alias-too-large', '30:07:00:01:61:03:23:ff:ff', 'a server with a Topic Alias Maximum below 65535'),
  asNewClient('topic-alias-unknown', '30:06:00:00:03:23:00:01', 'a server with a Topic Alias Maximum'),
  asNewServer('topic-alias-refused', 'e0:01:94', 'a client that keeps to the Topic Alias Maximum'),
  beyondLimit('qos-not-supported', '32:06:00:01:61:ff:fe:00', 'a server with a Maximum QoS of 0'),
  beyondLimit('retain-not-supported', '31:04:00:01:61:00', 'a server with Retain Available 0'),
  beyondLimit(
    'receive-maximum',
    '32:06:00:01:61:ff:fc:00:32:06:00:01:62:ff:fd:00:32:06:00:01:63:ff:fe:00',
    'a server with a Receive Maximum of 1 or 2',
  ),
  beyondLimit(
    'wildcard-not-supported',
    '82:07:ff:fe:00:00:01:23:00',
    'a server with Wildcard Subscription Available 0',
  ),
  beyondLimit(
    'subscription-id-not-supported',
    '82:09:ff:fe:02:0b:01:00:01:61:00',
    'a server with Subscription Identifiers Available 0',
  ),
  beyondLimit(
    'shared-not-supported',
    '82:10:ff:fe:00:00:0a:24:73:68:61:72:65:2f:67:2f:61:00',
    'a server with Shared Subscription Available 0',
  ),
  asNewServer('limit-unannounced', 'e0:01:95', 'a server without a Maximum Packet Size'),
];

const DELIVERY: readonly Provocation[] = [
  way('dup-missing', 'client: repeat if type == PUBLISH && mqtt.qos > 0 nth=1', AT_LEAST_ONCE),
  way('dup-first', `client: ${changed('mqtt.dup = 1', 'type == PUBLISH && mqtt.qos > 0')}`, AT_LEAST_ONCE),
  way(
    'state-carried-over',
    'client: set mqtt.dup = 1 if type == PUBLISH && mqtt.qos > 0 nth=2',
    'a PUBLISH left unacknowledged, and one of the same identifier in a new session',
  ),
  way(
    'publish-after-pubrel',
    sent('server', '3c:06:00:01:61:00:01:00', 'type == PUBREL && mqtt.packetIdentifier == 1'),
    `${EXACTLY_ONCE} under Packet Identifier 1`,
  ),
  asClient('packet-id-in-use', '32:06:00:01:61:ff:fe:00:32:06:00:01:62:ff:fe:00'),
  way('resume-id-in-use', `client: ${changed('mqtt.dup = 0, mqtt.topic = "wirelint"', RESENT)}`, RESUMED),
  asClient('resent-in-connection', '32:06:00:01:61:ff:fe:00:3a:06:00:01:61:ff:fe:00'),
  way(
    'pubrel-after-refusal',
    `server: ${changed('mqtt.reasonCode = 0', 'type == PUBREC && mqtt.reasonCode >= 128')}`,
    `${NEW}, a PUBREC of the server that refuses`,
  ),
  way('resend-order', `client: swap with next if ${RESENT} nth=1`, `${RESUMED}, and another`),
  way('not-resent', `client: drop if ${RESENT} nth=1`, RESUMED),
  asClient('ack-unknown-id', '40:02:ff:fe'),
  way('ack-wrong-type', `server: ${changed('mqtt.type = 5', 'type == PUBACK')}`, AT_LEAST_ONCE),
  asClient('pubrel-unknown-id', '62:02:ff:fe'),
  asClient('pubrel-before-pubrec', '34:06:00:01:61:ff:fe:00:62:02:ff:fe'),
  way(
    'pubcomp-before-pubrel',
    sent('client', '70:02:00:01', 'type == PUBREC && mqtt.packetIdentifier == 1'),
    `${EXACTLY_ONCE} under Packet Identifier 1`,
  ),
  way('puback-order', 'client: swap with next if type == PUBACK nth=1', 'two messages of QoS 1 to the client at once'),
  way('pubrec-order', 'client: swap with next if type == PUBREC nth=1', 'two messages of QoS 2 to the client at once'),
  way('pubrel-order', 'client: swap with next if type == PUBREL nth=1', 'two messages of QoS 2 of the client at once'),
  way('publish-unanswered', 'server: drop if type in {PUBACK, PUBREC} nth=1', AT_LEAST_ONCE),
  way('pubrec-unanswered', 'client: drop if type == PUBREL nth=1', EXACTLY_ONCE),
  way('pubrel-unanswered', 'server: drop if type == PUBCOMP nth=1', EXACTLY_ONCE),
];

const SUBSCRIBING: readonly Provocation[] = [
  way(
    'dollar-topic-matched',
    sent('client', '30:06:00:03:24:61:61:00', 'type == SUBACK'),
    'a subscription to # and no other',
  ),
  asServer('topic-not-subscribed', '30:0b:00:08:77:69:72:65:6c:69:6e:74:00'),
  way(
    'qos-above-granted',
    sent('client', '34:06:00:01:61:ff:fe:00', 'type == SUBACK'),
    'a subscription to # of QoS 0 or 1',
  ),
  way(
    'retain-flag-unwanted',
    `server: ${changed('mqtt.retain = 1', 'type == PUBLISH && mqtt.retain == 0')}`,
    `${NEW}, a message that comes to a subscription with Retain Handling 2`,
  ),
  way(
    'subscription-id-unknown',
    sent('client', '30:09:00:01:61:05:0b:ff:ff:ff:7f', 'type == SUBACK && mqtt.properties'),
    `${NEW}, a subscription to #`,
  ),
  way(
    'subscription-id-missing',
    sent('client', '30:04:00:01:61:00', 'type == SUBACK'),
    `${NEW}, a subscription to # with a Subscription Identifier, and no other`,
  ),
  way(
    'suback-count',
    [
      ...inPlace('client', '90:04:00:01:00:00', 'type == SUBACK && mqtt.packetIdentifier == 1 && !mqtt.properties'),
      ...inPlace('client', '90:05:00:01:00:00:00', 'type == SUBACK && mqtt.packetIdentifier == 1 && mqtt.properties'),
    ],
    'a SUBSCRIBE of one Topic Filter under Packet Identifier 1',
  ),
  way(
    'unsuback-count',
    inPlace('client', 'b0:05:00:02:00:00:00', 'type == UNSUBACK && mqtt.packetIdentifier == 2'),
    `${NEW}, an UNSUBSCRIBE of one Topic Filter under Packet Identifier 2`,
  ),
  way(
    'granted-above-requested',
    changed('mqtt.reasonCodes[0].reasonCode = 2', 'type == SUBACK'),
    'a subscription of QoS 0 or 1',
  ),
  way('subscribe-unanswered', 'drop if type == SUBACK nth=1', SUBSCRIBED),
  way('unsubscribe-unanswered', 'drop if type == UNSUBACK nth=1', 'an UNSUBSCRIBE'),
];

const LASTING: readonly Provocation[] = [
  way('ping-unanswered', 'drop if type == PINGRESP nth=1', 'a PINGREQ'),
  asServer('pingresp-unsolicited', 'd0:00'),
  way('keep-alive-exceeded', changed('mqtt.keepAlive = 1', CONNECT), 'a client that is silent for 2 seconds'),
  way('disconnect-before-connack', sentBefore('client', 'e0:01:80', ACCEPTED_NEW), NEW),
  asClient('after-disconnect', 'e0:00:c0:00'),
  asClient('disconnect-not-closed', 'e0:00', 'a server that does not close'),
];

/** Copies of messages: judged where the proxy sees all of a broker's connections. */
const FORWARDING: readonly Provocation[] = [
  way(
    'forward-retain',
    `server: ${changed('mqtt.retain = 1', 'type == PUBLISH && mqtt.retain == 0')}`,
    `${BROKER_VIEW}, a message that comes to a subscription`,
  ),
  way(
    'delivery-missing',
    'server: drop if type == PUBLISH nth=1',
    `${BROKER_VIEW}, a message of QoS 1 or 2 that comes to a subscription`,
  ),
  way(
    'forward-order',
    'server: swap with next if type == PUBLISH nth=1',
    `${BROKER_VIEW}, two messages of one client and topic`,
  ),
  way(
    'retained-missing',
    'server: drop if type == PUBLISH && mqtt.retain == 1 nth=1',
    `${BROKER_VIEW}, a retained message`,
  ),
  way(
    'forward-altered',
    `server: ${changed('mqtt.properties[0].contentType = "wirelint"', 'type == PUBLISH && mqtt.properties[0].contentType')}`,
    `${BROKER_VIEW}, ${NEW}, a message that has a Content Type before other properties`,
  ),
  way(
    'forward-expiry',
    `server: ${changed('mqtt.properties[0].messageExpiryInterval = 4294967295', 'type == PUBLISH && mqtt.properties[0].messageExpiryInterval')}`,
    `${BROKER_VIEW}, ${NEW}, a message that has a Message Expiry Interval before other properties`,
  ),
  way(
    'will-missing',
    'server: drop if type == PUBLISH nth=1',
    `${BROKER_VIEW}, a Will that comes to a subscription before other messages`,
  ),
];

export const PROVOCATIONS: readonly Provocation[] = [
  ...FORM,
  ...CONNECTING,
  ...LIMITS,
  ...DELIVERY,
  ...SUBSCRIBING,
  ...LASTING,
  ...FORWARDING,
];
