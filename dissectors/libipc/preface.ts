/**
 * The preface of the TCP bridge (tcpd): the client sends the bare name of a service, the bridge answers `OK`, and
 * messages follow unchanged in both directions.
 *
 * The name has no terminator. Its bytes distinguish it from what follows: a name is printable text, and no libipc head
 * begins with a printable byte (its types are 0 to 3). So the answer depends on the bytes alone and never on how they
 * were cut into segments, and while only printable bytes have come it is `more`.
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

/** Letters, digits and what joins words: what is in the names of services, as far as one is known. */
const SERVICE_CHARACTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-'].map(character =>
  character.charCodeAt(0),
);

/** The preface, none, or `more`. @param ended no more bytes will come */
export function prefaceOf(opening: Opening, dialect: Dialect, ended: boolean): Preface | 'more' | undefined {
  switch (dialect.choice('preface')) {
    case 'none':
      return undefined;
    case 'tcpd':
      return forced(opening, ended);
    default:
      return detected(opening, ended);
  }
}

function detected(opening: Opening, ended: boolean): Preface | 'more' | undefined {
  const { client, server, clientBroken = false, serverBroken = false } = opening;
  const name = printableBytes(client, LONGEST_NAME + 1);
  const answer = bytesOfOk(server);
  if (name > LONGEST_NAME || answer < Math.min(server.length, OK.length)) return undefined;
  if (name < client.length && (name === 0 || !mayBeHead(client, name))) return undefined;
  const named = name < client.length;
  const answered = answer === OK.length;
  const complete = (named || clientBroken) && (answered || serverBroken);
  if (!complete && !ended) return 'more';
  // Where the capture lost the name, the answer alone shows the preface: no libipc head begins like that either.
  if (name === 0 && answer === 0) return undefined;
  const isWhole = named && answered && isServiceName(client, name) && mayBeHead(server, answer);
  return prefaceFrom(name, answer, isWhole);
}

/** The user says that there is one: everything printable is the name. */
function forced(opening: Opening, ended: boolean): Preface | 'more' | undefined {
  const { client, server, clientBroken = false, serverBroken = false } = opening;
  const name = printableBytes(client, client.length);
  const named = name < client.length;
  const complete = (named || clientBroken) && (server.length >= OK.length || serverBroken);
  if (!complete && !ended) return 'more';
  const answer = bytesOfOk(server);
  return prefaceFrom(name, answer, named && name > 0 && answer === OK.length);
}

const prefaceFrom = (client: number, server: number, isWhole: boolean): Preface => {
  return { client, server, name: 'tcpd', isWhole };
};

/** Is there nothing yet behind `at` bytes, or the type of a libipc message? */
function mayBeHead(bytes: Uint8Array, at: number): boolean {
  return at === bytes.length || bytes[at] < LAYOUTS.length;
}

/** Such a name no other text ends in: the end of a message, with which a capture may begin, has a brace. */
function isServiceName(bytes: Uint8Array, length: number): boolean {
  for (let at = 0; at < length; at++) if (!SERVICE_CHARACTERS.includes(bytes[at])) return false;
  return length > 0;
}

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
