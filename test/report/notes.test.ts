/** The bounds that trackers say they have hit, as lines of the report. */
import { describe, expect, test } from 'vitest';
import type { BoundName } from '../../src/protocol/limits.ts';
import type { AnyProtocol } from '../../src/protocol/protocol.ts';
import { run } from '../../src/testkit/engine.ts';
import { toy } from '../kit/toy.ts';

/** TOY, with a tracker that hits these bounds at its birth. */
const hitting = (id: string, ...bounds: readonly BoundName[]): AnyProtocol => ({
  ...toy,
  id,
  createTracker: (host: Parameters<typeof toy.createTracker>[0], message) => {
    for (const bound of bounds) host.limitHit(bound);
    return toy.createTracker(host, message);
  },
});

test('what is to be known of a capture file is a line with its name', () => {
  const { notes } = run([toy], [[]], { facts: { note: 'other bytes stand behind the gzip data' } });
  expect(notes).toEqual([expect.stringMatching(/^[^:]+: other bytes stand behind the gzip data$/)]);
});

describe('a bound that a tracker hits', () => {
  test('is one line, however often it was hit and in however many captures', () => {
    const { notes } = run([hitting('toy', 'message-ids', 'message-ids')], [[], [], []], {
      limits: { 'message-ids': 7 },
    });
    expect(notes).toEqual(['toy: --limit message-ids=7 was hit 6 times; what needed more could not be judged']);
  });

  test('is a line for each protocol and each bound', () => {
    const { notes } = run([hitting('one', 'hosts', 'requests'), hitting('two', 'hosts')], [[]]);
    expect(notes.map(note => note.split(' was hit ')[0])).toEqual([
      'one: --limit hosts=65536',
      'one: --limit requests=65536',
      'two: --limit hosts=65536',
    ]);
  });

  test('may be a constant of its own, which no option sets', () => {
    const { notes } = run([hitting('toy', 'history=1000')], [[]]);
    expect(notes).toEqual(['toy: history=1000 was hit once; what needed more could not be judged']);
  });

  test('and none where none was hit', () => {
    expect(run([toy], [[]]).notes).toEqual([]);
  });
});
