/**
 * The faults that a random conversation may have, one a conversation, and the rules that the catalogue names for each:
 * nothing here asks the trackers. A message is altered on its way out, one is said that should not be, or an end falls
 * silent; whether the peer takes the wrong message or ignores it is decided by dice, where both are possible.
 */
import { concat } from '../../../src/testkit/bytes.ts';
import { type Line, parties, type Role, START } from '../../kit/mnet.ts';
import type { Dice } from './dice.ts';
import {
  ABORT,
  COOKIE,
  COOKIE_ACK,
  COOKIE_ECHO,
  DATA,
  INIT,
  other,
  SHUTDOWN,
  SHUTDOWN_ACK,
  SHUTDOWN_COMPLETE,
  tagOf,
  typeOf,
} from './random-messages.ts';
import type { Connection, Fault, Mutation, Outgoing } from './random-world.ts';

const EXACT_LENGTH: Readonly<Record<number, number>> = { 1: 9, 2: 32, 3: 32, 4: 4, 5: 8, 6: 4, 7: 4, 8: 4 };
const ROLES: readonly Role[] = ['connector', 'listener'];

const isCurrent = (connection: Connection) => connection.pair.current === connection;
/** Nobody has ended the connection, as far as anybody saw. */
const live = ({ seen: { connector: c, listener: l } }: Connection) =>
  !c.has(ABORT) && !l.has(ABORT) && !c.has(SHUTDOWN_COMPLETE) && !l.has(SHUTDOWN_COMPLETE);

function withBytes(line: Line, at: number, bytes: readonly number[]): Line {
  const changed = line.bytes.slice();
  changed.set(bytes, at);
  return { ...line, bytes: changed };
}

const uint24 = (value: number) => [(value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];

function withCounter(connection: Connection, line: Line, at: number, value: number): Line {
  const changed = line.bytes.slice();
  const little = connection.world.options.terms.order === 'little';
  new DataView(changed.buffer).setUint32(at, value >>> 0, little);
  return { ...line, bytes: changed };
}

const flipped = (line: Line, at: number, dice: Dice) => withBytes(line, at, [line.bytes[at] ^ (1 + dice.roll(255))]);

function resized(line: Line, length: number): Line {
  const bytes = new Uint8Array(length);
  bytes.set(line.bytes.subarray(0, length));
  return { ...line, bytes };
}

const randomBytes = (dice: Dice, length: number) => Uint8Array.from({ length }, () => dice.roll(256));

/** A fault that alters a message of the current connection while that is alive. */
function altering(
  name: string,
  alter: (
    out: Outgoing,
    connection: Connection,
    dice: Dice,
  ) => (Omit<Mutation, 'rule'> & { rule?: string }) | undefined,
): Fault {
  return {
    name,
    mutate(out, connection) {
      if (!isCurrent(connection) || !live(connection)) return undefined;
      const altered = alter(out, connection, connection.world.dice);
      return altered && { rule: name, ...altered };
    },
  };
}

/** A fault that says what should not be said, in the current connection. */
function saying(name: string, say: (connection: Connection, dice: Dice) => boolean): Fault {
  return { name, act: connection => isCurrent(connection) && say(connection, connection.world.dice) };
}

/** Another cookie than the one issued, which the listener accepts if it comes back. */
function otherCookie(connection: Connection, line: Line, dice: Dice): Omit<Mutation, 'rule'> {
  const taken = dice.chance(0.5);
  if (taken) connection.cookies.push(line);
  return { line, taken, as: line };
}

const tagMismatch = altering('tag-mismatch', ({ from, line }, connection, dice) => {
  const type = typeOf(line);
  const { seen, settled, initTag, cookie } = connection;
  if (type === INIT || type === COOKIE || type === COOKIE_ECHO || tagOf(line) !== connection.party(from).tag) return;
  if (type !== COOKIE_ACK && !seen.listener.has(COOKIE_ACK)) return;
  const both = cookie ? [initTag, tagOf(cookie)] : [];
  const wrong = both.find(tag => tag !== tagOf(line));
  const swap = settled && wrong !== undefined && type !== ABORT && type !== COOKIE_ACK && dice.chance(0.4);
  const tag = swap ? wrong : connection.world.newTag();
  // A side that knows no such connection may refuse with the very tag that it was sent.
  const refusal = !swap && dice.chance(0.4) ? connection.party(other(from)).abort({ tag }) : undefined;
  return { line: withBytes(line, 1, uint24(tag)), taken: !refusal && dice.chance(0.5), refusal };
});

const length = altering('length', ({ line }, _connection, dice) => {
  const type = typeOf(line);
  if (type === DATA) return { line: resized(line, 4 + dice.roll(10)), taken: false };
  const exact = EXACT_LENGTH[type];
  const longer = exact === 4 || dice.chance(0.5);
  const wrong = longer ? exact + 1 + dice.roll(8) : 4 + dice.roll(exact - 4);
  const mayTake = (longer || type === INIT) && type !== COOKIE && type !== COOKIE_ECHO;
  return { line: resized(line, wrong), taken: mayTake && dice.chance(0.5) };
});

const dataLength = altering('data-length-mismatch', ({ line, data }, connection, dice) => {
  if (!data) return;
  const right = data.end - data.first;
  const stated = dice.chance(0.5) ? right + 1 + dice.roll(40) : dice.roll(0x10000);
  const swapped = ((stated & 0xff) << 8) | (stated >>> 8);
  if (stated === right || swapped === right) return;
  const little = connection.world.options.terms.order === 'little';
  const field = little ? [stated & 0xff, stated >>> 8] : [stated >>> 8, stated & 0xff];
  return { line: withBytes(line, 12, field), taken: dice.chance(0.5) };
});

const badMagic = altering('bad-magic', ({ line }, _connection, dice) =>
  typeOf(line) === INIT ? { line: flipped(line, 1 + dice.roll(4), dice), taken: dice.chance(0.5) } : undefined,
);

const version = altering('unsupported-version', ({ line, again }, connection, dice) => {
  const wrong = [dice.chance(0.5) ? 2 : 2 + dice.roll(254)];
  if (typeOf(line) === COOKIE) return otherCookie(connection, withBytes(line, 7, wrong), dice);
  if (typeOf(line) !== INIT) return;
  const taken = !again && !connection.seen.connector.has(INIT) && dice.chance(0.5);
  const accepting = taken ? { rule: 'unsupported-version-accepted', types: [COOKIE] } : undefined;
  return { line: withBytes(line, 5, wrong), taken, accepting };
});

const cookiePeerTag = altering('cookie-peer-tag', ({ line }, connection, dice) => {
  if (typeOf(line) !== COOKIE) return;
  return otherCookie(connection, withBytes(line, 4, uint24(connection.world.newTag())), dice);
});

const cookieExpired = altering('cookie-expired', ({ line }, connection, dice) => {
  const { world } = connection;
  if (typeOf(line) !== COOKIE || world.options.clock !== 0) return;
  const expiration = START + Math.floor(world.now / 1000) - 3 - dice.roll(1000);
  return otherCookie(connection, withCounter(connection, line, 8, expiration), dice);
});

const cookieMac = altering('cookie-mac', ({ line }, connection, dice) =>
  typeOf(line) === COOKIE ? otherCookie(connection, flipped(line, 12 + dice.roll(20), dice), dice) : undefined,
);

const ACCEPTED = { rule: 'bad-cookie-accepted', types: [COOKIE_ACK, DATA] };

const echoMismatch = altering('echo-mismatch', ({ line }, connection, dice) => {
  if (typeOf(line) !== COOKIE_ECHO) return;
  const at = dice.chance(0.7) ? 12 + dice.roll(20) : 1 + dice.roll(6);
  const taken = at >= 12 && !connection.seen.connector.has(COOKIE_ECHO) && dice.chance(0.5);
  const wrong = flipped(line, at, dice);
  // A side without state refuses it with the tag that it names.
  const refusal = at < 4 && dice.chance(0.5) ? connection.parties.L.abort({ tag: tagOf(wrong) }) : undefined;
  return { line: wrong, taken, refusal, accepting: taken ? ACCEPTED : undefined };
});

const underflow = altering('sequence-underflow', ({ line, data }, connection, dice) => {
  if (!data || data.end === data.first) return;
  return {
    line: withCounter(connection, line, 4, dice.roll(data.end - data.first)),
    taken: dice.chance(0.5),
  };
});

const ackUnsent = altering('ack-unsent', ({ from, line, data }, connection, dice) => {
  const type = typeOf(line);
  if (!data && type !== SHUTDOWN) return;
  const wrong = connection.seen[other(from)].highest + 1 + dice.roll(dice.chance(0.5) ? 20 : 1_000_000);
  return { line: withCounter(connection, line, data ? 8 : 4, wrong), taken: dice.chance(0.5) };
});

const ackRegress = altering('ack-regress', ({ from, line, data }, connection, dice) => {
  const { highest, acknowledged } = connection.seen[from];
  if (!data || data.end <= highest || data.end === data.first || acknowledged === 0) return;
  return { line: withCounter(connection, line, 8, dice.roll(acknowledged)), taken: dice.chance(0.5) };
});

const retransmitDiffers = altering('retransmit-differs', ({ from, line, data }, connection, dice) => {
  if (!data) return;
  const known = Math.min(connection.seen[from].highest, data.end) - data.first;
  if (known <= 0) return;
  return { line: flipped(line, 14 + dice.roll(known), dice), taken: dice.chance(0.5) };
});

const gap = saying('sequence-gap', (connection, dice) => {
  const role = dice.pick(ROLES);
  const sender = connection.endpoint(role);
  if (!connection.quiet || !live(connection)) return false;
  const first = connection.seen[role].highest;
  if (sender.sent !== first) return false;
  const hole = first + 1 + dice.roll(200);
  const end = hole + 1 + dice.roll(80);
  connection.inject(sender.party.data(first === hole ? hole + 1 : hole, end, sender.received), 'sequence-gap');
  connection.seen[role].highest = end;
  sender.sent = end;
  // The peer has all of it, or what lies between comes later.
  if (dice.chance(0.5)) connection.endpoint(other(role)).received = end;
  return true;
});

/** Twice so far ahead that the counters, which are ahead by then, wrap in what follows. */
const gapsToTheWrap: Fault = saying('sequence-gap, twice, to the wrap', (connection, dice) => {
  const role = dice.pick(ROLES);
  const sender = connection.endpoint(role);
  if (!connection.quiet || !live(connection) || sender.sent !== 0 || connection.seen[role].highest !== 0) return false;
  connection.sure = true;
  for (const end of [0x7fff_ff00, 0xffff_fe00]) {
    connection.inject(sender.party.data(end - 40, end, sender.received), 'sequence-gap');
    sender.sent = sender.acknowledged = connection.seen[role].highest = end;
    connection.endpoint(other(role)).received = end;
    connection.endpoint(other(role)).sendBare();
  }
  return true;
});

const dataAfterShutdown = saying('data-after-shutdown', (connection, dice) => {
  const role = dice.pick(ROLES);
  const sender = connection.endpoint(role);
  const peer = connection.endpoint(other(role));
  if (!live(connection) || !connection.seen[role].has(SHUTDOWN) || sender.sent !== connection.seen[role].highest) {
    return false;
  }
  const end = sender.sent + 1 + dice.roll(60);
  connection.inject(sender.party.data(sender.sent, end, sender.received), 'data-after-shutdown');
  if (dice.chance(0.5)) sender.sent = sender.acknowledged = peer.received = end;
  return true;
});

const earlyShutdown = saying('shutdown-before-established', (connection, dice) => {
  const { connector, listener, seen } = connection;
  if (!live(connection) || seen.listener.has(COOKIE_ACK) || seen.listener.has(DATA)) return false;
  if (dice.chance(0.5)) {
    if (!seen.connector.has(COOKIE_ECHO) || listener.state !== 'closed') return false;
    return connection.inject(listener.party.shutdown(0), 'shutdown-before-established');
  }
  const waiting = connector.state === 'waiting' && connection.world.options.terms.tags !== 'receiver';
  if (!waiting && connector.state !== 'echoed') return false;
  const line = connector.party.shutdown(0);
  if (!waiting && dice.chance(0.5)) connector.shutdown = line;
  return connection.inject(line, 'shutdown-before-established');
});

const shutdownAckUnsolicited = saying('shutdown-ack-unsolicited', (connection, dice) => {
  const role = dice.pick(ROLES);
  if (!connection.established || !live(connection) || connection.seen[other(role)].has(SHUTDOWN)) return false;
  return connection.inject(connection.party(role).shutdownAck(), 'shutdown-ack-unsolicited');
});

const shutdownCompleteUnsolicited = saying('shutdown-complete-unsolicited', (connection, dice) => {
  const role = dice.pick(ROLES);
  if (!connection.established || !live(connection) || connection.seen[other(role)].has(SHUTDOWN_ACK)) return false;
  return connection.inject(connection.party(role).shutdownComplete(), 'shutdown-complete-unsolicited');
});

const cookieAckUnsolicited = saying('cookie-ack-unsolicited', (connection, dice) => {
  const { connector, seen, cookies, initTag, world } = connection;
  if (connector.state !== 'waiting' || !seen.connector.has(INIT)) return false;
  const { order, tags } = world.options.terms;
  if (tags === 'sender' && !seen.listener.has(COOKIE)) return false;
  const listenerTag = cookies.length > 0 ? tagOf(dice.pick(cookies)) : 0;
  return connection.inject(parties({ order, tags, initTag, listenerTag }).L.cookieAck(), 'cookie-ack-unsolicited');
});

const wrongRole = saying('wrong-role', (connection, dice) => {
  const { seen, cookies, world, initTag } = connection;
  const { C, L } = connection.parties;
  if (!live(connection) || !seen.connector.has(INIT)) return false;
  const cookie = cookies.length > 0 ? dice.pick(cookies).bytes : C.cookie({ tag: world.newTag() }).bytes;
  const line = dice.pick([
    L.init({ tag: dice.chance(0.5) ? initTag : world.newTag() }),
    L.raw(concat([COOKIE_ECHO], cookie.subarray(1))),
    C.raw(cookie.slice()),
    C.cookieAck({ tag: initTag }),
  ]);
  return connection.inject(line, 'wrong-role');
});

const dataBeforeEcho = saying('data-before-echo', (connection, dice) => {
  const { connector, seen, cookies, initTag, world } = connection;
  const { order, tags } = world.options.terms;
  if (connector.state !== 'waiting' || !seen.connector.has(INIT) || seen.listener.has(COOKIE_ACK)) return false;
  if (tags === 'receiver' && !seen.listener.has(COOKIE)) return false;
  const listenerTag = cookies.length > 0 ? tagOf(cookies[0]) : 0;
  const end = dice.chance(0.3) ? 0 : 1 + dice.roll(60);
  connection.inject(parties({ order, tags, initTag, listenerTag }).C.data(0, end), 'data-before-echo');
  if (dice.chance(0.5)) connector.sent = end;
  return true;
});

const dataBeforeAck = saying('data-before-ack', (connection, dice) => {
  const { listener, seen } = connection;
  if (!live(connection) || !seen.connector.has(COOKIE_ECHO)) return false;
  if (listener.state !== 'closed' || seen.listener.has(COOKIE_ACK)) return false;
  const end = dice.chance(0.3) ? 0 : 1 + dice.roll(60);
  const line = listener.party.data(0, end);
  connection.inject(line, 'data-before-ack');
  if (dice.chance(0.5)) listener.sent = end;
  if (dice.chance(0.5)) connection.hand(line);
  return true;
});

/** What a side could say that it has not said before. */
function news(connection: Connection, role: Role, dice: Dice): Line[] {
  const own = connection.seen[role];
  const peer = connection.seen[other(role)];
  const party = connection.party(role);
  const { highest } = own;
  return [
    party.data(highest, highest + 1 + dice.roll(60), dice.roll(peer.highest + 1)),
    party.shutdown(dice.roll(peer.highest + 1)),
  ].filter(line => !connection.sentBefore(line));
}

const afterAbort = saying('after-abort', (connection, dice) => {
  const role = dice.pick(ROLES);
  const own = connection.seen[role];
  const peer = connection.seen[other(role)];
  const party = connection.party(role);
  if (!own.has(ABORT) || own.has(SHUTDOWN_COMPLETE) || peer.has(SHUTDOWN_COMPLETE)) return false;
  const lines = news(connection, role, dice);
  if (peer.has(SHUTDOWN) && !own.has(SHUTDOWN_ACK)) lines.push(party.shutdownAck());
  if (peer.has(SHUTDOWN_ACK) && own.has(SHUTDOWN)) lines.push(party.shutdownComplete());
  if (role === 'listener' && !own.has(COOKIE_ACK)) lines.push(party.cookieAck());
  return connection.inject(dice.pick(lines), 'after-abort');
});

const afterClose = saying('after-close', (connection, dice) => {
  const { connector: c, listener: l } = connection.seen;
  const role = dice.pick(ROLES);
  if (!c.has(SHUTDOWN_COMPLETE) && !l.has(SHUTDOWN_COMPLETE)) return false;
  if (c.has(ABORT) || l.has(ABORT)) return false;
  return connection.inject(dice.pick(news(connection, role, dice)), 'after-close');
});

const truncated = saying('truncated-header', (connection, dice) => {
  const line = connection.party(dice.pick(ROLES)).raw(randomBytes(dice, dice.roll(4)));
  return connection.inject(line, 'truncated-header');
});

const unknownTypeBytes = (dice: Dice) => concat([9 + dice.roll(247)], randomBytes(dice, 3 + dice.roll(40)));

const unknownType = saying('unknown-type', (connection, dice) =>
  connection.inject(connection.party(dice.pick(ROLES)).raw(unknownTypeBytes(dice)), 'unknown-type'),
);

/** An INIT of wrong form beside what goes on, with the connection's own tag or another; the listener may refuse it. */
const strayInit = saying('bad INIT amid', (connection, dice) => {
  const { seen, initTag, world } = connection;
  const { C, L } = connection.parties;
  if (!seen.connector.has(INIT) || seen.connector.has(ABORT) || seen.listener.has(ABORT)) return false;
  const tag = dice.chance(0.5) ? initTag : world.newTag();
  const [rule, line] = dice.pick<[string, Line]>([
    ['bad-magic', C.init({ tag, magic: 'MNEX' })],
    ['unsupported-version', C.init({ tag, version: 2 + dice.roll(9) })],
    ['length', resized(C.init({ tag }), dice.chance(0.5) ? 10 : 8)],
  ]);
  connection.inject(line, rule);
  if (rule === 'unsupported-version' && tag !== initTag && dice.chance(0.5)) connection.inject(L.abort({ tag }));
  return true;
});

const echoUnsolicited = saying('echo-unsolicited', (connection, dice) => {
  const { connector, seen, world, index, cookies } = connection;
  if (index > 0 || connector.state !== 'waiting' || !seen.connector.has(INIT) || seen.listener.has(COOKIE))
    return false;
  const cookie = connection.parties.L.cookie({ tag: world.newTag(), expiration: START + 60 });
  const bytes = cookie.bytes.slice();
  bytes[0] = COOKIE_ECHO;
  const echo = connection.parties.C.raw(bytes);
  connection.inject(echo, 'echo-unsolicited');
  if (dice.chance(0.5)) return true;
  cookies.push(cookie);
  connection.choose(cookie);
  connector.state = 'echoed';
  connection.accept(ACCEPTED);
  connection.hand(echo);
  return true;
});

const echoAddress = saying('echo-address', (connection, dice) => {
  const { connector, seen, pair, world } = connection;
  if (connector.state !== 'waiting' || !seen.connector.has(INIT)) return false;
  const others = world.pairs.filter(({ connections }) => connections.length > 0 && connections[0].pair !== pair);
  // Nobody need remember more of a pair than its last connection and the one before.
  const known = others.flatMap(({ connections }) => connections.slice(-2));
  const cookies = known.filter(one => one.seen.listener.has(COOKIE));
  if (cookies.length === 0) return false;
  const { bytes } = dice.pick(cookies).cookies[0];
  return connection.inject(connection.parties.C.raw(concat([COOKIE_ECHO], bytes.subarray(1))), 'echo-address');
});

const echoExpired = saying('echo-expired', (connection, dice) => {
  const { connector, seen, world, cookies } = connection;
  if (world.pairs.length > 1 || connection.index > 0 || world.options.clock !== 0) return false;
  if (connector.state !== 'waiting' || !seen.listener.has(COOKIE)) return false;
  world.silence(9500 + dice.roll(20_000));
  const [cookie] = cookies;
  const echo = connection.parties.C.raw(concat([COOKIE_ECHO], cookie.bytes.subarray(1)));
  connection.inject(echo, 'echo-expired');
  if (dice.chance(0.5)) return true;
  connection.choose(cookie);
  connector.state = 'echoed';
  connection.accept(ACCEPTED);
  connection.hand(echo);
  return true;
});

const initTagReused: Fault = saying('init-tag-reused', connection => {
  const { world, pair, initTag } = connection;
  const elsewhere = world.pairs.find(one => one !== pair && one.mayOpen && one.connections.length > 0);
  if (!connection.quiet || !live(connection) || !elsewhere) return false;
  world.nextTag = initTag;
  world.faulty = true;
  elsewhere.open();
  world.expect('init-tag-reused', world.lines.length);
  return true;
});

/** An end falls silent, and what the other has said last waits for an answer. */
function silent(
  name: string,
  fall: (connection: Connection, dice: Dice) => Role | undefined,
  left: (connection: Connection, mute: Role) => number | undefined,
  rule: string,
): Fault {
  return {
    name,
    act(connection) {
      if (!isCurrent(connection) || !live(connection)) return false;
      const mute = fall(connection, connection.world.dice);
      if (!mute) return false;
      connection.endpoint(mute).mute = true;
      connection.world.silenced = connection;
      return true;
    },
    waiting({ silenced, pairs }) {
      if (!silenced || !live(silenced)) return undefined;
      const others = pairs.flatMap(({ connections }) => connections.filter(one => one !== silenced));
      if (others.some(({ waits }) => waits)) return undefined;
      const mute = silenced.listener.mute ? 'listener' : 'connector';
      const frame = left(silenced, mute);
      return frame === undefined ? undefined : { rule, frame };
    },
  };
}

const initUnanswered = silent(
  'INIT unanswered',
  ({ seen }) => (seen.connector.has(INIT) && !seen.listener.has(COOKIE) ? 'listener' : undefined),
  ({ seen }) => seen.connector.first.get(INIT),
  'handshake-incomplete',
);

const echoUnanswered = silent(
  'COOKIE-ECHO unanswered',
  ({ seen }) => (seen.connector.has(COOKIE_ECHO) && !seen.listener.has(COOKIE_ACK) ? 'listener' : undefined),
  ({ seen }) => seen.connector.first.get(COOKIE_ECHO),
  'handshake-incomplete',
);

const shutdownUnanswered = silent(
  'SHUTDOWN unanswered',
  ({ seen }, dice) => {
    const mute = dice.pick(ROLES);
    const waits = seen[other(mute)].has(SHUTDOWN) && !seen[mute].has(SHUTDOWN_ACK) && !seen[mute].has(SHUTDOWN);
    return waits ? mute : undefined;
  },
  ({ seen }, mute) => seen[other(mute)].first.get(SHUTDOWN),
  'shutdown-incomplete',
);

const shutdownAckUnanswered = silent(
  'SHUTDOWN-ACK unanswered',
  ({ seen }, dice) => {
    const mute = dice.pick(ROLES);
    return seen[other(mute)].has(SHUTDOWN_ACK) && !seen[other(mute)].has(SHUTDOWN) ? mute : undefined;
  },
  ({ seen }, mute) => seen[other(mute)].first.get(SHUTDOWN_ACK),
  'shutdown-incomplete',
);

const truncatedFirst: Fault = {
  name: 'truncated-header, first',
  first: dice => ({
    line: { from: dice.pick(ROLES), bytes: randomBytes(dice, dice.roll(4)) },
    rule: 'truncated-header',
  }),
};

const unknownTypeFirst: Fault = {
  name: 'unknown-type, first',
  first: dice => ({ line: { from: dice.pick(ROLES), bytes: unknownTypeBytes(dice) }, rule: 'unknown-type' }),
};

/** Only with `midstream: never`: otherwise the conversation may have begun before the capture. */
export const cookieUnsolicited: Fault = {
  name: 'cookie-unsolicited',
  first: dice => ({
    line: parties().L.cookie({ tag: dice.roll(0x100_0000), peerTag: dice.roll(0x100_0000), expiration: START + 6 }),
    rule: 'cookie-unsolicited',
  }),
};

export { cookieMac };

/** Faults that rest on the bytes of the message alone, so that a cut conversation shows them too. */
export const FAULTS_OF_BYTES: readonly Fault[] = [length, dataLength, badMagic, truncated, unknownType, strayInit];

export const FAULTS: readonly Fault[] = [
  ...FAULTS_OF_BYTES,
  version,
  tagMismatch,
  cookiePeerTag,
  cookieExpired,
  echoMismatch,
  echoUnsolicited,
  echoAddress,
  echoExpired,
  underflow,
  ackUnsent,
  ackRegress,
  retransmitDiffers,
  gap,
  gapsToTheWrap,
  dataAfterShutdown,
  earlyShutdown,
  shutdownAckUnsolicited,
  shutdownCompleteUnsolicited,
  cookieAckUnsolicited,
  wrongRole,
  dataBeforeEcho,
  dataBeforeAck,
  afterAbort,
  afterClose,
  initTagReused,
  initUnanswered,
  echoUnanswered,
  shutdownUnanswered,
  shutdownAckUnanswered,
  truncatedFirst,
  unknownTypeFirst,
];
