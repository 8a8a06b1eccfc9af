/** The rule about what was left unacknowledged; `resending.ts` beside the tracker watches it. */
import type { Rule } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';

export const notResent: Rule<Exchange> = {
  id: 'mqtt/not-resent',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  editionHere,
  clause: clauses(
    '4.1.0-1, 4.3.2-1, 4.4.0-1',
    '4.3.2-3, 4.3.3-5, 4.3.3-7, 4.4.0-1, 4.8.2-4',
    'When a session is taken up again, both sides send again the PUBLISHes and PUBRELs that were not acknowledged.',
  ),
  summary: 'a PUBLISH or PUBREL left unacknowledged is not sent again within resendTimeout of taking up the session',
  why: 'The message is lost, or kept for good under an identifier that never becomes free.',
  example: 'PUBLISH of QoS 1, the connection breaks, CONNECT, CONNACK with Session Present 1, and no PUBLISH for 5 s',
};
