/**
 * The law of a connection: who may send what, when. One state a connection, not one a side: the carrier keeps the order
 * and loses nothing, so what an end may send follows from what it has sent itself and from what the other end has been
 * seen to send; nothing changes on arrival.
 *
 * What crosses on the wire decides two cells. DATA after the other end's CLOSE may have been sent before that arrived, and
 * breaks nothing (`data-crossing-close` is an info); CLOSE after the other end's CLOSE ends the connection. All else an
 * end can know when it sends: the server has seen the SYN, the client the ACK, and each knows what it sent itself.
 *
 * `NONE` is before the SYN: an id that names no connection is looked up in its row. The state to go on in there is for
 * connections that were met in the middle.
 */
import { breaks, ifPeerSent, ifSelfSent, Machine, stay, to } from '../../src/sdk.ts';
import { LAYOUTS } from './layouts.ts';
import { ackAfterClose, ackDuplicate, ackUnexpected } from './rules/ack.ts';
import { closeDuplicate, closeUnknownId } from './rules/close.ts';
import { dataAfterClose, dataAfterRefusal, dataBeforeAck, dataCrossingClose, dataUnknownId } from './rules/data.ts';
import { wrongDirection } from './rules/messages.ts';
import { synIdInUse } from './rules/syn.ts';
import { ROLES, STATES, type State } from './states.ts';

const EVENTS = ['DATA (client)', 'SYN', 'CLOSE (client)', 'DATA (server)', 'ACK', 'CLOSE (server)'] as const;
type Event = (typeof EVENTS)[number];

const wrong = breaks(wrongDirection);
const notClients = { 'DATA (server)': wrong, ACK: wrong, 'CLOSE (server)': wrong } as const;
const notServers = { 'DATA (client)': wrong, SYN: wrong, 'CLOSE (client)': wrong } as const;

const inUse = (next?: State) => breaks<State>(synIdInUse, next);
const unknownData = breaks(dataUnknownId);
const unknownClose = breaks(closeUnknownId);
const crossing = breaks(dataCrossingClose);
const lateData = breaks(dataAfterClose);
const closedTwice = breaks(closeDuplicate);
const ackTwice = breaks(ackDuplicate);
const ackTooLate = breaks(ackAfterClose);

/** No server id was given yet, so none can be named. */
const notOpen = { ...notClients, 'DATA (client)': unknownData, 'CLOSE (client)': unknownClose } as const;
/** A SYN with a free id begins another connection. */
const free = { ...notClients, SYN: stay } as const;
const closedByServer = {
  ...notServers,
  'DATA (server)': lateData,
  ACK: ackTooLate,
  'CLOSE (server)': closedTwice,
} as const;

export const machine = new Machine<(typeof ROLES)[number], State, Event>({
  roles: ROLES,
  states: STATES,
  final: ['CLOSED', 'REFUSED'],
  events: EVENTS,
  send: {
    client: {
      NONE: {
        ...notClients,
        SYN: to('SYN-SENT'),
        'DATA (client)': breaks(dataUnknownId, 'OPEN'),
        'CLOSE (client)': breaks(closeUnknownId, 'CLIENT-CLOSED'),
      },
      'SYN-SENT': { ...notOpen, SYN: inUse() },
      OPEN: { ...notClients, SYN: inUse(), 'DATA (client)': stay, 'CLOSE (client)': to('CLIENT-CLOSED') },
      'CLIENT-CLOSED': {
        ...notClients,
        SYN: inUse('SYN-SENT'),
        'DATA (client)': lateData,
        'CLOSE (client)': closedTwice,
      },
      'SERVER-CLOSED': {
        ...notClients,
        SYN: inUse('SYN-SENT'),
        'DATA (client)': crossing,
        'CLOSE (client)': to('CLOSED'),
      },
      CLOSED: { ...free, 'DATA (client)': lateData, 'CLOSE (client)': closedTwice },
      // An ACK that came too late has given the client an id, which it cannot be blamed for using.
      REFUSED: {
        ...free,
        'DATA (client)': ifPeerSent<State, Event>('ACK', stay, unknownData),
        'CLOSE (client)': ifPeerSent<State, Event>('ACK', stay, unknownClose),
      },
    },
    server: {
      NONE: {
        ...notServers,
        'DATA (server)': breaks(dataUnknownId, 'OPEN'),
        ACK: breaks(ackUnexpected, 'OPEN'),
        'CLOSE (server)': breaks(closeUnknownId, 'SERVER-CLOSED'),
      },
      'SYN-SENT': {
        ...notServers,
        // Said once: after it the server evidently takes the connection for open.
        'DATA (server)': ifSelfSent<State, Event>('DATA (server)', stay, breaks(dataBeforeAck)),
        ACK: to('OPEN'),
        'CLOSE (server)': to('REFUSED'),
      },
      OPEN: { ...notServers, 'DATA (server)': stay, ACK: ackTwice, 'CLOSE (server)': to('SERVER-CLOSED') },
      'CLIENT-CLOSED': { ...notServers, 'DATA (server)': crossing, ACK: ackTwice, 'CLOSE (server)': to('CLOSED') },
      'SERVER-CLOSED': closedByServer,
      CLOSED: closedByServer,
      REFUSED: {
        ...notServers,
        'DATA (server)': ifSelfSent<State, Event>('ACK', stay, breaks(dataAfterRefusal)),
        ACK: ackTooLate,
        'CLOSE (server)': ifSelfSent<State, Event>('ACK', stay, closedTwice),
      },
    },
  },
  receive: { client: unchanged(), server: unchanged() },
  rulesOfStates: [dataAfterClose, dataAfterRefusal, ackAfterClose, dataCrossingClose].map(({ id }) => id),
});

/** The state is the connection's: sending has changed it already. */
function unchanged(): Record<State, { others: typeof stay }> {
  return Object.fromEntries(STATES.map(state => [state, { others: stay }])) as Record<State, { others: typeof stay }>;
}

if (LAYOUTS.some(({ name }, type) => EVENTS[type] !== name)) {
  throw new Error('the events of the machine must be the messages, in the order of their type numbers');
}
