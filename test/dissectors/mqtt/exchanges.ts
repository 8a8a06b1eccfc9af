/** One packet in a connection of which a test says what was seen before; for rules that are asked by themselves. */
import { expect } from 'vitest';
import { Connection } from '../../../dissectors/mqtt/connection.ts';
import { Exchange, type Settings } from '../../../dissectors/mqtt/exchange.ts';
import { Flow } from '../../../dissectors/mqtt/flows.ts';
import { Session } from '../../../dissectors/mqtt/session.ts';
import { STATEFUL_RULES } from '../../../dissectors/mqtt/stateful-rules.ts';
import { Subscriptions } from '../../../dissectors/mqtt/subscriptions.ts';
import { TYPE } from '../../../dissectors/mqtt/terms.ts';
import { BROKEN, INCONCLUSIVE, PASS, SKIP } from '../../../src/sdk.ts';
import { messageOf } from './form/reading.ts';

const SETTINGS: Settings = { sees: 'client', answerTimeout: 30, resendTimeout: 5, keepAliveGrace: 5, clockSkew: 1 };
const OUTCOMES = { [SKIP]: 'skip', [PASS]: 'pass', [BROKEN]: 'broken', [INCONCLUSIVE]: 'inconclusive' };

export interface Situation {
  readonly level?: number;
  readonly from?: 'client' | 'server';
  readonly sees?: Settings['sees'];
  readonly captured?: number;
}

/** A packet of a connection whose CONNECT was good and whose CONNACK the client knows; change what is to be otherwise. */
export function exchangeOf(bytes: Uint8Array, situation: Situation = {}): Exchange {
  const { level = 5, from = 'client', sees = 'client', captured = bytes.length } = situation;
  const session = new Session(1, true, new Subscriptions(100, () => {}));
  const connection = new Connection(0, 0, 0, 1, session);
  const exchange = new Exchange(messageOf(bytes, captured), { ...SETTINGS, sees });
  exchange.connection = connection;
  exchange.packet.read(exchange.message, level, from === 'client');
  exchange.level = level;
  connection.level = level;
  connection.connect.frame = 4;
  connection.connect.clientId = 'client';
  connection.connack.frame = 5;
  exchange.fromClient = from === 'client';
  exchange.role = from === 'client' ? 0 : 1;
  exchange.sender = connection.sides[exchange.role];
  exchange.receiver = connection.sides[1 - exchange.role];
  exchange.knowsConnack = true;
  exchange.subject.messageName = Object.entries(TYPE).find(([, type]) => type === exchange.packet.type)?.[0] ?? '';
  return exchange;
}

/** A flow in hand that began in this connection, or in one before, and was sent in this one or not. */
export function flowIn(exchange: Exchange, kind: number, { born = 1, order = 0, sentHere = true } = {}): Flow {
  const flow = new Flow(exchange.packet.id, kind, 0, order, born);
  flow.enter(exchange.connection.serial);
  flow.frame = 7;
  if (sentHere) flow.transmissions = 1;
  exchange.flow = flow;
  return flow;
}

/** `broken`, `pass`, `skip`, `inconclusive`. What is broken is described by bytes of the packet. */
export function outcomeOf(id: string, exchange: Exchange): string {
  const rule = STATEFUL_RULES.find(known => known.id === `mqtt/${id}`);
  expect(rule?.on).toContain(exchange.subject.messageName);
  const outcome = rule?.check?.(exchange) ?? SKIP;
  if (outcome === BROKEN) {
    const { bytes } = rule!.describe!(exchange);
    expect(bytes!.offset).toBeGreaterThanOrEqual(0);
    expect(bytes!.length).toBeGreaterThan(0);
    expect(bytes!.offset + bytes!.length).toBeLessThanOrEqual(exchange.message.length);
  }
  return OUTCOMES[outcome];
}

/** Ids of all rules that the packet breaks. */
export function brokenBy(exchange: Exchange): string[] {
  const { messageName } = exchange.subject;
  const asked = STATEFUL_RULES.filter(({ on, check }) => check && on?.includes(messageName));
  return asked.filter(({ check }) => check?.(exchange) === BROKEN).map(({ id }) => id.slice('mqtt/'.length));
}
