/** A conversation as a capture holds it, for the tests and for make-capture.ts. */
import { Traffic } from 'wirelint/testkit';

const CLIENT = '10.0.0.1:40000';
const SERVER = '10.0.0.2:7000';

/** Frame of the first message; each takes the next one. */
export const FIRST = 1;

/** For traffic that cannot be recognised by its first bytes. */
export const PORT = 'udp.port==7000,my-protocol';

/**
 * What is said, in order: `>` by the client, `<` by the server. Yours, if it is no text: a datagram may be bytes in hex,
 * `line.slice(2)`.
 */
export function conversation(lines: readonly string[]): Traffic {
  const traffic = new Traffic();
  for (const line of lines) {
    const message = Buffer.from(line.slice(2), 'latin1');
    if (line.startsWith('>')) traffic.datagram(CLIENT, SERVER, message);
    else traffic.datagram(SERVER, CLIENT, message);
  }
  return traffic;
}
