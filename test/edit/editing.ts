/** What the tests of editing share: a message in hex, what is to be set, and the wire in hex. */
import { protocols } from '../../dissectors/index.ts';
import { parseAssignments } from '../../src/edit/assignments.ts';
import { type EditOptions, edited } from '../../src/edit/edited.ts';
import type { Target } from '../../src/edit/target.ts';
import { catalogueOf } from '../../src/filter/catalogue.ts';
import type { Framing } from '../../src/framing/framing.ts';
import { framingOf } from '../../src/protocol/carrier.ts';
import type { AnyProtocol } from '../../src/protocol/protocol.ts';

export const catalogue = catalogueOf(protocols);

/** `mnet SHUTDOWN`, `mqtt PUBLISH 5.0`: a message of a built-in protocol. */
export function target(what: string, wire: string, change: Partial<Target> = {}): Target {
  const [id, ...rest] = what.split(' ');
  const protocol = protocols.find(known => known.id === id)!;
  const edition = rest.length > 1 ? rest.pop() : undefined;
  const layout = protocol.layouts.find(
    known => known.name === rest.join(' ') && (edition === undefined || known.edition === edition),
  );
  if (layout === undefined) throw new Error(`no message ${what}`);
  const bytes = octets(wire);
  const { offset = 0 } = change;
  const message = { length: bytes.length - offset, littleEndian: false };
  return { wire: bytes, framing: framing(protocol), offset, message, layout, protocol, ...change };
}

/** What carries it, if anything cuts. */
function framing(protocol: AnyProtocol): Framing | undefined {
  const [carrier] = protocol.carriers;
  return carrier.transport === 'udp' ? undefined : framingOf(carrier, protocols);
}

export function octets(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));
}

/** The wire in hex, and the note. */
export function set(of: Target, text: string, options: EditOptions = {}) {
  const { wire, note } = edited(of, parseAssignments(text, catalogue), options);
  return { wire: Buffer.from(wire).toString('hex'), note };
}

/** A blank between bytes is for people. */
export const hex = (text: string) => text.replace(/\s/g, '');

export function complaint(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return 'none';
}
