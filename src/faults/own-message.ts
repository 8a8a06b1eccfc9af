/**
 * `send NAME with FIELD = VALUE`: a message that nobody has sent, for the flow of the one that it is sent beside. Whether it
 * can be made at all is found when it is read, by making it once for each edition and each carrier that its protocol has; its
 * edition, byte order and framing are those of the message in hand, which only the run knows.
 */
import { type Assignment, parseAssignments } from '../edit/assignments.ts';
import { EditError } from '../edit/error.ts';
import { composedLike, protocolWith } from '../edit/own-message.ts';
import { FilterError } from '../filter/error.ts';
import { notAmong } from '../filter/words.ts';
import { DATAGRAM, type Framing } from '../framing/framing.ts';
import { framingsOf } from '../protocol/carrier.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { type OwnMessage, type ReadOwnMessage, SetProblem } from './fault.ts';
import type { Passage } from './passage.ts';
import { quoted, refuse, type Word } from './phrase.ts';

/** What looks like bytes, the word before which was forgotten. */
const HEX = /^[\dA-Fa-f]{2}(:[\dA-Fa-f]{2})*$/;

/** What reads `send NAME` for messages of these protocols. */
export function ownMessageOf(protocols: readonly AnyProtocol[]): ReadOwnMessage {
  return (named, assignments, catalogue) => {
    const { protocol, name } = meant(named, protocols);
    const values = assignments ? parsed(assignments, () => parseAssignments(assignments.text, catalogue)) : [];
    requireMakeable(protocol, name, values, assignments ?? named, protocols);
    return messageOf(protocol, name, values, protocols);
  };
}

function messageOf(
  protocol: AnyProtocol,
  name: string,
  values: readonly Assignment[],
  protocols: readonly AnyProtocol[],
): OwnMessage {
  return {
    bytesFor: (seen, passage) => {
      try {
        const isSame = seen?.protocol === protocol.id;
        const framing = isSame && passage.framing ? passage.framing : framingHere(protocol, passage, protocols);
        return composedLike(protocol, { name, values }, seen, framing);
      } catch (error) {
        if (error instanceof EditError) throw new SetProblem(error.message);
        throw error;
      }
    },
  };
}

/** `DATA`, `mnet.DATA`, and in quotes what has blanks. */
function meant({ text, at }: Word, protocols: readonly AnyProtocol[]): { protocol: AnyProtocol; name: string } {
  const whole = text.replaceAll('"', '');
  const dot = whole.indexOf('.');
  const all = [...new Set(protocols.flatMap(({ layouts }) => layouts.map(layout => layout.name)))];
  // A name may have a dot of its own.
  const id = dot > 0 && !all.includes(whole) ? whole.slice(0, dot) : undefined;
  const name = id === undefined ? whole : whole.slice(dot + 1);
  if (HEX.test(whole) && !all.includes(whole))
    refuse(at, `${quoted(whole)} is no name of a message; write bytes ${quoted(whole)}`);
  if (id === undefined && !all.includes(name)) refuse(at, notAmong('message', quoted(name), all));
  try {
    const protocol = protocolWith(name, id, protocols);
    const own = [...new Set(protocol.layouts.map(layout => layout.name))];
    if (!own.includes(name)) refuse(at, `${protocol.id}: ${notAmong('message', quoted(name), own)}`);
    return { protocol, name };
  } catch (error) {
    if (error instanceof EditError) {
      const isOneOfSeveral = id === undefined;
      refuse(at, isOneOfSeveral ? `${error.message}, PROTOCOL.${name}` : error.message);
    }
    throw error;
  }
}

/** @throws FilterError where no edition of the message has such fields, or no carrier could carry it */
function requireMakeable(
  protocol: AnyProtocol,
  name: string,
  values: readonly Assignment[],
  { at }: Word,
  protocols: readonly AnyProtocol[],
): void {
  const problems: string[] = [];
  const framings = [...streamFramings(protocol, protocols), ...(isOnDatagrams(protocol) ? [undefined] : [])];
  for (const layout of protocol.layouts.filter(candidate => candidate.name === name)) {
    for (const framing of framings) {
      try {
        const like = { protocol: protocol.id, layout, message: { littleEndian: false } };
        composedLike(protocol, { name, values }, like, framing);
        return;
      } catch (error) {
        if (!(error instanceof EditError)) throw error;
        problems.push(error.message);
      }
    }
  }
  refuse(at, problems[0] ?? `${protocol.id} is carried by nothing`);
}

/** What frames a message of the protocol where no message of its own tells. @throws EditError */
function framingHere(
  protocol: AnyProtocol,
  { carrier, framing }: Pick<Passage, 'carrier' | 'framing'>,
  protocols: readonly AnyProtocol[],
): Framing | undefined {
  const possible = streamFramings(protocol, protocols);
  const isCarried =
    carrier === 'datagrams' ? isOnDatagrams(protocol) : !framing || possible.some(({ id }) => id === framing.id);
  if (!isCarried) throw new EditError(`${protocol.id} is not carried by what this flow is`);
  if (carrier === 'datagrams') return undefined;
  if (framing) return framing;
  const [only, other] = possible;
  if (!only) throw new EditError(`${protocol.id} is not carried by streams`);
  if (other) throw new EditError(`${protocol.id} has several framings, and no message tells which one holds here`);
  return only;
}

function streamFramings(protocol: AnyProtocol, protocols: readonly AnyProtocol[]): readonly Framing[] {
  const carriers = protocol.carriers.filter(({ framing }) => framing !== DATAGRAM);
  return [...new Set(carriers.flatMap(carrier => framingsOf(carrier, protocols)))];
}

function isOnDatagrams({ carriers }: AnyProtocol): boolean {
  return carriers.some(({ framing }) => framing === DATAGRAM);
}

/** What refuses a part of the text does so at its place in the whole. */
function parsed<Result>({ at }: Word, parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FilterError) refuse(at + error.column - 1, error.reason);
    throw error;
  }
}
