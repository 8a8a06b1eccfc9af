/** Conversations in which nobody is at fault, and the states that their connections end in. */
import { type Line, later, link, raw } from '../../kit/ministreaming.ts';

export const c = link();
const d = link('ann', 0x234568, 0x987655);
export const opened = [c.syn(), c.ack()];

/** Conversations, and the states of their connections. */
export const CONVERSATIONS: readonly (readonly [what: string, lines: readonly Line[], states: readonly string[]])[] = [
  ['(a) of the specification: service not available', [c.syn(), c.refuse()], ['REFUSED']],
  ['(b): the server sends data, the client closes', [...opened, c.answer(), c.close()], ['CLIENT-CLOSED']],
  [
    '(c) without its misprint: a question, two answers, the server closes',
    [...opened, c.send(), c.answer(), c.answer(), c.serverClose()],
    ['SERVER-CLOSED'],
  ],
  ['a SYN that waits', [c.syn()], ['SYN-SENT']],
  ['an open connection', opened, ['OPEN']],
  ['DATA without payload', [...opened, c.send(''), c.answer('')], ['OPEN']],
  ['CLOSEs that cross', [...opened, c.close(), c.serverClose()], ['CLOSED']],
  ['CLOSEs that cross, seen the other way round', [...opened, c.serverClose(), c.close()], ['CLOSED']],
  ['an answer just in time', [c.syn(), later(60, c.ack())], ['OPEN']],
  ['two SYNs, answered in the other order', [c.syn(), d.syn(), d.ack(), c.refuse()], ['REFUSED', 'OPEN']],
  [
    'both ends are clients and choose the same ids',
    [
      ...opened,
      link('bob', c.clientId, c.serverId).syn(),
      link('bob', c.clientId, c.serverId).ack(),
      c.send(),
      c.answer(),
    ],
    ['OPEN', 'OPEN'],
  ],
  [
    'ids that equal those of the other table',
    [link('ann', 1, 2).syn(), link('ann', 1, 2).ack(), link('ann', 2, 1).syn(), link('ann', 2, 1).ack()].concat([
      link('ann', 1, 2).send(),
      link('ann', 2, 1).answer(),
      link('ann', 1, 2).close(),
      link('ann', 2, 1).send(),
    ]),
    ['CLIENT-CLOSED', 'OPEN'],
  ],
  ['a refused id is free at once', [c.syn(), c.refuse(), c.syn(), c.ack(), c.send()], ['REFUSED', 'OPEN']],
  [
    'so is one that both have closed, at both ends',
    [...opened, c.close(), c.serverClose(), ...opened, c.send(), c.close()],
    ['CLOSED', 'CLIENT-CLOSED'],
  ],
  [
    'and one that one side closed 30 s ago',
    [...opened, c.serverClose(), later(30, c.syn()), c.ack(), c.send()],
    ['SERVER-CLOSED', 'OPEN'],
  ],
  [
    'the server id of a connection that the client closed 30 s ago',
    [...opened, c.close(), later(30, d.syn()), d.ack(c.serverId), raw('ann', [0xa0, 0x98, 0x76, 0x54, 1])],
    ['CLIENT-CLOSED', 'OPEN'],
  ],
];
