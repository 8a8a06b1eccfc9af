import { existsSync, openSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { type ByteInput, MemoryInput } from '../../src/capture/input.ts';
import { openFrom } from '../../src/capture/open.ts';
import { SeekableFile } from '../../src/capture/seekable-file.ts';
import { CaptureError } from '../../src/capture/source.ts';
import { namelessFile, Spool } from '../../src/capture/spool.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { pcap } from '../../src/testkit/capture.ts';
import { collect } from './collect.ts';
import { temporaryFile } from './temporary.ts';

const three = pcap([1, 2, 3].map(seconds => ({ seconds, bytes: hex('0a0b0c0d') })));

/** A file on a disk that has room for `capacity` bytes, given in small pieces. */
class SmallFile {
  readonly file = namelessFile();
  #room: number;

  constructor(capacity: number) {
    this.#room = capacity;
    const write = this.file.write.bind(this.file);
    this.file.write = async (bytes, from, to, position) => {
      if (this.#room === 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      const length = await write(bytes, from, from + Math.min(to - from, 5, this.#room), position);
      this.#room -= length;
      return length;
    };
  }
}

function spool(input: ByteInput, file: SeekableFile): Spool {
  const made = new Spool(input, file, true);
  onTestFinished(() => made.close());
  return made;
}

const FULL = 'cannot be kept in a temporary file: no space left on the disk';

test('a disk that fills up ends the capture there, for everybody', async () => {
  const store = spool(new MemoryInput(three, 1000), new SmallFile(24 + 20 + 7).file);
  for (let time = 0; time < 2; time++) {
    const { facts } = await collect(await openFrom(store.open(), 'x'));
    expect(facts).toMatchObject({ packets: 1, complete: false, problem: { offset: 24 + 20 + 7, message: FULL } });
  }
  expect(store).toMatchObject({ size: 51, ended: true, live: false });
  expect([...store.read(24, 1000)]).toEqual([...three.subarray(24, 51)]);
});

test('a disk that is full from the beginning: no capture, and why', async () => {
  if (!existsSync('/dev/full')) return;
  const store = spool(new MemoryInput(three, 1000), new SeekableFile(openSync('/dev/full', 'r+')));
  const opening = openFrom(store.open(), 'x');
  await expect(opening).rejects.toThrow(CaptureError);
  await expect(opening).rejects.toThrow(`x: ${FULL}`);
});

test('a disk that takes little at a time takes all in the end', async () => {
  const store = spool(new MemoryInput(three, 1000), new SmallFile(1_000_000).file);
  expect((await collect(await openFrom(store.open(), 'x'))).facts).toMatchObject({ packets: 3, complete: true });
});

test('what breaks off while it is read is a problem of the capture', async () => {
  const message = 'input/output error';
  const broken = new MemoryInput(three.subarray(0, 60), 7);
  const input: ByteInput = Object.defineProperty(broken, 'damage', { value: message });
  const { facts } = await collect(await openFrom(spool(input, namelessFile()).open(), 'x'));
  expect(facts).toMatchObject({ packets: 1, complete: false, problem: { offset: 60, message } });
});

test('where no file can be made, that is said in a line', () => {
  const { path } = temporaryFile('not-there');
  expect(() => namelessFile(path)).toThrow(new CaptureError(`cannot be kept in ${path}: no such file`));
});

test('a reader of what is whole waits for the pump, and is not live', async () => {
  const store = new Spool(new MemoryInput(three, 1), namelessFile(), false);
  onTestFinished(() => store.close());
  const reader = store.open();
  expect(reader).toMatchObject({ live: false, waiting: false });
  const source = await openFrom(reader, 'x');
  const waits: unknown[] = [];
  await source.read(
    () => {},
    ({ waiting }) => {
      waits.push(waiting);
      return undefined;
    },
  );
  expect(new Set(waits)).toEqual(new Set([undefined]));
  expect(source.facts).toMatchObject({ packets: 3, complete: true });
});
