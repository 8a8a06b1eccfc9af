/** What of a recorded conversation is another in the next one: identifiers that the other end chooses. */
import type { Replaying } from '../../src/sdk.ts';

const identifierOf = (...messages: readonly string[]) => messages.map(name => `${name}.packetIdentifier`);

export const replay: Replaying = {
  values: [
    {
      // Each end numbers what it sends; PUBREL goes on with the number of the PUBLISH (§2.3.1, §4.3.3).
      name: 'Packet Identifier',
      chosen: identifierOf('PUBLISH', 'SUBSCRIBE', 'UNSUBSCRIBE'),
      echoed: identifierOf('PUBACK', 'PUBREC', 'PUBCOMP', 'SUBACK', 'UNSUBACK'),
      again: identifierOf('PUBREL'),
    },
    {
      name: 'Client Identifier',
      chosen: ['CONNECT.clientIdentifier', 'CONNACK.properties.assignedClientIdentifier'],
      echoed: ['CONNECT.clientIdentifier'],
    },
  ],
  // How long a packet is follows from what is in it; what may have been sent before is a matter of the path.
  varying: ['*.remainingLength', 'PUBLISH.dup', 'PUBLISH.properties.topicAlias'],
};
