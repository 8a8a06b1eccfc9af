/**
 * A message of one's own, made from its layout and put into what carries it. What is not set is what the protocol says that it
 * usually is (`Protocol.usual`), else 0 or empty; the type is the layout's, and lengths are right. Whether the
 * protocol's rules like it is another matter: a message that breaks them may be what is wanted.
 */
import { notAmong } from '../filter/words.ts';
import { DATAGRAM, type Framing } from '../framing/framing.ts';
import { READY } from '../framing/ready.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { bytesOf, type Field, type Layout } from '../wire/layout.ts';
import { beyond } from '../wire/write.ts';
import type { Assignment } from './assignments.ts';
import { EditError } from './error.ts';
import { type Wanted, written } from './layout-writer.ts';
import { literalOf } from './values.ts';
import { framedAlone, valuedBy } from './wire.ts';

/** What is known of the flow that the message is for. */
export interface Sample {
  /** Which of the messages of that name; the first if absent. */
  readonly edition?: string | undefined;
  /** Byte order of what has none of its own; network order if absent. */
  readonly littleEndian?: boolean;
  /** What cuts the stream, undefined for datagrams; where it is not said, what the protocol's first carrier names. */
  readonly framing?: Framing | undefined;
}

/**
 * @param name of the message, as the protocol's tables have it
 * @returns all its bytes, with those of the framing
 * @throws EditError, and nothing else, for what cannot be made
 */
export function composed(
  protocol: AnyProtocol,
  name: string,
  values: readonly Assignment[],
  sample: Sample = {},
): Uint8Array {
  const other = values.find(assignment => assignment.protocol !== protocol.id);
  if (other) throw new EditError(`${other.name}: this is a message of ${protocol.id}`);
  const layout = layoutOf(protocol, name, sample.edition);
  const { littleEndian = false } = sample;
  const wanted = new Map<string, Wanted[]>();
  for (const { name: written, field, path, value } of values) {
    wanted.set(field, [...(wanted.get(field) ?? []), { name: written, path, value }]);
  }
  const constants = protocol.usual?.(layout) ?? {};
  // An item of a list may have a field of the same name.
  const constantOf = (field: Field) =>
    layout.fields[field.name] === field && Object.hasOwn(constants, field.name) ? constants[field.name] : undefined;
  const bytes = written(layout, wanted, {
    littleEndian,
    usual: field => BigInt(constantOf(field) ?? usualOf(field, layout)),
    usualContent: field => {
      const constant = constantOf(field);
      return constant === undefined ? undefined : literalOf(field, constant);
    },
  });
  const mended = valuedBy(protocol, layout, bytes, littleEndian, field => !wanted.has(field));
  const framing = 'framing' in sample ? sample.framing : framingOf(protocol);
  return framing ? framedAlone(framing, mended, layout, values, littleEndian) : mended;
}

function layoutOf({ id, layouts }: AnyProtocol, name: string, edition: string | undefined): Layout {
  const named = layouts.filter(layout => layout.name === name);
  if (named.length === 0) {
    throw new EditError(`${id}: ${notAmong('message', name, [...new Set(layouts.map(layout => layout.name))])}`);
  }
  const found = named.find(
    layout => edition === undefined || layout.edition === undefined || layout.edition === edition,
  );
  if (found) return found;
  throw new EditError(
    `${id}: ${notAmong(
      `edition of ${name}`,
      edition!,
      named.flatMap(layout => layout.edition ?? []),
    )}`,
  );
}

function framingOf({ id, carriers, framing: lent }: AnyProtocol): Framing | undefined {
  const [{ framing }] = carriers;
  if (typeof framing === 'object') return framing;
  if (framing === DATAGRAM) return undefined;
  const found = [...READY, ...(lent ? [lent] : [])].find(known => known.id === framing);
  if (found) return found;
  throw new EditError(`${id} is carried by ${framing}, which has to be given`);
}

/** The code point that a message of this layout has there, where the table tells; else 0. */
function usualOf(field: Field, { code, name }: Layout): bigint {
  const { labels } = field;
  if (labels === undefined) return 0n;
  const codes = Object.keys(labels);
  const usual = labels[code] === name ? BigInt(code) : codes.length === 1 ? BigInt(codes[0]) : 0n;
  const most = field.whole ? BigInt(field.mask) : beyond(bytesOf(field) || 8) - 1n;
  return usual <= most ? usual : 0n;
}
