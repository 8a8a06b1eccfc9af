/**
 * Rules about the members that each message has, in both editions. The tables are in ../members.ts, and the walk over a
 * message, which finds what is said here, in ../walk.ts. A path is that of a member in the message, with dots.
 */
import type { JsonMember, JsonValue } from '../../../src/sdk.ts';
import { described, memberSpan, quoted, shortened, spanOf } from '../evidence.ts';
import { contentRule, type Outcomes } from '../outcomes.ts';

export const missingField = contentRule({
  id: 'filestorage/missing-field',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'messages content',
  summary: 'a member that the message must have is absent',
  why: 'Its receiver refuses the message, or goes on with a value that it made up.',
  example: 'an AUTHENTICATION without "token"; in the edition 2019-12 also one with "mid" in place of "message-id"',
});

/** @param names that it may have @param misnamed what stands in its place, if anything does */
export function reportMissing(
  object: JsonValue,
  { names, misnamed }: { readonly names: readonly string[]; readonly misnamed: JsonMember | undefined },
  { path, messageName }: { readonly path: string; readonly messageName: string },
  outcomes: Outcomes,
): void {
  const name = names.map(each => quoted(`${path}${each}`)).join(' or ');
  const instead = misnamed && quoted(`${path}${misnamed.name}`);
  outcomes.breaks(missingField, {
    message: `${messageName} has no ${name}${instead ? `; ${instead} stands in its place` : ''}`,
    expected: name,
    actual: instead ?? 'absent',
    bytes: misnamed ? memberSpan(misnamed) : spanOf(object),
  });
}

export const fieldType = contentRule({
  id: 'filestorage/field-type',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'messages content',
  summary: 'a member has the wrong JSON type',
  why: 'Programs that read JSON into typed records refuse the whole message.',
  example: '{"name":"hello.txt","size":"33"}',
});

export function reportWrongType(value: JsonValue, expected: string, path: string, outcomes: Outcomes): void {
  outcomes.breaksBy(fieldType, value, `${quoted(path)} is ${described(value)}`, expected, described(value));
}

export const duplicateField = contentRule({
  id: 'filestorage/duplicate-field',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'messages content, format',
  summary: 'a member appears twice in one object',
  why: 'Some programs take the first, some the last, some refuse the message: the two sides may act on different values. Here the last is judged.',
  example: '{"response":"Ok","response":"Error"}',
});

/** @param path of the object that it is in */
export function reportRepeated(member: JsonMember, times: number, path: string, outcomes: Outcomes): void {
  outcomes.breaks(duplicateField, {
    message: `${quoted(`${path}${shortened(member.name)}`)} appears ${times} times in one object`,
    expected: 'once',
    actual: `${times} times`,
    bytes: memberSpan(member),
  });
}

export const unknownField = contentRule({
  id: 'filestorage/unknown-field',
  severity: 'info',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'messages content',
  summary: 'a member that the specification does not have',
  why: 'It is ignored at best. Often it is a misspelt name of one that is missing.',
  example: '{"message-id":"...","token":"...","files":[],"tag":["holidays"]}',
});

export function reportUnknown(member: JsonMember, path: string, messageName: string, outcomes: Outcomes): void {
  outcomes.breaks(unknownField, {
    message: `${messageName} has a member ${quoted(path)} that the specification does not have`,
    expected: 'no such member',
    actual: quoted(path),
    bytes: memberSpan(member),
  });
}

/** Rules that every object is held to. */
export const MEMBER_BITS = missingField.bit | fieldType.bit | duplicateField.bit | unknownField.bit;

export const messageIdFormat = contentRule({
  id: 'filestorage/message-id-format',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'messages content, message-id',
  summary: "a request's message id is a string but no UUID",
  why: 'Ids that are not made as UUIDs collide, and then answers are taken for those to other requests.',
  example: '{"message-id":"42","token":"...","files":[]}',
});

export function judgeIdFormat(value: JsonValue, path: string, outcomes: Outcomes): void {
  outcomes.judgeUuid(messageIdFormat, value, path);
}
