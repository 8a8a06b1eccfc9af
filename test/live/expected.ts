/**
 * What known programs are known to do, each with why it is a fault: examined by hand. A finding that none of these explains is
 * news, of the program or of wirelint.
 */
import type { Finding } from '../../src/api.ts';
import type { Version } from './brokers.ts';

/** Between whom a conversation was. */
export interface Pairing {
  readonly client: string;
  readonly broker: string;
  readonly version: Version;
}

export interface Expectation {
  readonly rule: string;
  /** Its name in the table begins so. */
  readonly program: string;
  readonly side: 'client' | 'broker';
  readonly version?: Version;
  /** Why the program deserves it. */
  readonly because: string;
}

const EXPECTED: readonly Expectation[] = [
  {
    rule: 'mqtt/receive-maximum',
    program: 'mosquitto 2.0.11',
    side: 'broker',
    version: '5.0',
    because:
      'it refills the window of 3 before the places are free, once several acknowledgements come in a row; mosquitto_sub and mqtt.js break off over it',
  },
  {
    rule: 'mqtt/receive-maximum',
    program: 'paho-mqtt 1.6.1',
    side: 'client',
    version: '5.0',
    because: 'it keeps a window of its own (here 40) and does not look at the 20 of CONNACK',
  },
  {
    rule: 'mqtt/receive-maximum',
    program: 'mqtt.js 5.16.0',
    side: 'client',
    version: '5.0',
    because: 'it has no window: all 40 are sent at once, and CONNACK takes 20',
  },
  {
    rule: 'mqtt/pubrel-after-refusal',
    program: 'paho-mqtt 1.6.1',
    side: 'client',
    version: '5.0',
    because:
      'it answers each PUBREC with PUBREL, whatever the Reason Code says; a PUBREC of 0x80 or above ends the delivery',
  },
  {
    rule: 'mqtt/pubrec-unanswered',
    program: 'aedes 1.2.0',
    side: 'broker',
    because:
      'in a stored session, where two PUBRECs come together, it sends PUBREL twice for the second and never for the first',
  },
  {
    rule: 'mqtt/session-lost',
    program: 'aedes 1.2.0',
    side: 'broker',
    because: 'it forgets a session without subscriptions, which CleanSession 0 had it store',
  },
];

/** What explains the finding, if anything does. @param clientIsAtFault false: the broker is */
export function explained(
  { ruleId }: Finding,
  { client, broker, version }: Pairing,
  clientIsAtFault: boolean,
): Expectation | undefined {
  return EXPECTED.find(
    ({ rule, program, side, version: only = version }) =>
      rule === ruleId &&
      only === version &&
      (side === 'client') === clientIsAtFault &&
      (side === 'client' ? client : broker).startsWith(program),
  );
}

interface KnownTrouble {
  /** Part of what was printed. */
  readonly says: string;
  readonly client?: string;
  readonly broker?: string;
  readonly because: string;
}

const TROUBLES: readonly KnownTrouble[] = [
  {
    says: 'A network protocol error occurred',
    client: 'mosquitto_pub',
    broker: 'mosquitto',
    because: 'mosquitto_sub breaks off where mosquitto exceeds its Receive Maximum',
  },
  {
    says: 'Receive Maximum exceeded',
    client: 'mqtt.js',
    broker: 'mosquitto',
    because: 'mqtt.js breaks off where mosquitto exceeds its Receive Maximum',
  },
  {
    says: 'session: 3 messages in place of 4',
    broker: 'aedes',
    because: 'the delivery whose PUBREL never comes (mqtt/pubrec-unanswered) does not end',
  },
  {
    says: 'waited in vain for what came meanwhile',
    broker: 'aedes',
    because: 'the delivery whose PUBREL never comes (mqtt/pubrec-unanswered) does not end',
  },
  {
    says: 'read ECONNRESET',
    client: 'mqtt.js',
    broker: 'aedes',
    because:
      'aedes destroys its socket at DISCONNECT, which over TLS may reset the connection, and a reset is passed on as one',
  },
];

/** Why a program did not get what it was to get, if that is known. */
export function knownTrouble(trouble: string, pairing: Pairing): string | undefined {
  const known = TROUBLES.find(
    ({ says, client = '', broker = '' }) =>
      trouble.includes(says) && pairing.client.startsWith(client) && pairing.broker.startsWith(broker),
  );
  return known?.because;
}
