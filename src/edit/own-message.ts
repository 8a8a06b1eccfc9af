/**
 * A message that nobody has sent, by its name: which protocol has it, and what it takes over from a message of the same
 * connection, its edition and its byte order. Composed alike for people who send one and for faults that do.
 */
import { notAmong } from '../filter/words.ts';
import type { Framing } from '../framing/framing.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { visible } from '../wire/escape.ts';
import type { Layout } from '../wire/layout.ts';
import type { Assignment } from './assignments.ts';
import { composed } from './composed.ts';
import { EditError } from './error.ts';

/** A message of the same connection. */
export interface Like {
  readonly protocol: string;
  readonly layout?: Layout | undefined;
  readonly message: { readonly littleEndian: boolean };
}

export interface OwnParts {
  readonly name: string;
  readonly values: readonly Assignment[];
  /** That of `like` if absent. */
  readonly edition?: string | undefined;
}

/**
 * The protocol that has such a message.
 * @param id undefined: it has such a message, and no other has
 * @throws EditError
 */
export function protocolWith(name: string, id: string | undefined, protocols: readonly AnyProtocol[]): AnyProtocol {
  if (id !== undefined) {
    const ids = protocols.map(protocol => protocol.id);
    const known = protocols.find(protocol => protocol.id === id);
    if (known) return known;
    throw new EditError(visible(notAmong('protocol', id, ids)));
  }
  const [found, ...others] = protocols.filter(({ layouts }) => layouts.some(layout => layout.name === name));
  if (!found) throw new EditError(`no protocol has a message ${visible(name)}`);
  if (others.length === 0) return found;
  const all = [found, ...others].map(protocol => protocol.id).join(', ');
  throw new EditError(`${visible(name)} is a message of ${all}: say which protocol is meant`);
}

/**
 * All its bytes, with those of the framing.
 * @param like of whose edition and byte order it is to be, where it is of the same protocol
 * @param framing undefined for datagrams
 * @throws EditError, and nothing else, for what cannot be made
 */
export function composedLike(
  protocol: AnyProtocol,
  { name, values, edition }: OwnParts,
  like: Like | undefined,
  framing: Framing | undefined,
): Uint8Array {
  const isAlike = like?.protocol === protocol.id;
  return composed(protocol, name, values, {
    framing,
    edition: edition ?? (isAlike ? like.layout?.edition : undefined),
    ...(isAlike && { littleEndian: like.message.littleEndian }),
  });
}
