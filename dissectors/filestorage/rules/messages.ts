/** Rules about which message it is and who sent it. */
import type { Evidence, Rule } from '../../../src/sdk.ts';
import type { Exchange } from '../exchange.ts';
import { LAST_USER_TYPE, LAYOUTS, USER_TYPE } from '../layouts.ts';
import type { Edition } from '../terms.ts';

export const unknownMessage: Rule<Exchange> = {
  id: 'filestorage/unknown-message',
  severity: 'error',
  atFault: 'sender',
  // The table depends on the edition, which is known from another message.
  restsOn: 'seen',
  midstream: true,
  clause: 'messages content, user type',
  summary: "the user type is not in the edition's table",
  why: 'Its receiver does not know what to do with it. The editions number the user types differently: perhaps one side speaks the other edition.',
  example: '02 00000002 09 7b7d',
};

/** @param edition undefined where it is not known */
export function wordsOfUnknown(userType: number, edition: Edition | undefined): Evidence {
  const known = LAYOUTS.filter(layout => layout.edition === edition).map(({ code, name }) => `${code} (${name})`);
  return {
    message: `user type ${userType} is no message${edition ? ` of the edition ${edition}` : ''}`,
    expected: edition ? known.join(', ') : `0 to ${LAST_USER_TYPE}`,
    actual: `${userType}`,
    bytes: USER_TYPE,
  };
}

export const wrongDirection: Rule<Exchange> = {
  id: 'filestorage/wrong-direction',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'protocol overview',
  summary: "a client's message comes from the server, or a server's from the client",
  why: 'The client asks and the server answers; nothing else is described. The receiver of such a message cannot do anything with it.',
  example: 'server > client  3, { "message-id": ..., "chunk": ..., "data": ... }',
  describe: ({ messageName, sender, authenticationFrames }) => ({
    message: `${messageName} comes from the ${sender}`,
    expected: `${messageName} from the ${sender === 'client' ? 'server' : 'client'} only`,
    actual: `${messageName} from the ${sender}`,
    bytes: USER_TYPE,
    relatedFrames: authenticationFrames,
  }),
};
