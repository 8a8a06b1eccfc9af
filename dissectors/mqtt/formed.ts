/** What the rules of form know of a packet: itself, and what its connection speaks. */
import type { Message } from '../../src/sdk.ts';
import type { Packet } from './packet.ts';

export interface Formed {
  readonly packet: Packet;
  readonly message: Message;
  readonly fromClient: boolean;
  /** In force in the connection: 3 (MQTT 3.1), 4 (3.1.1) or 5 (5.0). */
  readonly level: number;
  readonly isMqtt31: boolean;
}
