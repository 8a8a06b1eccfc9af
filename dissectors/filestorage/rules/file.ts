/** Rules about what a client says of its files before it sends them. */
import type { JsonValue } from '../../../src/sdk.ts';
import { quoted, shortened } from '../evidence.ts';
import { integerOf, MOST_UINT64 } from '../integers.ts';
import { contentRule, type Outcomes } from '../outcomes.ts';

export const fileSizeRange = contentRule({
  id: 'filestorage/file-size-range',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'AUTHENTICATION, files',
  summary: "a file's size is a number but no integer from 0 to 2^64-1",
  why: 'The size is an unsigned integer of 64 bits; its receiver refuses others, or cuts them off without a word.',
  example: '{"name":"huge.bin","size":18446744073709551616}',
});

/** The size, where it can be one. */
export function judgeSize(value: JsonValue, path: string, outcomes: Outcomes): bigint | undefined {
  outcomes.applies(fileSizeRange.bit);
  const size = integerOf(value.text);
  if (size !== undefined && size >= 0n && size <= MOST_UINT64) return size;
  const written = shortened(value.text);
  outcomes.breaksBy(fileSizeRange, value, `${quoted(path)} is ${written}`, 'an integer from 0 to 2^64-1', written);
  return undefined;
}

export const fileNameUnsafe = contentRule({
  id: 'filestorage/file-name-unsafe',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'AUTHENTICATION, files',
  summary: 'a file name is empty, absolute, has a ".." component, a NUL or a control character',
  why: 'A server that uses the name as it came writes outside its storage, or prints control sequences in its logs.',
  example: '{"name":"../../etc/passwd","size":33}',
});

export function judgeName(value: JsonValue, path: string, outcomes: Outcomes): void {
  outcomes.applies(fileNameUnsafe.bit);
  const unsafe = unsafety(value.text);
  if (unsafe === undefined) return;
  outcomes.breaksBy(fileNameUnsafe, value, `the file name ${quoted(path)} ${unsafe}`, 'a plain relative name');
}

/** Both separators count: the name may be used on a system other than its sender's. */
const CONTROL = /\p{Cc}/u;
const ABSOLUTE = /^(?:[/\\]|[A-Za-z]:[/\\])/;
const PARENT = /(?:^|[/\\])\.\.(?:[/\\]|$)/;

/** What is unsafe about a file name, as the end of a sentence; nothing when it is safe. */
function unsafety(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.includes('\0')) return 'holds a NUL';
  if (CONTROL.test(name)) return 'holds a control character';
  if (ABSOLUTE.test(name)) return 'is absolute';
  return PARENT.test(name) ? 'has a component ".."' : undefined;
}

export const fidFormat = contentRule({
  id: 'filestorage/fid-format',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'AUTHENTICATION, fid',
  summary: '"fid" is a string but no UUID',
  why: 'It names a file that the server holds already; what is no UUID names none.',
  example: '{"message-id":"...","token":"...","files":[],"fid":"7"}',
});

export function judgeFid(value: JsonValue, path: string, outcomes: Outcomes): void {
  outcomes.judgeUuid(fidFormat, value, path);
}
