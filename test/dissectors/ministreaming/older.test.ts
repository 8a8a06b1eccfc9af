/**
 * A capture that begins at a SYN of a session that was running before: its ends speak of several connections that nobody saw to be
 * opened. Nobody is accused. Beside it, programs that get ids wrong in a session that was seen from its beginning: that stands.
 */
import { describe, expect, test } from 'vitest';
import { judge, type Line, link, raw } from '../../kit/ministreaming.ts';

const c = link();
const d = link('ann', 0x234568, 0x987655);
/** Opened before the capture began. */
const old = link('ann', 0x111111, 0x222222);
const older = link('ann', 0x333333, 0x444444);
const back = link('bob', 0x555555, 0x666666);
const opened = [c.syn(), c.ack()];
const accused = (lines: readonly Line[], options = {}) => judge(lines, options).broken;

interface Row {
  readonly what: string;
  readonly lines: readonly Line[];
  readonly found: readonly string[];
}

describe('a session that is older than the capture', () => {
  const rows: readonly Row[] = [
    {
      what: 'its server sends DATA on two connections before it has accepted one',
      lines: [c.syn(), old.answer(), older.answer(), c.ack()],
      found: ['data-unknown-id 2', 'data-unknown-id 3'],
    },
    {
      what: 'its server accepts more connections than it was asked for',
      lines: [c.syn(), old.ack(), older.ack(), c.ack()],
      found: ['ack-unexpected 2', 'ack-unexpected 3'],
    },
    {
      what: 'its server closes more connections than it was asked for',
      lines: [...opened, old.serverClose(), older.serverClose()],
      found: ['close-unknown-id 3', 'close-unknown-id 4'],
    },
    {
      what: 'its client sends DATA on two connections, and on one that was opened here',
      lines: [...opened, old.send(), older.send(), c.send()],
      found: ['data-unknown-id 3', 'data-unknown-id 4'],
    },
    {
      what: 'each end accepts one, of which the one has asked for none',
      lines: [c.syn(), old.ack(), back.ack(), c.ack()],
      found: ['ack-unexpected 2', 'ack-unexpected 3'],
    },
    {
      what: 'an id is that of another connection as well, which its sender opened',
      lines: [c.syn(), old.answer(), older.answer(), c.ack(), raw('bob', [0x50, 0x98, 0x76, 0x54, 100])],
      found: ['data-unknown-id 2', 'data-unknown-id 3', 'own-id 5'],
    },
  ];

  test.each(rows)('accuses nobody where $what', ({ lines, found }) => {
    expect(accused(lines)).toEqual([]);
    expect(judge(lines).report.summary.verdict).toBe('inconclusive');
    expect(accused(lines, { capture: 'complete' })).toEqual(found);
    expect(accused(lines, { midstream: 'never' })).toEqual(found);
  });
});

describe('a session that was seen from its beginning', () => {
  const rows: readonly Row[] = [
    {
      what: 'a server gets the id of each ACK wrong, and sends its DATA under it',
      lines: [c.syn(), old.ack(), old.answer(), d.syn(), older.ack(), older.answer()],
      found: ['ack-unexpected 2', 'ack-unexpected 5'],
    },
    {
      what: 'a server gets the id of each CLOSE wrong, and no other',
      lines: [...opened, d.syn(), d.ack(), c.answer(), d.answer(), old.serverClose(), older.serverClose()],
      found: ['close-unknown-id 7', 'close-unknown-id 8'],
    },
    {
      what: 'a client gets the id of each CLOSE wrong, and no other',
      lines: [...opened, d.syn(), d.ack(), c.send(), d.send(), old.close(), older.close()],
      found: ['close-unknown-id 7', 'close-unknown-id 8'],
    },
    {
      what: 'a client gets the ids of all its DATA wrong',
      lines: [...opened, d.syn(), d.ack(), old.send(), older.send(), old.send()],
      found: ['data-unknown-id 5', 'data-unknown-id 6', 'data-unknown-id 7'],
    },
    {
      what: 'a server sends DATA under one wrong id, even before it has accepted a connection',
      lines: [c.syn(), old.answer(), old.answer(), c.ack()],
      found: ['data-unknown-id 2', 'data-unknown-id 3'],
    },
    {
      what: 'a server accepts one connection that it was not asked for',
      lines: [...opened, old.ack(), c.answer()],
      found: ['ack-unexpected 3'],
    },
  ];

  test.each(rows)('accuses where $what', ({ lines, found }) => {
    expect(accused(lines)).toEqual(found);
  });
});
