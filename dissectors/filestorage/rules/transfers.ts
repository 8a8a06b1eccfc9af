/** Rules about the chunks of a connection, taken together, and about what was announced of them. */
import type { Rule } from '../../../src/sdk.ts';
import type { Exchange } from '../exchange.ts';

export const transferPipelined: Rule<Exchange> = {
  id: 'filestorage/transfer-pipelined',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'protocol overview, 3',
  summary: 'a TRANSFER comes while an earlier TRANSFER is unanswered',
  why: 'The loop is one chunk, one answer. A server that reads one message a turn falls behind, and a chunk that is refused is noticed late.',
  example: 'TRANSFER, TRANSFER, RESPONSE, RESPONSE',
};

export const chunkReused: Rule<Exchange> = {
  id: 'filestorage/chunk-reused',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  midstream: true,
  clause: 'TRANSFER, chunk',
  summary: '2019-12: the id of a chunk that this connection has sent before, and that was answered Ok',
  why: 'The server has a chunk of this id. It stores the bytes twice, or drops the new ones.',
  example: 'TRANSFER of chunk 5f0c..., RESPONSE Ok, TRANSFER of chunk 5f0c...',
};

export const fileUnknown: Rule<Exchange> = {
  id: 'filestorage/file-unknown',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: '2020-01, TRANSFER, filedigest',
  summary: '2020-01: filedigest is that of no file announced on this connection',
  why: 'The server knows neither name nor size of the file, and has nowhere to put the chunk.',
  example: 'a TRANSFER whose filedigest no upload has named',
};

export const chunkNumber: Rule<Exchange> = {
  id: 'filestorage/chunk-number',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  midstream: true,
  clause: '2020-01, TRANSFER, chunk',
  summary:
    "2020-01: n is above on, or on differs from the announced file's number of chunks (both ways of counting are accepted)",
  why: 'The chunk lies beyond the end of its file, or the two sides disagree on where the end is: the file never becomes whole.',
  example: '"chunk": { "n": 4, "on": 3, ... }',
};

export const bytesExceedAnnounced: Rule<Exchange> = {
  id: 'filestorage/bytes-exceed-announced',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'AUTHENTICATION, files',
  summary: 'more bytes are transferred than the announced sizes add up to (2020-01: than that of the file)',
  why: 'The server has set its room and its quota by the announcement. Reported on the first message that goes beyond.',
  example: 'a file of 33 bytes is announced, chunks of 33 and 12 bytes follow',
};

export const transferIncomplete: Rule<Exchange> = {
  id: 'filestorage/transfer-incomplete',
  severity: 'info',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'Rationale',
  summary: 'the client closes after fewer bytes than it announced',
  why: 'The rest may come in a later connection, as the specification foresees; until then the file is not whole.',
  example: 'a file of 2500 bytes is announced, one chunk of 1000 follows, then FIN of the client',
};
