/** Rules about the chunk that a TRANSFER carries. What needs the announcement or earlier chunks is elsewhere. */
import type { RuleDocument } from '../../../src/sdk.ts';

export const chunkIdFormat: RuleDocument = {
  id: 'filestorage/chunk-id-format',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'TRANSFER, chunk',
  summary: '"chunk" is a string but no UUID',
  why: 'Chunks that are missing are asked for by this id; it must be unlike all others.',
  example: '{"message-id":"...","chunk":"1","data":"SGVsbG8="}',
};

export const dataEncoding: RuleDocument = {
  id: 'filestorage/data-encoding',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'TRANSFER, data',
  summary: '"data" is an array with something other than integers from 0 to 255, or a string that is not base64',
  why: 'The bytes of the file cannot be had from it, or differ from one program to the next.',
  example: '{"message-id":"...","chunk":"...","data":[72,101,256]}',
};

export const chunkSize: RuleDocument = {
  id: 'filestorage/chunk-size',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'TRANSFER, data',
  summary: 'a chunk holds more than 1024 bytes (edition 2019-12) or 1000 (2020-01)',
  why: 'The chunk is the unit that is counted, checked and sent again; the other side has no room for a longer one.',
  example: 'a TRANSFER whose "data" stands for 1025 bytes',
};

export const chunkEmpty: RuleDocument = {
  id: 'filestorage/chunk-empty',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'TRANSFER, data',
  summary: 'a chunk holds no bytes',
  why: 'It brings the transfer no further. Mostly its sender read beyond the end of the file; an empty file needs no TRANSFER.',
  example: '{"message-id":"...","chunk":"...","data":""}',
};

export const chunkDigest: RuleDocument = {
  id: 'filestorage/chunk-digest',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: '2020-01, TRANSFER, chunk.digest',
  summary: '"chunk.digest" is not the SHA-256 of the text of "data"',
  why: 'The chunk was damaged on its way, or the digest is of something else: the server throws it away.',
  example: 'a TRANSFER whose digest is that of the bytes, not of their base64 text with its line breaks',
};
