/**
 * How the rules of ministreaming can be broken on purpose, by changing what passes, and how a server refuses: with a CLOSE
 * in place of its ACK. Identifiers are not known beforehand, so that nearly all ways change a message that its side has
 * sent, or its place. Those that send something of their own do it as it stands in a datagram.
 */
import type { Provocation, Refusals } from '../../src/sdk.ts';
import { ACK, CLOSE_CLIENT, CLOSE_SERVER, SYN } from './layouts.ts';

const CLIENTS = 'type == "DATA (client)" nth=1';
const SERVERS = 'type == "DATA (server)" nth=1';
const CLIENT_CLOSES = 'type == "CLOSE (client)" nth=1';
const SERVER_CLOSES = 'type == "CLOSE (server)" nth=1';

/** Where it is known by what is said alone, that is by a SYN and what answers it. */
const NAMED = 'ministreaming named for the port';

const field = (name: string) => `ministreaming.${name}`;

const WAYS: Readonly<Record<string, Omit<Provocation, 'rule'>>> = {
  'truncated-header': { faults: ['send bytes a0:00 to server after type == ACK nth=1'], needs: 'datagrams' },
  'unknown-type': { faults: [`set ${field('type')} = 7 if ${CLIENTS}`] },
  'reserved-type': { faults: [`set ${field('type')} = 0xaf if ${CLIENTS}`] },
  'ack-length': { faults: [`set ${field('type')} = 0x51 if ${SERVER_CLOSES}`], needs: 'a server that closes' },
  'reserved-id': { faults: [`set ${field('id')} = 0x000000 if ${CLIENTS}`] },
  'syn-missing-key': { faults: [`set ${field('key')} = "" if type == SYN nth=1`], needs: NAMED },
  'syn-key-format': {
    faults: [`set ${field('key')} = "no destination" if type == SYN nth=1`],
    needs: `${NAMED}, and the dialect option key=i2p-destination`,
  },
  'close-payload': { faults: [`set ${field('type')} = 0xa2 if ${CLIENTS}`] },
  'own-id': {
    faults: [`set ${field('serverId')} = 0x000001 if type == ACK nth=1`, `set ${field('id')} = 0x000001 if ${SERVERS}`],
    needs: 'a server that sends first',
  },
  'server-id-in-use': {
    faults: [`set ${field('serverId')} = 0x000001 if type == ACK times=2`],
    needs: 'two connections at once in a session',
  },
  'wrong-direction': { faults: [`set ${field('type')} = 0xa0 if ${SERVERS}`] },
  'syn-id-in-use': { faults: ['repeat if type == SYN nth=1'], needs: NAMED },
  'ack-unexpected': { faults: [`set ${field('id')} = 0x000001 if type == ACK nth=1`], needs: NAMED },
  'ack-duplicate': { faults: ['repeat if type == ACK nth=1'] },
  'ack-after-close': {
    faults: ['swap with next if type == ACK nth=1'],
    needs: 'a server that closes right after its ACK',
  },
  'data-unknown-id': { faults: [`set ${field('id')} = 0x000001 if ${CLIENTS}`] },
  'data-before-ack': {
    faults: ['swap with next if type == ACK nth=1'],
    needs: 'a server that sends right after its ACK',
  },
  'data-after-close': {
    faults: [`swap with next if ${CLIENTS}`],
    needs: 'a client that closes right after its first DATA',
  },
  'data-crossing-close': {
    faults: [`delay 1s if ${SERVER_CLOSES}`],
    needs: 'a client that sends until the server closes',
  },
  'data-after-refusal': {
    faults: ['drop if type == ACK nth=1', `swap with next if ${SERVERS}`],
    needs: 'a server that sends and closes right after its ACK',
  },
  'close-unknown-id': { faults: [`set ${field('id')} = 0x000001 if ${CLIENT_CLOSES}`], needs: 'a client that closes' },
  'close-duplicate': { faults: [`repeat if ${CLIENT_CLOSES}`], needs: 'a client that closes' },
  'syn-unanswered': { faults: ['drop if type == ACK'], needs: NAMED },
  'left-open': { faults: [`drop if ${SERVER_CLOSES}`], needs: 'a server that closes, and the rule switched on' },
  'unknown-session': {
    faults: ['send bytes a0:00:00:01 to server if type == SYN nth=1'],
    needs: `${NAMED}, and datagrams`,
  },
};

export const provocations: readonly Provocation[] = Object.entries(WAYS).map(([rule, way]) => ({
  rule: `ministreaming/${rule}`,
  ...way,
}));

export const refusals: Refusals = {
  // Any other CLOSE may be the ordinary end.
  isOne: ({ layout, state }) => layout === CLOSE_SERVER && state === 'REFUSED',
  // The identifier that a CLOSE carries is known from the SYN, and from the ACK; not from what carries its receiver's own.
  of: ({ message, layout }) => {
    if (layout !== SYN && layout !== ACK) return undefined;
    const { offset } = layout === SYN ? SYN.fields.id : ACK.fields.serverId;
    const id = [message.byte(offset), message.byte(offset + 1), message.byte(offset + 2)];
    const { code } = layout === SYN ? CLOSE_SERVER : CLOSE_CLIENT;
    return code === undefined || id.includes(-1) ? undefined : Uint8Array.of(code, ...id);
  },
};
