/** Reads packets of tests as a connection would. */
import type { Formed } from '../../../../dissectors/mqtt/formed.ts';
import { LAYOUTS, layoutIndex } from '../../../../dissectors/mqtt/layouts.ts';
import { FAULT, Packet, type Part } from '../../../../dissectors/mqtt/packet.ts';
import { FORM_RULES, FORM_WARNINGS } from '../../../../dissectors/mqtt/rules/form.ts';
import { BROKEN, type Rule } from '../../../../src/lint/rule.ts';
import { UNKNOWN_MESSAGE } from '../../../../src/protocol/protocol.ts';
import { Message } from '../../../../src/wire/message.ts';

/** Bytes from hex, blanks aside. */
export function unhex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));
}

/** A message that stands among others in its array. @param captured bytes of it that were captured; all if absent */
export function messageOf(bytes: Uint8Array, captured = bytes.length): Message {
  const message = new Message();
  const all = new Uint8Array(captured + 4).fill(0xee);
  all.set(bytes.subarray(0, captured), 2);
  message.assign(all, 2, bytes.length, captured);
  return message;
}

export function read(bytes: Uint8Array, level: number, fromClient = true, captured = bytes.length): Packet {
  const packet = new Packet();
  packet.read(messageOf(bytes, captured), level, fromClient);
  return packet;
}

/** `UTF8 4+1`: the fault's name, and the bytes it lies in. */
export function faultText({ fault, faulty }: Packet): string {
  const name = Object.entries(FAULT).find(([, number]) => number === fault)?.[0];
  return fault === FAULT.NONE ? 'NONE' : `${name} ${faulty.at}+${faulty.length}`;
}

export function hexOf(bytes: Uint8Array, { at, length }: Part): string {
  return at < 0 ? 'none' : Buffer.from(bytes.subarray(at, at + length)).toString('hex');
}

export function textOf(bytes: Uint8Array, { at, length }: Part): string {
  return at < 0 ? 'none' : new TextDecoder().decode(bytes.subarray(at, at + length));
}

/** A packet as its rules see it. */
export function formedOf(bytes: Uint8Array, level: number, fromClient: boolean, captured = bytes.length): Formed {
  const message = messageOf(bytes, captured);
  const packet = new Packet();
  packet.read(message, level, fromClient);
  return { packet, message, fromClient, level: packet.level, isMqtt31: packet.level === 3 };
}

/** All rules of form, in their order. */
export const RULES: readonly Rule<Formed>[] = [...FORM_RULES, ...FORM_WARNINGS];

/** The rules that would be asked about a packet, in their order: those of form before the others. */
export function rulesFor({ packet }: Formed): readonly Rule<Formed>[] {
  const name = LAYOUTS[layoutIndex(packet.type, packet.level)]?.name ?? UNKNOWN_MESSAGE;
  const asked = RULES.filter(({ on }) => on?.includes(name));
  const isForm = ({ phase }: Rule<Formed>) => phase === 'form';
  return [...asked.filter(isForm), ...asked.filter(rule => !isForm(rule))];
}

/** Rules that a packet breaks, up to the first that ends its judgement: `utf8 4+1`, the rule and the bytes to blame. */
export function judge(formed: Formed): string[] {
  const found: string[] = [];
  for (const rule of rulesFor(formed)) {
    if (rule.check?.(formed) !== BROKEN) continue;
    const { bytes } = rule.describe!(formed);
    found.push(`${rule.id.slice('mqtt/'.length)} ${bytes?.offset}+${bytes?.length}`);
    if (rule.severity !== 'info') break;
  }
  return found;
}
