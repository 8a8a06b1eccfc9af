/** A random conversation of some clients with one server, in which one rule may be broken at some place. */
import { NEVER, PROPERTY } from '../../../dissectors/mqtt/terms.ts';
import type { PropertyList } from '../../kit/mqtt.ts';
import type { MqttNet, SegmentSeen } from '../../kit/mqtt-net.ts';
import { Dice } from '../mnet/dice.ts';
import { Client, type Habits } from './random-client.ts';
import { FAULTS } from './random-faults.ts';
import { type Policy, Server } from './random-server.ts';
import { World } from './random-world.ts';

/** Seconds that a conversation goes on, and that nothing new begins behind it. */
const BUSY = 60;
const QUIET = 50;

export interface Conversation {
  readonly net: MqttNet;
  readonly segments: readonly SegmentSeen[];
  /** The rule that was to be broken, and whether there was a place for it. */
  readonly rule: string | undefined;
  readonly hasStruck: boolean;
  /** Retries within a connection. */
  readonly retries: boolean;
}

export function randomConversation(seed: number, rule?: string): Conversation {
  const dice = new Dice(seed);
  const world = new World(dice, rule, rule === undefined ? undefined : FAULTS[rule]);
  const server = new Server(world, policyOf(dice, rule));
  const clients = Array.from({ length: 1 + dice.roll(3) }, (_, index) => {
    const clientId = dice.chance(/^assigned/.test(rule ?? '') ? 0.6 : 0.1) ? '' : `client${index}`;
    const client = new Client(world, server, clientId, habitsOf(dice, rule));
    world.network.after(world.between(0, 10), () => client.connect());
    return client;
  });
  world.network.run(BUSY);
  for (const client of clients) client.stop();
  world.network.run(BUSY + QUIET);
  const hidden = new Set(clients.flatMap(({ paths }) => (dice.chance(0.1) ? paths.slice(0, 1) : [])));
  const { net, segments } = world.network.capture(rule === undefined || dice.chance(0.3) ? hidden : new Set());
  return { net, segments, rule, hasStruck: world.struck !== undefined, retries: world.retries };
}

/** What makes room for a rule to be broken: a little more of what it speaks of. */
const ROOM: Readonly<Record<string, number>> = {
  'will-unsupported-accepted': PROPERTY.MAXIMUM_QOS,
  'qos-not-supported': PROPERTY.MAXIMUM_QOS,
  'retain-not-supported': PROPERTY.RETAIN_AVAILABLE,
  'wildcard-not-supported': PROPERTY.WILDCARD_AVAILABLE,
  'subscription-id-not-supported': PROPERTY.SUBSCRIPTION_IDENTIFIERS_AVAILABLE,
  'shared-not-supported': PROPERTY.SHARED_AVAILABLE,
  'maximum-packet-size': PROPERTY.MAXIMUM_PACKET_SIZE,
  'receive-maximum': PROPERTY.RECEIVE_MAXIMUM,
};
/** Rules of refusals, and of sessions that are taken up again. */
const OF_REFUSALS = /refus/;
const OF_SESSIONS = /^(session-|resume|resend|not-resent|state-|takeover|dup-first)/;

function habitsOf(dice: Dice, rule = ''): Habits {
  const isOfSessions = OF_SESSIONS.test(rule);
  const version = dice.chance(0.6) ? 5 : 4;
  return {
    version,
    distance: { near: dice.next() * 0.1, far: dice.next() * 0.1 },
    keepAlive: dice.pick([0, 4, 6, 10, 14, 30]),
    expiry: rule === 'session-expiry-raised' ? 0 : dice.pick([0, 8, 300, 300, NEVER]),
    cleanChance: rule === 'state-carried-over' ? 0.6 : dice.pick([0, 0.1, 0.3]),
    method: version === 5 && dice.chance(/^auth/.test(rule) ? 0.6 : 0.2) ? 'M' : undefined,
    userName: dice.chance(0.2) ? 'user' : undefined,
    connections: (isOfSessions ? 4 : 1) + dice.roll(5),
    isBrief: isOfSessions && dice.chance(0.7),
  };
}

function policyOf(dice: Dice, rule = ''): Policy {
  const list: (readonly [number, number])[] = [];
  const maybe = (chance: number, property: number, value: number) => {
    if (dice.chance(ROOM[rule] === property ? 1 : chance)) list.push([property, value]);
  };
  maybe(0.4, PROPERTY.RECEIVE_MAXIMUM, 1 + dice.roll(4));
  maybe(0.4, PROPERTY.TOPIC_ALIAS_MAXIMUM, 1 + dice.roll(3));
  maybe(0.2, PROPERTY.MAXIMUM_QOS, dice.roll(2));
  maybe(0.2, PROPERTY.RETAIN_AVAILABLE, 0);
  maybe(0.3, PROPERTY.MAXIMUM_PACKET_SIZE, 60 + dice.roll(60));
  maybe(0.3, PROPERTY.SERVER_KEEP_ALIVE, 5 + dice.roll(10));
  maybe(0.2, PROPERTY.SESSION_EXPIRY, dice.pick([0, 20, 600]));
  maybe(0.15, PROPERTY.WILDCARD_AVAILABLE, 0);
  maybe(0.15, PROPERTY.SUBSCRIPTION_IDENTIFIERS_AVAILABLE, 0);
  maybe(0.15, PROPERTY.SHARED_AVAILABLE, 0);
  return {
    properties: list as PropertyList,
    merges: dice.chance(0.5),
    refusalChance: OF_REFUSALS.test(rule) ? 0.4 : dice.pick([0, 0.1]),
  };
}
