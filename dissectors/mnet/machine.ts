/**
 * The law of an MNET connection: who may send what, when. One table a role, one row a state, for sending; a second one
 * for what the arrival of a message changes. States are named after RFC 4960, whose handshake and shutdown MNET has
 * taken over; `NEW` is RFC 4960's CLOSED before anything was sent, under a name of its own so that a message after the
 * end differs from one before the beginning. Each side has its own state.
 *
 * `DATA` is DATA that carries new bytes. One without any from a side that has sent none is `DATA (bare)`: early at most,
 * never late; all others without new bytes may be old datagrams and take no step (see "Older datagrams" in the rules'
 * catalogue), nor does any other datagram that its side has sent before. INIT in a later state can only be such a one.
 *
 * A message that breaks a rule moves no side, except where its cell says so: the peer must then show that it accepted
 * the message. What a side has "sent" includes such messages where its peer may have answered them.
 *
 * Three leniencies, because the listener is stateless before the echo and forgets a connection at its end: COOKIE is
 * never too late (it answers a doubled INIT), and ABORT is allowed after the end (it answers a stray datagram).
 */
import { breaks, ifPeerSent, ifSelfSent, Machine, stay, to } from '../../src/sdk.ts';
import { LAYOUTS } from './layouts.ts';

export const STATES = [
  'NEW',
  'COOKIE-WAIT',
  'COOKIE-ECHOED',
  'ESTABLISHED',
  'SHUTDOWN-RECEIVED',
  'SHUTDOWN-SENT',
  'SHUTDOWN-ACK-SENT',
  'CLOSED',
  'ABORTED',
] as const;
type State = (typeof STATES)[number];

const ROLES = ['connector', 'listener'] as const;
const EVENTS = [
  'DATA',
  'INIT',
  'COOKIE',
  'COOKIE-ECHO',
  'COOKIE-ACK',
  'SHUTDOWN',
  'SHUTDOWN-ACK',
  'SHUTDOWN-COMPLETE',
  'ABORT',
  'DATA (bare)',
] as const;
type Event = (typeof EVENTS)[number];

/** Event of a bare acknowledgement; the others have their message's code point. */
export const BARE_DATA = EVENTS.indexOf('DATA (bare)');

const wrongRole = breaks('mnet/wrong-role');
const late = breaks('mnet/reordered');
const afterAbort = breaks('mnet/after-abort');
const afterClose = breaks('mnet/after-close');
const afterOwnClose = ifSelfSent<State, Event>('SHUTDOWN-COMPLETE', afterClose, stay);
const abort = to('ABORTED');
const shutdownAck = ifPeerSent<State, Event>(
  'SHUTDOWN',
  to('SHUTDOWN-ACK-SENT'),
  breaks('mnet/shutdown-ack-unsolicited'),
);
const shutdownComplete = ifPeerSent<State, Event>(
  'SHUTDOWN-ACK',
  to('CLOSED'),
  breaks('mnet/shutdown-complete-unsolicited'),
);
const earlyShutdown = breaks<State>('mnet/shutdown-before-established');

const notConnectors = { COOKIE: wrongRole, 'COOKIE-ACK': wrongRole } as const;
const notListeners = { INIT: wrongRole, 'COOKIE-ECHO': wrongRole } as const;
/** The rows of the states that are the same for both roles; each adds what its role may not send. */
const ending = {
  'SHUTDOWN-RECEIVED': {
    SHUTDOWN: to('SHUTDOWN-SENT'),
    'SHUTDOWN-ACK': shutdownAck,
    'SHUTDOWN-COMPLETE': shutdownComplete,
    ABORT: abort,
    others: stay,
  },
  'SHUTDOWN-SENT': {
    DATA: breaks('mnet/data-after-shutdown'),
    'SHUTDOWN-ACK': shutdownAck,
    'SHUTDOWN-COMPLETE': shutdownComplete,
    ABORT: abort,
    others: stay,
  },
  'SHUTDOWN-ACK-SENT': {
    DATA: ifSelfSent<State, Event>('SHUTDOWN', breaks('mnet/data-after-shutdown'), stay),
    'SHUTDOWN-COMPLETE': shutdownComplete,
    ABORT: abort,
    others: stay,
  },
  CLOSED: {
    DATA: afterClose,
    SHUTDOWN: afterClose,
    'COOKIE-ECHO': afterOwnClose,
    'COOKIE-ACK': afterOwnClose,
    others: stay,
  },
  ABORTED: { 'DATA (bare)': stay, COOKIE: stay, ABORT: stay, others: afterAbort },
} as const;

const earlyData = breaks<State>('mnet/data-before-echo', 'COOKIE-ECHOED');
const connectorData = ifSelfSent<State, Event>('COOKIE-ECHO', to('COOKIE-ECHOED'), earlyData);
const unacknowledgedData = breaks<State>('mnet/data-before-ack', 'ESTABLISHED');
const listenerData = ifSelfSent<State, Event>('COOKIE-ACK', to('ESTABLISHED'), unacknowledgedData);
const listenerShutdown = ifSelfSent<State, Event>('COOKIE-ACK', to('SHUTDOWN-SENT'), earlyShutdown);

/** What a listener may send before it has acknowledged an echo. */
const listening = {
  ...notListeners,
  COOKIE: ifPeerSent<State, Event>('INIT', stay, breaks('mnet/cookie-unsolicited')),
  'COOKIE-ACK': ifPeerSent<State, Event>(
    'COOKIE-ECHO',
    to('ESTABLISHED'),
    breaks('mnet/cookie-ack-unsolicited', 'ESTABLISHED'),
  ),
  DATA: listenerData,
  'DATA (bare)': listenerData,
  SHUTDOWN: listenerShutdown,
  'SHUTDOWN-ACK': shutdownAck,
  'SHUTDOWN-COMPLETE': shutdownComplete,
  ABORT: abort,
} as const;

const established = {
  SHUTDOWN: to('SHUTDOWN-SENT'),
  'SHUTDOWN-ACK': shutdownAck,
  'SHUTDOWN-COMPLETE': shutdownComplete,
  ABORT: abort,
  others: stay,
} as const;

const unchanged = { others: stay } as const;
/** An answer shows that the peer has taken a SHUTDOWN that broke a rule. */
const taken = ifSelfSent<State, Event>('SHUTDOWN', to('SHUTDOWN-SENT'), stay);
/** What arrives changes the same in both roles, once the connection stands. */
const arrivals = {
  ESTABLISHED: { SHUTDOWN: to('SHUTDOWN-RECEIVED'), 'SHUTDOWN-ACK': taken, others: stay },
  'SHUTDOWN-RECEIVED': { 'SHUTDOWN-ACK': taken, others: stay },
  'SHUTDOWN-SENT': { 'SHUTDOWN-COMPLETE': to('CLOSED'), others: stay },
  'SHUTDOWN-ACK-SENT': { 'SHUTDOWN-COMPLETE': to('CLOSED'), others: stay },
  CLOSED: unchanged,
  ABORTED: unchanged,
} as const;

/** The listener takes an echo that broke a rule. */
const acceptance = ifSelfSent<State, Event>('COOKIE-ECHO', to('ESTABLISHED'), stay);
const accepted = { 'COOKIE-ACK': acceptance, DATA: acceptance, others: stay } as const;

export const machine = new Machine<(typeof ROLES)[number], State, Event>({
  roles: ROLES,
  states: STATES,
  final: ['CLOSED', 'ABORTED'],
  events: EVENTS,
  send: {
    connector: {
      NEW: {
        ...notConnectors,
        INIT: to('COOKIE-WAIT'),
        'COOKIE-ECHO': to('COOKIE-ECHOED'),
        DATA: connectorData,
        'DATA (bare)': connectorData,
        SHUTDOWN: earlyShutdown,
        'SHUTDOWN-ACK': shutdownAck,
        'SHUTDOWN-COMPLETE': shutdownComplete,
        ABORT: abort,
      },
      'COOKIE-WAIT': {
        ...notConnectors,
        INIT: stay,
        'COOKIE-ECHO': to('COOKIE-ECHOED'),
        DATA: connectorData,
        'DATA (bare)': connectorData,
        SHUTDOWN: earlyShutdown,
        'SHUTDOWN-ACK': shutdownAck,
        'SHUTDOWN-COMPLETE': shutdownComplete,
        ABORT: abort,
      },
      'COOKIE-ECHOED': {
        ...notConnectors,
        INIT: late,
        'COOKIE-ECHO': stay,
        DATA: stay,
        'DATA (bare)': stay,
        SHUTDOWN: ifPeerSent<State, Event>('COOKIE-ACK', to('SHUTDOWN-SENT'), earlyShutdown),
        'SHUTDOWN-ACK': shutdownAck,
        'SHUTDOWN-COMPLETE': shutdownComplete,
        ABORT: abort,
      },
      ESTABLISHED: { ...notConnectors, INIT: late, ...established },
      'SHUTDOWN-RECEIVED': { ...notConnectors, INIT: late, ...ending['SHUTDOWN-RECEIVED'] },
      'SHUTDOWN-SENT': { ...notConnectors, INIT: late, ...ending['SHUTDOWN-SENT'] },
      'SHUTDOWN-ACK-SENT': { ...notConnectors, INIT: late, ...ending['SHUTDOWN-ACK-SENT'] },
      CLOSED: { ...ending.CLOSED, ...notConnectors, INIT: late },
      ABORTED: { ...ending.ABORTED, ...notConnectors, INIT: late },
    },
    listener: {
      NEW: listening,
      'COOKIE-WAIT': listening,
      'COOKIE-ECHOED': listening,
      ESTABLISHED: { ...notListeners, ...established },
      'SHUTDOWN-RECEIVED': { ...notListeners, ...ending['SHUTDOWN-RECEIVED'] },
      'SHUTDOWN-SENT': { ...notListeners, ...ending['SHUTDOWN-SENT'] },
      'SHUTDOWN-ACK-SENT': { ...notListeners, ...ending['SHUTDOWN-ACK-SENT'] },
      CLOSED: { ...ending.CLOSED, ...notListeners },
      ABORTED: { ...ending.ABORTED, ...notListeners },
    },
  },
  receive: {
    connector: {
      NEW: accepted,
      'COOKIE-WAIT': accepted,
      'COOKIE-ECHOED': { 'COOKIE-ACK': to('ESTABLISHED'), DATA: to('ESTABLISHED'), others: stay },
      ...arrivals,
    },
    listener: {
      NEW: { 'COOKIE-ECHO': to('COOKIE-ECHOED'), others: stay },
      'COOKIE-WAIT': unchanged,
      'COOKIE-ECHOED': unchanged,
      ...arrivals,
    },
  },
  rulesOfStates: ['mnet/data-after-shutdown', 'mnet/after-close', 'mnet/after-abort'],
});

export const FINAL_STATE = STATES.indexOf('CLOSED');
export const stateNumber = (name: State): number => STATES.indexOf(name);

if (LAYOUTS.some((layout, code) => layout.code !== code || EVENTS[code] !== layout.name)) {
  throw new Error('the events of the machine must begin with the messages, in the order of their code points');
}
