/**
 * Writes a followed conversation to a file, as tshark writes one: its bytes as they are, a hex dump with the server's rows set
 * in by a tab, or C arrays; or its text, each line behind `>` or `<` where both sides are written. A piece at a time, so that
 * the program answers keys meanwhile.
 */
import type { FileHandle } from 'node:fs/promises';
import type { FollowedStream } from '../history/followed-stream.ts';
import type { StreamForm } from '../history/stream-forms.ts';
import { ChunkRows, isShown, type StreamRows, type StreamSides } from '../history/stream-rows.ts';
import { TextRows } from '../history/stream-text-rows.ts';
import { counted } from '../report/numbers.ts';
import type { StreamScope } from '../tui/model/effects.ts';
import { visible } from '../wire/escape.ts';

/** Bytes or characters that are gathered before they are written. */
const PIECE = 256 * 1024;
/** Cells for 16 bytes of a hex dump in a row. */
const HEX_CELLS = 80;

/** Returns what was written, in words. Rejects with the system's error. */
export async function writeStream(
  { stream, sides }: StreamScope,
  form: StreamForm | 'raw',
  file: FileHandle,
): Promise<string> {
  if (form === 'raw') return writeRaw(stream, sides, file);
  const rows =
    form === 'text'
      ? new TextRows(stream, sides, Number.POSITIVE_INFINITY, { shown: visible, widthOf: text => text.length })
      : new ChunkRows(stream, form, sides, HEX_CELLS);
  while (rows.run(0, () => 1)) await turn();
  return writeRows(rows, form, sides, file);
}

async function writeRows(rows: StreamRows, form: StreamForm, sides: StreamSides, file: FileHandle): Promise<string> {
  let piece = '';
  let lines = 0;
  for (let index = 0; index < rows.count; index++) {
    const { side, continues, lead, text } = rows.row(index);
    const isSameLine = form === 'text' && continues;
    if (!isSameLine) lines++;
    if (!isSameLine && index > 0) piece += '\n';
    if (!isSameLine && form === 'text' && sides === 'both') piece += side === 0 ? '> ' : '< ';
    if (form === 'hex' && side === 1) piece += '\t';
    piece += lead + text;
    if (piece.length < PIECE) continue;
    await file.writeFile(piece);
    piece = '';
  }
  await file.writeFile(rows.count > 0 ? `${piece}\n` : piece);
  return counted(lines, 'line');
}

async function writeRaw(stream: FollowedStream, sides: StreamSides, file: FileHandle): Promise<string> {
  let bytes = 0;
  let pieces: Uint8Array[] = [];
  let gathered = 0;
  const write = async () => {
    await file.writeFile(Buffer.concat(pieces));
    pieces = [];
    gathered = 0;
  };
  for (let chunk = 0; chunk < stream.count; chunk++) {
    if (stream.isMissing(chunk) || !isShown(stream.side(chunk), sides)) continue;
    const piece = stream.read(chunk);
    pieces.push(piece);
    gathered += piece.length;
    bytes += piece.length;
    if (gathered >= PIECE) await write();
  }
  await write();
  return counted(bytes, 'byte');
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
