/**
 * How a side of MQTT says that it will not go on. In 3.1.1 a server can do so in its CONNACK alone, and closes the connection
 * elsewhere; in 5.0 each side has a DISCONNECT with a Reason Code. What answers a single packet (PUBACK, SUBACK with a code
 * that refuses) is none: the connection goes on.
 */
import type { Refusals, SeenMessage } from '../../src/sdk.ts';
import { TYPE, V5 } from './terms.ts';

/** Reason Codes from here on are of what went wrong. §2.4 */
const FAILURE = 0x80;
const PROTOCOL_ERROR = 0x82;
/** The CONNACK that refuses, and what either side sends later. */
const CONNACK = Uint8Array.of(TYPE.CONNACK << 4, 3, 0, PROTOCOL_ERROR, 0);
const DISCONNECT = Uint8Array.of(TYPE.DISCONNECT << 4, 1, PROTOCOL_ERROR);

export const REFUSALS: Refusals = {
  isOne: seen => {
    const { layout, clientToServer } = seen;
    if (layout?.code === TYPE.CONNACK) return reasonOf(seen) !== 0;
    // A client takes its leave with a DISCONNECT; a server does nothing of the kind.
    return layout?.code === TYPE.DISCONNECT && (!clientToServer || reasonOf(seen) >= FAILURE);
  },
  of: ({ layout, clientToServer }) => {
    if (layout?.edition !== V5) return undefined;
    if (!clientToServer) return DISCONNECT;
    // Before its CONNACK a server has no other way to refuse, and an AUTH may come before it.
    if (layout.code === TYPE.AUTH) return undefined;
    return layout.code === TYPE.CONNECT ? CONNACK : DISCONNECT;
  },
};

/** 0 where the packet ends before it. */
function reasonOf({ layout, message }: SeenMessage): number {
  const field = layout?.fields.reasonCode;
  return field && message.has(field) ? message.uint(field) : 0;
}
