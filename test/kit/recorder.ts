/**
 * A protocol that judges nothing and writes down the calls of its tracker, for tests of what is in front of trackers.
 * Its messages are whatever the framing cuts; each flow is one connection.
 */
import {
  Machine,
  type Message,
  type Opening,
  type Protocol,
  type Recognition,
  stay,
  type TrackerHost,
  to,
} from '../../src/sdk.ts';

const machine = new Machine({
  roles: ['client', 'server'],
  states: ['OPEN', 'ENDED'],
  final: ['ENDED'],
  events: ['MESSAGE'],
  send: {
    client: { OPEN: { others: stay }, ENDED: { others: stay } },
    server: { OPEN: { others: stay }, ENDED: { others: stay } },
  },
  receive: {
    client: { OPEN: { others: to('ENDED') }, ENDED: { others: stay } },
    server: { OPEN: { others: stay }, ENDED: { others: stay } },
  },
  rulesOfStates: [],
});

export interface RecorderOptions extends Partial<Omit<Protocol, 'createTracker'>> {
  /** Whether messages are shown with their frames. */
  readonly frames?: boolean;
}

/**
 * @param log gets a line for each call: `client 0a0b @4`, `server lost`, `client ended`, `closed`
 */
export function recorder(log: string[], { frames = true, ...options }: RecorderOptions = {}): Protocol {
  return {
    id: 'recorder',
    title: 'Recorder',
    summary: 'writes down what it receives',
    specification: 'none',
    carriers: [{ transport: 'tcp', framing: 'length16' }],
    recognition: 'none',
    dialect: [],
    layouts: [],
    machine,
    rules: [],
    ...options,
    createTracker: host => recordingTracker(host, log, frames),
  };
}

function recordingTracker(host: TrackerHost<unknown>, log: string[], frames: boolean) {
  const slots = new Map<number, number>();
  let count = 0;
  const who = (flow: number, side: number) => (side === host.flows.clientSide(flow) ? 'client' : 'server');
  const where = (message: Message) => (frames ? ` @${message.frame}` : '');
  const slotOf = (flow: number, message: Message) => {
    const slot = slots.get(flow) ?? host.connections.open(flow, host.flows.clientSide(flow), message);
    if (!slots.has(flow)) log.push(`opened ${host.flows.fromStart(flow) ? 'from the start' : 'midstream'}`);
    slots.set(flow, slot);
    return slot;
  };
  return {
    layout: undefined,
    messageName: 'MESSAGE',
    message(flow: number, side: number, message: Message) {
      const slot = slotOf(flow, message);
      host.connections.touch(slot, message);
      const cut = message.captured < message.length ? `/${message.length}` : '';
      log.push(`${who(flow, side)} ${Buffer.from(message.copy()).toString('hex')}${cut}${where(message)}`);
      count++;
      return slot;
    },
    carried: (flow: number, _side: number, message: Message) => slotOf(flow, message),
    lost: (flow: number, side: number) => log.push(`${who(flow, side)} lost`),
    ended: (flow: number, side: number) => log.push(`${who(flow, side)} ended`),
    close(flow: number) {
      const slot = slots.get(flow);
      slots.delete(flow);
      if (slot !== undefined) host.connections.close(slot, 'OPEN');
      log.push('closed');
    },
    state: () => 'OPEN',
    settled: () => new Map<string, readonly string[]>(),
    messageCounts: () => new Map([['MESSAGE', count]]),
  };
}

/** Recognises connections whose client begins with these bytes (in hex). */
export function beginsWith(text: string): (opening: Opening) => Recognition {
  const wanted = Buffer.from(text, 'hex');
  return ({ client }) => {
    const length = Math.min(client.length, wanted.length);
    if (!wanted.subarray(0, length).equals(client.subarray(0, length))) return 'no';
    return client.length < wanted.length ? 'more' : 'yes';
  };
}
