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
import { afterAbort } from './rules/abort.ts';
import { cookieUnsolicited } from './rules/cookie.ts';
import { cookieAckUnsolicited } from './rules/cookie-ack.ts';
import { dataBeforeAck, dataBeforeEcho } from './rules/data.ts';
import { reordered, wrongRole } from './rules/messages.ts';
import { dataAfterShutdown, shutdownBeforeEstablished } from './rules/shutdown.ts';
import { shutdownAckUnsolicited } from './rules/shutdown-ack.ts';
import { afterClose, shutdownCompleteUnsolicited } from './rules/shutdown-complete.ts';
import { STATES, type State } from './states.ts';

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

const wrong = breaks(wrongRole);
const late = breaks(reordered);
const aborted = breaks(afterAbort);
const closed = breaks(afterClose);
const closedByItself = ifSelfSent<State, Event>('SHUTDOWN-COMPLETE', closed, stay);
const abort = to('ABORTED');
const shutdownAck = ifPeerSent<State, Event>('SHUTDOWN', to('SHUTDOWN-ACK-SENT'), breaks(shutdownAckUnsolicited));
const shutdownComplete = ifPeerSent<State, Event>('SHUTDOWN-ACK', to('CLOSED'), breaks(shutdownCompleteUnsolicited));
const earlyShutdown = breaks(shutdownBeforeEstablished);

const notConnectors = { COOKIE: wrong, 'COOKIE-ACK': wrong } as const;
const notListeners = { INIT: wrong, 'COOKIE-ECHO': wrong } as const;
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
    DATA: breaks(dataAfterShutdown),
    'SHUTDOWN-ACK': shutdownAck,
    'SHUTDOWN-COMPLETE': shutdownComplete,
    ABORT: abort,
    others: stay,
  },
  'SHUTDOWN-ACK-SENT': {
    DATA: ifSelfSent<State, Event>('SHUTDOWN', breaks(dataAfterShutdown), stay),
    'SHUTDOWN-COMPLETE': shutdownComplete,
    ABORT: abort,
    others: stay,
  },
  CLOSED: {
    DATA: closed,
    SHUTDOWN: closed,
    'COOKIE-ECHO': closedByItself,
    'COOKIE-ACK': closedByItself,
    others: stay,
  },
  ABORTED: { 'DATA (bare)': stay, COOKIE: stay, ABORT: stay, others: aborted },
} as const;

const earlyData = breaks(dataBeforeEcho, 'COOKIE-ECHOED');
const connectorData = ifSelfSent<State, Event>('COOKIE-ECHO', to('COOKIE-ECHOED'), earlyData);
const unacknowledgedData = breaks(dataBeforeAck, 'ESTABLISHED');
const listenerData = ifSelfSent<State, Event>('COOKIE-ACK', to('ESTABLISHED'), unacknowledgedData);
const listenerShutdown = ifSelfSent<State, Event>('COOKIE-ACK', to('SHUTDOWN-SENT'), earlyShutdown);

/** What a connector may send before its echo. */
const connecting = {
  ...notConnectors,
  'COOKIE-ECHO': to('COOKIE-ECHOED'),
  DATA: connectorData,
  'DATA (bare)': connectorData,
  SHUTDOWN: earlyShutdown,
  'SHUTDOWN-ACK': shutdownAck,
  'SHUTDOWN-COMPLETE': shutdownComplete,
  ABORT: abort,
} as const;

/** What a listener may send before it has acknowledged an echo. */
const listening = {
  ...notListeners,
  COOKIE: ifPeerSent<State, Event>('INIT', stay, breaks(cookieUnsolicited)),
  'COOKIE-ACK': ifPeerSent<State, Event>('COOKIE-ECHO', to('ESTABLISHED'), breaks(cookieAckUnsolicited, 'ESTABLISHED')),
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
const accepted = { 'COOKIE-ACK': acceptance, DATA: acceptance, 'DATA (bare)': acceptance, others: stay } as const;

export const machine = new Machine<(typeof ROLES)[number], State, Event>({
  roles: ROLES,
  states: STATES,
  final: ['CLOSED', 'ABORTED'],
  events: EVENTS,
  send: {
    connector: {
      NEW: { ...connecting, INIT: to('COOKIE-WAIT') },
      'COOKIE-WAIT': { ...connecting, INIT: stay },
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
      'COOKIE-ECHOED': {
        'COOKIE-ACK': to('ESTABLISHED'),
        DATA: to('ESTABLISHED'),
        'DATA (bare)': to('ESTABLISHED'),
        others: stay,
      },
      ...arrivals,
    },
    listener: {
      NEW: { 'COOKIE-ECHO': to('COOKIE-ECHOED'), others: stay },
      'COOKIE-WAIT': unchanged,
      'COOKIE-ECHOED': unchanged,
      ...arrivals,
    },
  },
  rulesOfStates: [dataAfterShutdown, afterClose, afterAbort].map(({ id }) => id),
});

if (LAYOUTS.some((layout, code) => layout.code !== code || EVENTS[code] !== layout.name)) {
  throw new Error('the events of the machine must begin with the messages, in the order of their code points');
}
