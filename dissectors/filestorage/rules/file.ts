/** Rules about what a client says of its files before it sends them. */
import type { RuleDocument } from '../../../src/sdk.ts';

export const fileSizeRange: RuleDocument = {
  id: 'filestorage/file-size-range',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'AUTHENTICATION, files',
  summary: "a file's size is a number but no integer from 0 to 2^64-1",
  why: 'The size is an unsigned integer of 64 bits; its receiver refuses others, or cuts them off without a word.',
  example: '{"name":"huge.bin","size":18446744073709551616}',
};

export const fileNameUnsafe: RuleDocument = {
  id: 'filestorage/file-name-unsafe',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'AUTHENTICATION, files',
  summary: 'a file name is empty, absolute, has a ".." component, a NUL or a control character',
  why: 'A server that uses the name as it came writes outside its storage, or prints control sequences in its logs.',
  example: '{"name":"../../etc/passwd","size":33}',
};

export const fidFormat: RuleDocument = {
  id: 'filestorage/fid-format',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'AUTHENTICATION, fid',
  summary: '"fid" is a string but no UUID',
  why: 'It names a file that the server holds already; what is no UUID names none.',
  example: '{"message-id":"...","token":"...","files":[],"fid":"7"}',
};
