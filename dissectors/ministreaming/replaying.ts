/** What of a recorded conversation is another in the next one: the ids that each end chooses for itself. */
import type { Replaying } from '../../src/sdk.ts';

export const replay: Replaying = {
  values: [
    { name: 'client id', chosen: ['SYN.id'], echoed: ['ACK.id', 'DATA (server).id', 'CLOSE (server).id'] },
    { name: 'server id', chosen: ['ACK.serverId'], echoed: ['DATA (client).id', 'CLOSE (client).id'] },
  ],
  optional: ['CHAFF'],
  streams: [
    { message: 'DATA (client)', data: 'data' },
    { message: 'DATA (server)', data: 'data' },
  ],
};
