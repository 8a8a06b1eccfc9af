/**
 * The short way of an ordinary DATA: one under an id that names an open connection of its session, about which nothing is in
 * doubt. It does exactly what the whole way does (tracker.ts), or nothing. It is short because what such a message may mean,
 * and may change, is known from the beginning; the judge counts it by the same remarks.
 */
import type { MachineRun, Message, TrackerHost } from '../../src/sdk.ts';
import { type Exchange, FOUND } from './exchange.ts';
import { ACCEPTED, type IdTable, OPENED } from './ids.ts';
import { HEADER_LENGTH, idOf, TYPE } from './layouts.ts';
import { LIST, SESSION, type Session } from './sessions.ts';
import type { ConnectionTable } from './state.ts';
import { ROLES, stateNumber } from './states.ts';

const CLIENT = ROLES.indexOf('client');
const SERVER = ROLES.indexOf('server');
const OPEN = stateNumber('OPEN');

export class Ordinary {
  readonly #host: TrackerHost<Exchange>;
  readonly #run: MachineRun;
  readonly #exchange: Exchange;
  readonly #table: ConnectionTable;
  readonly #ids: IdTable;

  constructor(host: TrackerHost<Exchange>, exchange: Exchange, table: ConnectionTable, ids: IdTable) {
    this.#host = host;
    this.#run = host.machineRun;
    this.#exchange = exchange;
    this.#table = table;
    this.#ids = ids;
  }

  /**
   * Judges the DATA in the exchange and takes in what it says, if it is an ordinary one.
   * @param session of the message
   * @returns the slot of its connection; -1 where nothing was done
   */
  takes(type: number, message: Message, session: Session): number {
    // What is held wants to see all of a message.
    if (message.captured < HEADER_LENGTH || this.#host.judge.isHolding) return -1;
    if (!(session.flags & SESSION.BEGUN) || session.first(LIST.WAITING) !== 0) return -1;
    const exchange = this.#exchange;
    const { flow, side, connection } = exchange;
    const isClients = type === TYPE.DATA_CLIENT;
    const id = idOf(message);
    const slot = this.#ids.slotOf(flow, 1 - side, isClients ? ACCEPTED : OPENED, id);
    if (slot < 0) return -1;
    this.#table.seek(connection, slot);
    // No flag is one that is ordinary: that of what belongs to no connection is among them.
    if (connection.state !== OPEN || connection.flags !== 0 || connection.losses !== session.losses) return -1;
    if ((connection.clientSide === side) !== isClients) return -1;
    if (!this.#host.judge.passesUnasked(type, exchange, 0, 0)) return -1;

    exchange.slot = slot;
    exchange.id = id;
    exchange.found = FOUND.BY_ID;
    this.#host.connections.touch(slot, message);
    // The connection stays open, whatever either has sent.
    this.#run.step(isClients ? CLIENT : SERVER, OPEN, type, false, 0, 0, true);
    if (isClients) connection.clientSent |= 1 << type;
    else connection.serverSent |= 1 << type;
    return slot;
  }
}
