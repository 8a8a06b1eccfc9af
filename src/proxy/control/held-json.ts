/** What is held, as the control socket shows it: schema/control.schema.json describes it. */

import { findingObject } from '../../report/json.ts';
import { fieldsObject } from '../../report/message-json.ts';
import { isoTime, ownDigits } from '../../report/time.ts';
import type { HeldMessage, HeldUnit, OpenFlow } from '../holds.ts';

/** A line of a list. */
export function heldObject(unit: HeldUnit): object {
  return { ...placeObject(unit), messages: unit.messages.map(briefObject) };
}

/** All that is known of it. */
export function heldWhole(unit: HeldUnit): object {
  const messages = unit.messages.map(held => ({
    ...briefObject(held),
    fields: fieldsObject(held),
    findings: held.findings.map(finding => findingObject(finding, ownDigits(finding.time))),
  }));
  return { ...placeObject(unit), messages, hex: hexOf(unit.wire) };
}

export function flowObject({ flow, pair, client, server, held }: OpenFlow): object {
  return { flow, pair, client, server, held };
}

/** @param milliseconds since the Unix epoch */
export function timeOf(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  const nanoseconds = Math.floor((milliseconds - seconds * 1_000) * 1_000) * 1_000;
  return isoTime({ seconds, nanoseconds }, 6);
}

function placeObject({ id, flow, pair, from, client, server, since, cause, wire }: HeldUnit): object {
  return { hold: id, flow, pair, from, client, server, since: timeOf(since), cause, length: wire.length };
}

function briefObject({ protocol, name, connection, state, offset, message, findings }: HeldMessage): object {
  const rules = findings.map(({ ruleId }) => ruleId);
  return { protocol, name, connection, state, offset, length: message.length, rules };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
