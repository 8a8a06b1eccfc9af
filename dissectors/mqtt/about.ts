/** A connection in a few words, for people: whose it is, which version, and what became of its session. */
import type { Connection } from './connection.ts';
import { type FlowBook, KIND, STAGE } from './flows.ts';
import { LEVEL, NEVER } from './terms.ts';

/** Characters of a Client Identifier that are shown. */
const MOST_CHARACTERS = 40;
const VERSIONS: Readonly<Record<number, string>> = { [LEVEL.V31]: '3.1', [LEVEL.V311]: '3.1.1', [LEVEL.V5]: '5.0' };

/** `client "sensor1", 5.0, session taken up, 2 of the client's messages under way, kept for 60 s` */
export function aboutOf(connection: Connection): string {
  const { connect, level, isForeign, isUnknown, isAccepted } = connection;
  if (isForeign && !isUnknown) return 'another carrier: TLS or HTTP';
  const facts = [
    ...(connect.clientId === undefined ? [] : [`client "${shortened(connect.clientId)}"`]),
    ...(level === 0 || isUnknown ? [] : [VERSIONS[level]]),
    ...(isAccepted ? sessionFacts(connection) : []),
  ];
  return facts.join(', ');
}

function sessionFacts({ session, isResumed, connack, connect, takenOver }: Connection): string[] {
  const [client, server] = session.books.map(underWay);
  return [
    takenOver < Number.POSITIVE_INFINITY
      ? 'session taken over'
      : isResumed
        ? 'session taken up'
        : connack.isSessionPresent
          ? 'session from before the capture'
          : 'new session',
    ...(client > 0 ? [`${client} of the client's messages under way`] : []),
    ...(server > 0 ? [`${server} of the server's messages under way`] : []),
    ...(connect.expiry === 0 ? [] : [connect.expiry === NEVER ? 'kept' : `kept for ${connect.expiry} s`]),
  ];
}

/** PUBLISHes that are not acknowledged to the end. */
function underWay({ open }: FlowBook): number {
  let count = 0;
  for (const { kind, stage } of open.values()) if (kind <= KIND.QOS2 && stage !== STAGE.OVER) count++;
  return count;
}

function shortened(text: string): string {
  const characters = Buffer.from(text, 'latin1').toString('utf8');
  return characters.length <= MOST_CHARACTERS ? characters : `${characters.slice(0, MOST_CHARACTERS)}...`;
}
