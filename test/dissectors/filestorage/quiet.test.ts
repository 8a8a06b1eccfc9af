/**
 * The TRANSFER that comes in turn, and its answer, go a short way (`quiet.ts`): nothing that anybody sees of a capture may tell
 * which way a message went.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import filestorage from '../../../dissectors/filestorage/index.ts';
import { Quiet } from '../../../dissectors/filestorage/quiet.ts';
import { FilestorageTracker } from '../../../dissectors/filestorage/tracker.ts';
import libipc from '../../../dissectors/libipc/index.ts';
import type { Frame } from '../../../src/capture/source.ts';
import { type RunOptions, run } from '../../../src/testkit/engine.ts';
import { closing, fin, first, id, type Line, later, SERVER, second, talkOf } from '../../kit/filestorage.ts';
import { upload } from './endpoints.ts';

const GOES_THE_LONG_WAY: typeof filestorage = {
  ...filestorage,
  createTracker: host => new FilestorageTracker(host as ConstructorParameters<typeof FilestorageTracker>[0], false),
};

/** The report, and what is shown of each message. */
function seen(protocol: typeof filestorage, frames: readonly Frame[], options: RunOptions = {}): string {
  const messages: unknown[] = [];
  const report = run([protocol, libipc], [frames], {
    allConnections: true,
    onMessage: ({ name, layout, state, answers, message: { frame, ordinal } }) => {
      messages.push([frame, ordinal, name, layout?.name, state, answers?.ordinal, answers?.frame, answers?.seconds]);
    },
    ...options,
  });
  return JSON.stringify({ report, messages }, (_, value) => (value instanceof Map ? [...value] : value), 1);
}

function expectAlike(frames: readonly Frame[], options?: RunOptions): void {
  expect(seen(filestorage, frames, options)).toBe(seen(GOES_THE_LONG_WAY, frames, options));
}

let takes = vi.spyOn(Quiet.prototype, 'takes');
beforeEach(() => {
  takes = vi.spyOn(Quiet.prototype, 'takes');
});
afterEach(() => {
  takes.mockRestore();
});
/** Whether each message that came by was taken. */
const taken = () => takes.mock.results.map(({ value }) => value >= 0);

describe('chunks that are answered one after the other', () => {
  test.each(['2019-12', '2020-01'] as const)('in %s go the short way, with their answers', edition => {
    const lines = upload(edition, [2_500, 33], [false]);
    expectAlike(talkOf(lines, 1_400).frames());
    expect(taken()).toEqual([false, false, ...Array.from({ length: 8 }, () => true)]);
  });

  test('do so again once a chunk that was refused is answered', () => {
    expectAlike(talkOf(upload('2020-01', [2_500], [false, false, true, false]), 1_400).frames());
    expect(taken()).toEqual([false, false, true, false, true, true, true, true, true, true]);
  });
});

const FILE = { name: 'large', size: 2_500 };
const opening = [second.authentication(1, [FILE]), second.responses(1, ['Upload OK'])];
const opening2019 = [first.authentication(1, [100]), first.ok(1)];

describe('the whole way goes, with all behind it that hangs on it,', () => {
  test.each<[what: string, lines: readonly Line[], short: readonly boolean[]]>([
    [
      'a chunk before the answer to the one before',
      [second.transfer(2, FILE), second.transfer(3, FILE, 2)],
      [true, false],
    ],
    [
      'a message id that was used before',
      [second.transfer(2, FILE), second.ok(2), second.transfer(2, FILE, 2)],
      [true, true, false],
    ],
    ['a file that nobody announced', [second.transfer(2, { name: 'other', size: 10 })], [false]],
    ['a number beyond the last chunk', [second.transfer(2, FILE, 1, {}, { n: 4, on: 3 })], [false]],
    ['another number of chunks', [second.transfer(2, FILE, 1, {}, { n: 1, on: 7 })], [false]],
    ['an answer to something else', [second.transfer(2, FILE), second.ok(3)], [true, false]],
    ['an answer to nothing', [second.ok(3)], [false]],
    ['an answer too late', [second.transfer(2, FILE), later(31, second.ok(2))], [true, false]],
    ['a refusal', [second.transfer(2, FILE), second.notOk(2)], [true, false]],
    ['a chunk behind the end of the server', [fin(SERVER), second.transfer(2, FILE)], [false]],
    ['a chunk in which something is wrong', [second.transfer(2, FILE, 1, { extra: 1 })], [false]],
    ['the message of the other side', [{ ...second.transfer(2, FILE), side: SERVER }], [false]],
  ])('%s', (_, lines, short) => {
    expectAlike(talkOf([...opening, ...lines, ...closing]).frames());
    expect(taken().slice(opening.length)).toEqual(short);
  });

  test.each<[what: string, lines: readonly Line[], short: readonly boolean[]]>([
    [
      'a chunk that the server has',
      [first.transfer(2), first.ok(2), first.transfer(3, 33, { chunk: id(1_002) })],
      [true, true, false],
    ],
    ['more bytes than were announced', [first.transfer(2, 99), first.ok(2), first.transfer(3, 2)], [true, true, false]],
  ])('in 2019-12 %s', (_, lines, short) => {
    expectAlike(talkOf([...opening2019, ...lines, ...closing]).frames());
    expect(taken().slice(opening2019.length)).toEqual(short);
  });

  test('a connection that was met in the middle', () => {
    expectAlike(
      talkOf(upload('2020-01', [2_500], [false]), 1_400)
        .frames()
        .slice(5),
    );
    expect(taken()).not.toContain(true);
  });

  test('what there is no room to remember', () => {
    const frames = talkOf(upload('2020-01', [2_500], [false])).frames();
    expectAlike(frames, { limits: { 'message-ids': 2 } });
    expect(taken().filter(short => short)).toHaveLength(2);
  });
});

/** What becomes of a frame on its way into the capture. */
const FATES = ['gone', 'twice', 'swapped', 'again'] as const;

function damaged(frames: readonly Frame[], fates: readonly (readonly [number, (typeof FATES)[number]])[]): Frame[] {
  const all = [...frames];
  for (const [place, fate] of fates) {
    const at = place % all.length;
    if (fate === 'gone') all.splice(at, 1);
    if (fate === 'twice') all.splice(at, 0, all[at]);
    if (fate === 'swapped') all.splice(at, 2, ...all.slice(at, at + 2).reverse());
    if (fate === 'again') all.push(all[at]);
  }
  return all;
}

test('random sessions are seen alike whichever way their messages go, whatever becomes of their frames', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('2019-12' as const, '2020-01' as const),
      fc.array(fc.nat(2_500), { minLength: 1, maxLength: 4 }),
      fc.array(fc.boolean(), { minLength: 3, maxLength: 7 }),
      fc.array(fc.tuple(fc.nat(30), fc.constantFrom('gone', 'twice', 'swapped', 'late')), { maxLength: 2 }),
      fc.array(fc.tuple(fc.nat(60), fc.constantFrom(...FATES)), { maxLength: 2 }),
      fc.constantFrom(161, 1_000, 1_400),
      fc.constantFrom<RunOptions>({}, {}, {}, { limits: { 'message-ids': 3 } }, { limits: { requests: 1 } }),
      (edition, files, refusals, changes, fates, mss, options) => {
        const lines = upload(edition, files, refusals);
        for (const [place, change] of changes) {
          const at = place % (lines.length - closing.length);
          if (change === 'gone') lines.splice(at, 1);
          if (change === 'twice') lines.splice(at, 0, lines[at]);
          if (change === 'swapped') lines.splice(at, 2, ...lines.slice(at, at + 2).reverse());
          if (change === 'late') lines[at] = later(31, lines[at]);
        }
        expectAlike(damaged(talkOf(lines, mss).frames(), fates), options);
      },
    ),
    { numRuns: 50 },
  );
  expect(taken().filter(short => short).length / taken().length).toBeGreaterThan(0.2);
  expect(taken()).toContain(false);
});
