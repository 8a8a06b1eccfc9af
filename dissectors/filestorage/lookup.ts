/**
 * A second look at a message's JSON, for the few that need one: where a member stands that a finding is about, and
 * whether announcements that are not all in order were still all understood.
 */
import { type Evidence, isJsonFault, type JsonValue, type Message, parseJson } from '../../src/sdk.ts';
import { HEAD_LENGTH } from './layouts.ts';
import { WORDS } from './members.ts';

/** Names of the member that holds the message id. */
export const ID_NAMES = ['message-id', 'mid'] as const;
/** Names of the member that announces files in an AUTHENTICATION. */
const ANNOUNCING = ['files', 'uploads', 'requests'];

/** The message's JSON, if it can be read. */
export function readJson({ bytes, start, length, captured }: Message): JsonValue | undefined {
  if (captured < length || length < HEAD_LENGTH) return undefined;
  const json = parseJson(bytes, start + HEAD_LENGTH, start + length);
  return isJsonFault(json) ? undefined : json;
}

/**
 * Where a member's value stands, as a part of evidence: nothing if it is not there.
 * @param path names from the outside in; where one is an array, the first of its names that is there
 */
export function atMember(
  message: Message | undefined,
  ...path: readonly (string | readonly string[])[]
): Pick<Evidence, 'bytes'> {
  let value = message && readJson(message);
  for (const step of path) {
    const names = typeof step === 'string' ? [step] : step;
    const members = value?.members ?? [];
    const name = names.find(candidate => members.some(member => member.name === candidate));
    value = members.findLast(member => member.name === name)?.value;
  }
  return value ? { bytes: { offset: HEAD_LENGTH + value.offset, length: value.length } } : {};
}

/** Whether the announcements of a message are exactly those `understood`, one list without anything else in it. */
export function announcesJust(message: Message, understood: number): boolean {
  const lists = readJson(message)?.members.filter(({ name }) => ANNOUNCING.includes(name)) ?? [];
  return lists.length === 1 && lists[0].value.kind === 'array' && lists[0].value.items.length === understood;
}

/** Whether a RESPONSES refuses one of the requests in an AUTHENTICATION. */
export function refusesSome(message: Message): boolean {
  const list = readJson(message)?.members.findLast(({ name }) => name === 'responses');
  const words =
    list?.value.items.map(item => item.members.findLast(({ name }) => name === 'response')?.value.text) ?? [];
  return words.some(word => word === undefined || !WORDS['2020-01'].success.includes(word));
}
