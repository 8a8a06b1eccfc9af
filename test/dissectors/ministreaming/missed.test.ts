/**
 * One message was missed in a capture that is presumed complete, and what the peers say later shows it: nobody is accused.
 * Beside each, what looks like it and is a fault: it stands.
 */
import { describe, expect, test } from 'vitest';
import { judge, type Line, later, link, raw } from '../../kit/ministreaming.ts';

const c = link();
const d = link('ann', 0x234568, 0x987655);
const opened = [c.syn(), c.ack()];
/** Both ends are clients and choose small ids, often the same. */
const one = link('ann', 1, 1);
const two = link('ann', 2, 3);
const three = link('ann', 3, 4);
const four = link('ann', 4, 5);
const five = link('ann', 5, 6);
const back = link('bob', 1, 2);
const FRESH = 0x111111;
const accused = (lines: readonly Line[], capture?: 'complete') =>
  judge(lines, capture && { capture }).broken.filter(line => !line.startsWith('unknown-session'));

interface Row {
  readonly what: string;
  readonly lines: readonly Line[];
  /** What a capture that is known to be complete proves. */
  readonly known: readonly string[];
}

describe('excused', () => {
  const rows: readonly Row[] = [
    {
      what: 'the ACK, and the server goes on without it until it closes',
      lines: [c.syn(), c.answer(), c.serverClose()],
      known: ['data-before-ack 2'],
    },
    {
      what: 'the ACK, and the server sends on while an answer need not have come yet',
      lines: [c.syn(), c.answer(), later(59, c.answer())],
      known: ['data-before-ack 2'],
    },
    {
      what: 'the ACK, and its client speaks under an id that is known in the other role',
      lines: [back.syn(), back.ack(), two.syn(), two.answer(), raw('ann', [0xa0, 0, 0, 1, 100])],
      known: ['data-before-ack 4', 'wrong-direction 5'],
    },
    {
      what: 'the SYN, and its ACK is known in the other role, which the server then goes on with',
      lines: [one.syn(), one.ack(), back.ack(), back.answer()],
      known: ['wrong-direction 3'],
    },
    {
      what: 'a SYN, and its refusal carries an id of the other role',
      lines: [back.syn(), raw('bob', [0x52, 0, 0, 1]), back.ack()],
      known: ['own-id 2'],
    },
    {
      what: 'both CLOSEs, and the server takes the id of the open connection for free',
      lines: [...opened, c.syn(), c.ack(), c.send()],
      known: ['syn-id-in-use 3'],
    },
    {
      what: "the server's CLOSE, and it gives its own id of that connection again",
      lines: [...opened, c.close(), c.syn(), c.ack(), c.send()],
      known: ['syn-id-in-use 4'],
    },
    {
      what: 'a SYN of a client that counts its ids, and has used the next ones',
      lines: [one.syn(), three.syn(), four.syn(), two.ack(), two.answer()],
      known: ['ack-unexpected 4'],
    },
    {
      what: 'a SYN, and it is refused by an end that has nothing else to close and nobody else to refuse',
      lines: [c.syn(), raw('ann', [0x52, 0, 0, 3]), c.ack()],
      known: ['close-unknown-id 2'],
    },
    {
      what: 'the second SYN of an id that both have closed, and the client goes on',
      lines: [...opened, c.close(), c.serverClose(), c.ack(), c.send(), c.close()],
      known: ['ack-after-close 5', 'data-after-close 6', 'close-duplicate 7'],
    },
    {
      what: 'the second SYN of an id that one side closed 30 s ago, and the client goes on',
      lines: [...opened, c.serverClose(), later(30, c.ack()), c.send()],
      known: ['ack-after-close 4', 'data-crossing-close 5'],
    },
    {
      what: 'the opening of a connection that sends and closes in order',
      lines: [...opened, d.answer(), d.answer(), d.serverClose()],
      known: ['data-unknown-id 3', 'data-unknown-id 4', 'close-unknown-id 5'],
    },
  ];

  test.each(rows)('$what', ({ lines, known }) => {
    expect(accused(lines, 'complete')).toEqual(known);
    expect(accused(lines).filter(line => !line.startsWith('data-crossing-close'))).toEqual([]);
  });
});

describe('stands', () => {
  const rows: readonly { readonly what: string; readonly lines: readonly Line[]; readonly found: readonly string[] }[] =
    [
      {
        what: "the server's DATA before its ACK, however often it sends before that",
        lines: [c.syn(), c.answer(), c.answer(), c.ack(), c.serverClose()],
        found: ['data-before-ack 2'],
      },
      {
        what: "the server's DATA where the ACK does not come in time",
        lines: [c.syn(), c.answer(), later(61, c.answer())],
        found: ['data-before-ack 2'],
      },
      {
        what: 'an ACK known in the other role, of an end that goes on in the right one',
        lines: [one.syn(), one.ack(), back.ack(), one.send()],
        found: ['wrong-direction 3'],
      },
      {
        what: 'a SYN with the id of an open connection that nobody answers',
        lines: [...opened, c.syn(), c.send(), c.answer()],
        found: ['syn-id-in-use 3'],
      },
      {
        what: 'a SYN with the id of a connection that its server has not closed, and gives another id',
        lines: [...opened, c.close(), c.syn(), c.ack(FRESH)],
        found: ['syn-id-in-use 4'],
      },
      {
        what: 'an ACK with one of several ids that its client has not used',
        lines: [one.syn(), four.syn(), five.syn(), two.ack(), two.answer()],
        found: ['ack-unexpected 4'],
      },
      {
        what: 'a CLOSE of a server that has been asked for a connection, which it may have meant',
        lines: [c.syn(), one.syn(), raw('bob', [0x52, 0, 0, 3]), c.ack()],
        found: ['close-unknown-id 3'],
      },
      {
        what: "an ACK after the server's CLOSE, before the id is free",
        lines: [...opened, c.serverClose(), later(29, c.ack()), c.close()],
        found: ['ack-after-close 4'],
      },
      {
        what: 'an ACK for which there was no SYN, though its sender closes in order',
        lines: [...opened, d.ack(), d.answer(), d.serverClose()],
        found: ['ack-unexpected 3'],
      },
      {
        what: 'DATA with an unknown id, though the connection it was meant for is closed in order',
        lines: [...opened, raw('ann', [0xa0, 0x98, 0x76, 0x55, 100]), c.send(), c.close()],
        found: ['data-unknown-id 3'],
      },
    ];

  test.each(rows)('$what', ({ lines, found }) => {
    expect(accused(lines)).toEqual(found);
  });
});
