/**
 * One fault a conversation: for each rule of the catalogue that a message can break, what an end of a random session sends
 * that breaks it, in every state, role and form that the rule speaks of, and how the other end may take it: ignore it,
 * answer it, or act as if it had been right. Nobody breaks a second rule after that, whatever was believed.
 *
 * A fault is made where the observer can be certain: on connections whose identifiers no older connection still claims.
 */
import type { End } from '../../kit/ministreaming.ts';
import { type Connection, id3, message, other, type Packet, REUSE_AFTER, type Session } from './random-session.ts';

/** A way to break a rule now, or undefined where this end has no occasion. */
export type Fault = (session: Session, end: End) => Packet | undefined;

/** So long after a CLOSE nobody can doubt that the other side is live. */
const CERTAINLY_LIVE = REUSE_AFTER - 600;

// Occasions.

/**
 * Is all that is said of its identifiers said of this connection? So it is unless another one has had one of them and its
 * other side had not closed when the identifier was given out again.
 */
export function isClear(session: Session, connection: Connection): boolean {
  if (connection.spoilt) return false;
  const at = session.connections.indexOf(connection);
  return session.connections.every((older, index) => {
    if (older === connection || older.client !== connection.client) return true;
    const sharesServerId = connection.serverId !== 0 && older.serverId === connection.serverId;
    if (older.id !== connection.id && !sharesServerId) return true;
    if (index > at || !isClear(session, older)) return false;
    if (older.clientView.state === 'refused') return true;
    const { closedIndex: serverClosed = Number.NaN } = older.serverView;
    const { closedIndex: clientClosed = Number.NaN } = older.clientView;
    if (sharesServerId && !(clientClosed < (connection.answeredIndex ?? Number.NaN))) return false;
    return older.id !== connection.id || serverClosed < (connection.askedIndex ?? Number.NaN);
  });
}

interface Wanted {
  readonly as?: 'client' | 'server';
  readonly states: readonly string[];
  readonly when?: (connection: Connection, own: Connection['clientView']) => boolean;
}

function pick(session: Session, end: End, { as, states, when = () => true }: Wanted): Connection | undefined {
  const fitting = session.connections.filter(connection => {
    const own = session.viewOf(end, connection);
    const role = connection.client === end ? 'client' : 'server';
    if (as !== undefined && as !== role) return false;
    return states.includes(own.state) && isClear(session, connection) && when(connection, own);
  });
  return fitting.length > 0 ? session.dice.of(fitting) : undefined;
}

/** An identifier that nobody has ever chosen, nor will. */
const strangeId = (session: Session) => 0x400000 + session.dice.below(0x100000);

/** Whether `end` chose the identifier, for whatever connection. */
const chose = (session: Session, end: End, id: number) =>
  session.connections.some(({ client, id: own, serverId }) => (client === end ? own : serverId) === id);

/** Whether `id` names a connection in messages of `end` in this role. */
const names = (session: Session, end: End, role: 'client' | 'server', id: number) =>
  session.connections.some(({ client, id: own, serverId }) =>
    role === 'client' ? client === end && serverId === id : client !== end && own === id,
  );

const isOpen = (_: Connection, { closedAt, peerClosedAt }: Connection['clientView']) =>
  closedAt === undefined && peerClosedAt === undefined;
const isOverForServer = (_: Connection, { state, closedAt }: Connection['clientView']) =>
  state === 'refused' || closedAt !== undefined;
const hasClosed = (_: Connection, { closedAt }: Connection['clientView']) => closedAt !== undefined;

// What follows a fault.

/** The sender holds its side closed; the receiver does too, or not. */
function closing(session: Session, end: End, connection: Connection, bytes: Uint8Array): Packet {
  const { dice } = session;
  connection.spoilt = true;
  const [own, peers] = [session.viewOf(end, connection), session.viewOf(other(end), connection)];
  const isWhole = own.state === 'open' && peers.state === 'open';
  const [believes, believed] = [isWhole && dice.chance(0.7), isWhole && dice.chance(0.5)];
  let passedAt = Number.NaN;
  return {
    bytes,
    passes: time => {
      passedAt = time;
      if (believes) own.closedAt ??= time;
    },
    arrives: () => {
      if (believed) peers.peerClosedAt ??= passedAt;
    },
  };
}

// The faults.

const truncatedHeader: Fault = ({ dice, dialect }) => {
  const bytes = [dice.of([0xa0, 0xa1, 0xa2, 0x50, 0x51, 0x52, 0, 0xff]), ...dice.bytes(2)].slice(0, dice.below(4));
  if (dialect.chaff === 'ignore' && bytes[0] === 0xff) return undefined;
  return { bytes: Uint8Array.from(bytes) };
};

/** Of one of the sender's connections, whichever role it has there, or of none. */
function someId(session: Session, end: End, role: 'client' | 'server'): number {
  const known = session.connections.filter(connection => (connection.client === end) === (role === 'client'));
  const ids = known.map(({ id, serverId }) => (role === 'client' ? serverId : id)).filter(id => id !== 0);
  return ids.length === 0 || session.dice.chance(0.3) ? strangeId(session) : session.dice.of(ids);
}

const unknownType: Fault = (session, end) => {
  const { dice, dialect } = session;
  const type = dice.below(dialect.chaff === 'ignore' ? 255 : 256);
  if (type >>> 4 === 0xa || type >>> 4 === 5) return undefined;
  return { bytes: message(type, someId(session, end, dice.of(['client', 'server'])), dice.bytes(dice.below(5))) };
};

const reservedType: Fault = (session, end) => {
  const { dice } = session;
  const role = dice.of(['client', 'server'] as const);
  const type = (role === 'client' ? 0xa3 : 0x53) + dice.below(13);
  return { bytes: message(type, someId(session, end, role), dice.bytes(dice.below(5))) };
};

const reservedId: Fault = (session, end) => {
  const { dice } = session;
  if (dice.chance(0.4)) return answerWrongly(session, end, [0, 0, 0]);
  const type = dice.of([0xa0, 0xa1, 0xa2, 0x50, 0x51, 0x52]);
  const payloads: Record<number, number[]> = { 161: session.key(), 81: id3(strangeId(session)), 160: [1], 80: [1, 2] };
  return { bytes: message(type, 0, payloads[type] ?? []) };
};

/** An ACK that tells no server id: the client goes on without it, or takes what it can, or waits for a better one. */
function answerWrongly(session: Session, end: End, payload: readonly number[]): Packet | undefined {
  const { dice } = session;
  const connection = pick(session, end, { as: 'server', states: ['asked'] });
  if (!connection) return undefined;
  connection.spoilt = true;
  const { clientView, serverView } = connection;
  connection.serverId = strangeId(session);
  serverView.state = 'open';
  const hasId = payload.length > 3;
  const bytes = message(0x51, connection.id, hasId ? [...id3(connection.serverId), ...payload.slice(3)] : payload);
  const again = dice.chance(0.3);
  return {
    bytes,
    passes: () => {
      connection.answered = true;
      if (again) session.accept(connection, connection.serverId);
    },
    arrives: () => {
      if (again) return;
      clientView.state = 'open';
      clientView.silent = !hasId;
    },
  };
}

const ackLength: Fault = (session, end) => {
  const { dice } = session;
  const wrong = dice.bytes(dice.of([0, 1, 2, 4, 5, 9]));
  if (dice.chance(0.5)) return answerWrongly(session, end, wrong);
  if (dice.chance(0.3)) {
    const over = pick(session, end, { as: 'server', states: ['open', 'refused'], when: isOverForServer });
    return { bytes: message(0x51, over?.id ?? strangeId(session), wrong) };
  }
  const connection = pick(session, end, { as: 'server', states: ['open'], when: isOpen });
  if (!connection) return undefined;
  // Without payload it is what the sample conversation prints for a CLOSE.
  const bytes = message(0x51, connection.id, wrong);
  return wrong.length === 0 ? closing(session, end, connection, bytes) : { bytes };
};

const wrongDirection: Fault = (session, end) => {
  const { dice } = session;
  const connection = pick(session, end, {
    states: ['asked', 'syn', 'open'],
    when: (_, { closedAt, peerClosedAt }) => closedAt === undefined || peerClosedAt === undefined,
  });
  if (!connection) return undefined;
  const isServer = connection.client !== end;
  const id = isServer ? connection.id : connection.serverId;
  const type = dice.of(isServer ? [0xa0, 0xa2] : [0x50, 0x51, 0x52]);
  if (id === 0 || (!isServer && connection.clientView.state === 'syn')) return undefined;
  if (chose(session, end, id) || names(session, end, isServer ? 'client' : 'server', id)) return undefined;
  if ((type & 15) === 2) return closing(session, end, connection, message(type, id));
  return { bytes: message(type, id, type === 0x51 ? id3(strangeId(session)) : dice.bytes(3)) };
};

const ownId: Fault = (session, end) => {
  const { dice } = session;
  const connection = pick(session, end, {
    states: ['syn', 'open'],
    when: (_, { closedAt, peerClosedAt }) =>
      (closedAt === undefined && peerClosedAt === undefined) ||
      ((closedAt === undefined || peerClosedAt === undefined) &&
        session.now - (closedAt ?? peerClosedAt!) < CERTAINLY_LIVE),
  });
  if (!connection) return undefined;
  const id = connection.client === end ? connection.id : connection.serverId;
  const role = dice.of(['client', 'server'] as const);
  if (chose(session, other(end), id)) return undefined;
  const [data, close] = role === 'client' ? [0xa0, 0xa2] : [0x50, 0x52];
  if (dice.chance(0.5)) return { bytes: message(data, id, dice.bytes(2)) };
  return closing(session, end, connection, message(close, id));
};

/** A SYN that deserves no answer, and what comes of it. */
function weakSyn(session: Session, end: End, key: readonly number[]): Packet {
  const { dice } = session;
  let id = session.freeId(end, 'client');
  if (session.connections.some(({ client, id: used }) => client === end && used === id)) id = strangeId(session);
  const bytes = message(0xa1, id, key);
  if (dice.chance(0.3)) {
    // Ignored, and sent again as it should be.
    return dice.chance(0.5) ? { bytes } : { bytes, passes: () => session.open(end, id) };
  }
  const connection = session.newConnection(end, id);
  connection.spoilt = true;
  connection.clientView.silent = false;
  return {
    bytes,
    arrives: () => {
      connection.serverView.state = 'asked';
    },
  };
}

const synMissingKey: Fault = (session, end) => weakSyn(session, end, []);

const synKeyFormat: Fault = (session, end) => {
  const { dice, dialect } = session;
  if (dialect.key !== 'i2p-destination') return undefined;
  const key = session.key();
  const wrong = dice.of([key.slice(0, -1), [...key, 0], dice.bytes(1 + dice.below(30)), key.slice(0, 384)]);
  return weakSyn(session, end, wrong);
};

const synIdInUse: Fault = (session, end) => {
  const { dice } = session;
  const connection = pick(session, end, {
    as: 'client',
    states: ['syn', 'open'],
    when: (found, { closedAt, peerClosedAt }) => {
      if (found.askedAt === undefined) return false;
      const times = [closedAt, peerClosedAt].filter(time => time !== undefined);
      return times.length === 0 || (times.length === 1 && session.now - times[0] < CERTAINLY_LIVE);
    },
  });
  if (!connection) return undefined;
  const bytes = message(0xa1, connection.id, session.key());
  connection.spoilt = true;
  const reaction = dice.below(3);
  // Ignored; refused, and the old one goes on or is dead; accepted in place of the old one.
  if (reaction === 0) return { bytes };
  const again = session.newConnection(end, connection.id);
  again.spoilt = true;
  return {
    bytes,
    arrives: () => {
      again.serverView.state = 'asked';
      if (reaction === 1) session.refuse(again);
      else {
        connection.serverView.silent = true;
        connection.clientView.silent = true;
        session.accept(again, strangeId(session));
      }
    },
  };
};

const ackUnexpected: Fault = (session, end) => {
  const { dice } = session;
  const serverId = strangeId(session);
  return {
    bytes: message(0x51, strangeId(session), id3(serverId)),
    arrives: () => {
      // Who gets an acceptance he has not asked for may close what it names.
      if (dice.chance(0.3)) session.send(other(end), { bytes: message(0xa2, serverId) });
    },
  };
};

const ackDuplicate: Fault = (session, end) => {
  const { dice } = session;
  const connection = pick(session, end, {
    as: 'server',
    states: ['open'],
    when: (_, { closedAt }) => closedAt === undefined,
  });
  if (!connection) return undefined;
  const serverId = dice.chance(0.5) ? connection.serverId : strangeId(session);
  const takes = dice.chance(0.5);
  if (takes && serverId !== connection.serverId) connection.spoilt = true;
  return {
    bytes: message(0x51, connection.id, id3(serverId)),
    arrives: () => {
      if (takes) connection.serverId = serverId;
    },
  };
};

const ackAfterClose: Fault = (session, end) => {
  const connection = pick(session, end, {
    as: 'server',
    states: ['open', 'refused'],
    when: isOverForServer,
  });
  if (!connection) return undefined;
  const serverId = session.dice.chance(0.5) && connection.serverId !== 0 ? connection.serverId : strangeId(session);
  return { bytes: message(0x51, connection.id, id3(serverId)) };
};

const serverIdInUse: Fault = (session, end) => {
  const asked = pick(session, end, { as: 'server', states: ['asked'] });
  const live = pick(session, end, {
    as: 'server',
    states: ['open'],
    when: (_, { closedAt, peerClosedAt }) =>
      (closedAt === undefined || peerClosedAt === undefined) &&
      !(session.now - (closedAt ?? peerClosedAt ?? session.now) >= CERTAINLY_LIVE),
  });
  if (!asked || !live) return undefined;
  asked.spoilt = true;
  live.spoilt = true;
  asked.serverId = live.serverId;
  asked.serverView.state = 'open';
  return {
    bytes: message(0x51, asked.id, id3(live.serverId)),
    passes: () => {
      asked.answered = true;
    },
    arrives: () => {
      asked.clientView.state = 'open';
    },
  };
};

const dataUnknownId: Fault = session => ({
  bytes: message(session.dice.of([0xa0, 0x50]), strangeId(session), session.dice.bytes(session.dice.below(4))),
});

const closeUnknownId: Fault = session => ({ bytes: message(session.dice.of([0xa2, 0x52]), strangeId(session)) });

const dataBeforeAck: Fault = (session, end) => {
  const { dice } = session;
  const connection = pick(session, end, { as: 'server', states: ['asked'] });
  if (!connection) return undefined;
  const early = () => message(0x50, connection.id, dice.bytes(dice.below(4)));
  connection.spoilt = true;
  return {
    bytes: early(),
    passes: () => {
      // Once a connection.
      for (let more = dice.below(3); more > 0; more--) session.send(end, { bytes: early() });
    },
  };
};

const dataAfterClose: Fault = (session, end) => {
  const connection = pick(session, end, { states: ['open'], when: hasClosed });
  return connection && { bytes: session.dataOf(end, connection) };
};

const dataAfterRefusal: Fault = (session, end) => {
  const connection = pick(session, end, { as: 'server', states: ['refused'] });
  return connection && { bytes: session.dataOf(end, connection) };
};

const closePayload: Fault = (session, end) => {
  const { dice } = session;
  const payload = dice.bytes(1 + dice.below(5));
  const choice = dice.below(3);
  if (choice === 0) return { bytes: message(dice.of([0xa2, 0x52]), strangeId(session), payload) };
  if (choice === 1) {
    const connection = pick(session, end, { states: ['open'] });
    return connection && closing(session, end, connection, session.closeOf(end, connection, payload));
  }
  const connection = pick(session, end, { as: 'server', states: ['asked'] });
  if (!connection) return undefined;
  connection.spoilt = true;
  if (dice.chance(0.2)) return { bytes: message(0x52, connection.id, payload) };
  connection.serverView.state = 'refused';
  return {
    bytes: message(0x52, connection.id, payload),
    passes: () => {
      connection.answered = true;
    },
    arrives: () => {
      connection.clientView.state = 'refused';
    },
  };
};

const closeDuplicate: Fault = (session, end) => {
  const connection = pick(session, end, {
    states: ['open', 'refused'],
    when: ({ client }, { state, closedAt }) => closedAt !== undefined || (state === 'refused' && client !== end),
  });
  return connection && { bytes: session.closeOf(end, connection) };
};

/** The rules that a message breaks; syn-unanswered is broken by none and lies with the conversation. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'truncated-header': truncatedHeader,
  'unknown-type': unknownType,
  'reserved-type': reservedType,
  'reserved-id': reservedId,
  'wrong-direction': wrongDirection,
  'own-id': ownId,
  'syn-missing-key': synMissingKey,
  'syn-key-format': synKeyFormat,
  'syn-id-in-use': synIdInUse,
  'ack-length': ackLength,
  'ack-unexpected': ackUnexpected,
  'ack-duplicate': ackDuplicate,
  'ack-after-close': ackAfterClose,
  'server-id-in-use': serverIdInUse,
  'data-unknown-id': dataUnknownId,
  'data-before-ack': dataBeforeAck,
  'data-after-close': dataAfterClose,
  'data-after-refusal': dataAfterRefusal,
  'close-payload': closePayload,
  'close-unknown-id': closeUnknownId,
  'close-duplicate': closeDuplicate,
};
