/**
 * The preface of the TCP bridge (tcpd): the client sends the bare name of a service, the bridge answers `OK`, and
 * messages follow unchanged in both directions.
 *
 * The name has no end of its own. It is told from what follows by its bytes: a name is printable text, and no libipc
 * head begins with a printable byte (its types are 0 to 3). So the answer depends on the bytes alone and never on how
 * they were cut into segments, and while only printable bytes have come it is `more`.
 */
import type { Dialect, DialectOption, Opening, Preface } from '../../src/sdk.ts';
import { LAYOUTS } from './layouts.ts';

export const PREFACE_OPTION: DialectOption = {
  name: 'preface',
  kind: 'choice',
  values: ['auto', 'none', 'tcpd'],
  default: 'auto',
  meaning: "whether a TCP bridge's preface (service name, answered by OK) stands before the first message",
};

/** A service is a socket file, `/run/ipc/SERVICE-0-0`: a name in a folder has at most 255 bytes. */
const LONGEST_NAME = 255;

const OK = [0x4f, 0x4b];

/** The preface, none, or `more`. @param ended no more bytes will come */
export function prefaceOf(opening: Opening, dialect: Dialect, ended: boolean): Preface | 'more' | undefined {
  switch (dialect.choice('preface')) {
    case 'none':
      return undefined;
    case 'tcpd':
      return forced(opening, ended);
    default:
      return told(opening, ended);
  }
}

function told({ client, server }: Opening, ended: boolean): Preface | 'more' | undefined {
  const name = printableBytes(client, LONGEST_NAME + 1);
  const answer = bytesOfOk(server);
  if (name > LONGEST_NAME || answer < Math.min(server.length, OK.length)) return undefined;
  if (name < client.length && (name === 0 || client[name] >= LAYOUTS.length)) return undefined;
  const complete = name < client.length && answer === OK.length;
  if (!complete && !ended) return 'more';
  // Where the capture lost the name, the answer alone tells it: no libipc head begins like that either.
  return name === 0 && answer === 0 ? undefined : prefaceFrom(name, answer);
}

/** The user says that there is one: the name is whatever is printable. */
function forced({ client, server }: Opening, ended: boolean): Preface | 'more' | undefined {
  const name = printableBytes(client, client.length);
  const complete = name < client.length && server.length >= OK.length;
  if (!complete && !ended) return 'more';
  return prefaceFrom(name, bytesOfOk(server));
}

const prefaceFrom = (client: number, server: number): Preface => ({ client, server, name: 'tcpd' });

/** Bytes at the beginning that are printable ASCII; looks at no more than `most`. */
function printableBytes(bytes: Uint8Array, most: number): number {
  const end = Math.min(bytes.length, most);
  let at = 0;
  while (at < end && bytes[at] >= 0x20 && bytes[at] <= 0x7e) at++;
  return at;
}

/** Bytes at the beginning that are those of `OK`. */
function bytesOfOk(bytes: Uint8Array): number {
  let at = 0;
  while (at < OK.length && bytes[at] === OK[at]) at++;
  return at;
}
