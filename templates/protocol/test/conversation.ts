/** A conversation as a capture holds it, for the tests and for make-capture.ts. */
import { framed, Traffic } from 'wirelint/testkit';

const CLIENT = '10.0.0.1:40000';
const SERVER = '10.0.0.2:7000';

/** Frame of the first message. Those before it are the handshake; each message takes the next one. */
export const FIRST = 4;

/** For traffic that cannot be recognised by its first bytes. */
export const PORT = 'tcp.port==7000,my-protocol';

/**
 * What is said, in order: `>` by the client, `<` by the server. Yours, if it is no text: `framed('length16', line.slice(2))`
 * takes bytes in hex.
 */
export function conversation(lines: readonly string[]): Traffic {
  const traffic = new Traffic();
  const talk = traffic.connect(CLIENT, SERVER);
  for (const line of lines) {
    const message = framed('length16', Buffer.from(line.slice(2), 'latin1'));
    if (line.startsWith('>')) talk.client(message);
    else talk.server(message);
  }
  talk.close();
  return traffic;
}
