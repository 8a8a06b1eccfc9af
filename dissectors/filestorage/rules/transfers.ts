/**
 * Rules about the chunks of a connection, taken together, and about what was announced of them. Words of a finding come
 * from functions of their own: what a closure keeps is allocated when its function is entered, found or not.
 */
import {
  BROKEN,
  type Evidence,
  INCONCLUSIVE,
  type Outcome,
  PASS,
  type Rule,
  SKIP,
  type Subject,
} from '../../../src/sdk.ts';
import type { Connection } from '../connection.ts';
import type { Content } from '../content.ts';
import { NO_EVIDENCE, shortened } from '../evidence.ts';
import type { Court, Exchange } from '../exchange.ts';
import { type FileEntry, type Files, NO_FILE } from '../files.ts';
import { atMember } from '../lookup.ts';
import type { Request } from '../requests.ts';
import { MARK } from '../row.ts';

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

/** Has a TRANSFER waited for the answer to the one before? */
export function judgeTurn(judge: Court, { outstanding }: Connection, subject: Subject): void {
  const earlier = outstanding.unansweredTransfer;
  if (!earlier) {
    judge.enter(transferPipelined, outstanding.forgotSome ? INCONCLUSIVE : PASS, subject, NO_EVIDENCE);
    return;
  }
  judge.enter(transferPipelined, BROKEN, subject, wordsOfTurn(earlier));
}

function wordsOfTurn({ frame }: Request): () => Evidence {
  return () => ({
    message: `TRANSFER comes while that in frame ${frame} is unanswered`,
    expected: 'the answer to the TRANSFER before',
    actual: 'another TRANSFER',
    relatedFrames: [frame],
  });
}

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

/** @param earlier frame of the chunk that was stored under this id; 0 for none that is known */
export function judgeChunkId(
  judge: Court,
  connection: Connection,
  content: Content,
  earlier: number,
  subject: Subject,
): void {
  if (earlier === 0) {
    const unsure = connection.has(MARK.PARTIAL | MARK.FORGOT_IDENTIFIERS);
    judge.enter(chunkReused, unsure ? INCONCLUSIVE : PASS, subject, NO_EVIDENCE);
    return;
  }
  judge.enter(chunkReused, BROKEN, subject, wordsOfReused(content, earlier, subject));
}

function wordsOfReused({ chunkId = '' }: Content, earlier: number, { message }: Subject): () => Evidence {
  return () => ({
    message: `a chunk with this id was sent in frame ${earlier} and answered Ok`,
    expected: 'an id of its own for each chunk',
    actual: shortened(chunkId),
    ...atMember(message, 'chunk'),
    relatedFrames: [earlier],
  });
}

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

/** Was the file announced? @param file with this digest, or `NO_FILE` */
export function judgeFile(
  judge: Court,
  { announcements }: Connection,
  content: Content,
  file: FileEntry,
  subject: Subject,
): void {
  if (!announcements.understood || content.fileBits === undefined) return;
  if (file !== NO_FILE || announcements.forgotSome) {
    judge.enter(fileUnknown, file === NO_FILE ? INCONCLUSIVE : PASS, subject, NO_EVIDENCE);
    return;
  }
  judge.enter(fileUnknown, BROKEN, subject, wordsOfUnknownFile(content, announcements.frame, subject));
}

/** @param announced frame of the announcement */
function wordsOfUnknownFile({ fileDigest = '' }: Content, announced: number, { message }: Subject): () => Evidence {
  return () => ({
    message: 'no file with this digest was announced on this connection',
    expected: 'the digest of an announced file',
    actual: shortened(fileDigest),
    ...atMember(message, 'filedigest'),
    relatedFrames: [announced],
  });
}

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

export function judgeNumber(judge: Court, content: Content, file: FileEntry, files: Files, subject: Subject): Outcome {
  const { chunkNumber: n, chunkOf: on } = content;
  if (on === undefined) return SKIP;
  const chunks = files.chunks(file);
  // Counted from 1 the last number is that of the chunks; counted from 0, one less.
  const fits = chunks < 0 || on === chunks || on === chunks - 1;
  if (fits && !isBeyond(n, on)) {
    const outcome = chunks < 0 ? SKIP : PASS;
    judge.enter(chunkNumber, outcome, subject, NO_EVIDENCE);
    return outcome;
  }
  judge.enter(chunkNumber, BROKEN, subject, wordsOfNumber(n, on, file, files, subject));
  return BROKEN;
}

function isBeyond(n: number | undefined, on: number): boolean {
  return n !== undefined && n > on;
}

function wordsOfNumber(
  n: number | undefined,
  on: number,
  file: FileEntry,
  files: Files,
  { message }: Subject,
): () => Evidence {
  const beyond = isBeyond(n, on);
  const chunks = files.chunks(file);
  return () => ({
    message: beyond
      ? `chunk number ${n} of ${on}`
      : `the last chunk is said to have number ${on}, and ${chunks} chunks were announced`,
    expected: beyond ? `at most ${on}` : `${chunks} (counted from 1) or ${chunks - 1} (from 0)`,
    actual: `${beyond ? n : on}`,
    ...atMember(message, 'chunk', beyond ? 'n' : 'on'),
    relatedFrames: file === NO_FILE ? [] : [files.frame(file)],
  });
}

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

/** Are the bytes of a file too many, those of the chunk in hand included? */
export function judgeBytes(
  judge: Court,
  { outstanding }: Connection,
  file: FileEntry,
  files: Files,
  subject: Subject,
): Outcome {
  if (files.held(file) <= files.announced(file)) {
    const outcome = outstanding.forgotSome ? INCONCLUSIVE : PASS;
    judge.enter(bytesExceedAnnounced, outcome, subject, NO_EVIDENCE);
    return outcome;
  }
  judge.enter(bytesExceedAnnounced, BROKEN, subject, wordsOfBytes(file, files, subject));
  return BROKEN;
}

function wordsOfBytes(file: FileEntry, files: Files, { message }: Subject): () => Evidence {
  const held = files.held(file);
  const announced = files.announced(file);
  return () => ({
    message: `with this chunk ${held} bytes are transferred, of ${announced} announced`,
    expected: `at most ${announced} bytes`,
    actual: `${held} bytes`,
    ...atMember(message, 'data'),
    relatedFrames: [files.frame(file)],
  });
}

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

/** The client has closed its side: is all there that it announced? @param subject the message that announced it */
export function judgeIncomplete(judge: Court, connection: Connection, subject: Subject): void {
  const { announcements, sentBytes, lastTransferFrame } = connection;
  const { expected, forgotSome } = announcements;
  const outcome = forgotSome ? INCONCLUSIVE : sentBytes < expected ? BROKEN : PASS;
  judge.enter(transferIncomplete, outcome, subject, () => ({
    message: `the client announces ${expected} bytes here, and closes after ${sentBytes}`,
    expected: `${expected} bytes`,
    actual: `${sentBytes} bytes`,
    relatedFrames: [lastTransferFrame],
  }));
}
