/** MNET conversations in which nobody is at fault, seen whole: openings, transfers and endings of every kind. */
import { between, handshake, type Line, later, parties, START } from '../kit/mnet.ts';

const { C, L } = parties();
const opened = handshake({ C, L });
const talkOf = ({ C, L }: ReturnType<typeof parties>) => [
  C.data(0, 40),
  L.data(0, 40, 40),
  C.data(40, 80, 40),
  L.bare(40, 80),
  L.data(40, 60, 80),
  C.bare(80, 60),
];
const talk = talkOf({ C, L });
const closingOf = ({ C, L }: ReturnType<typeof parties>) => [C.shutdown(60), L.shutdownAck(), C.shutdownComplete()];
const closing = closingOf({ C, L });
const whole = [...opened, ...talk, ...closing];
const next = parties({ initTag: 0x31c5e7, listenerTag: 0x90d2a4 });
const third = parties({ initTag: 0x5e0a76, listenerTag: 0x2d4411 });
const cookie = (n: number) => ({ tag: 0xb60afb + n * 0x1357, expiration: START + 6 + n });
const again = parties({ listenerTag: cookie(1).tag });
const last = parties({ listenerTag: cookie(4).tag });

const ofTerms = (['little', 'big'] as const).flatMap(order =>
  (['initiator', 'receiver', 'sender'] as const).map((tags): [string, readonly Line[]] => {
    const P = parties({ order, tags });
    const said = [P.C.data(0, 40), P.L.data(0, 40, 40), P.C.data(40, 80, 40), P.L.shutdown(80)];
    return [`${order}, ${tags}`, [...handshake(P), ...said, P.C.shutdownAck(), P.L.shutdownComplete()]];
  }),
);

export const MNET_CONVERSATIONS: Readonly<Record<string, readonly Line[]>> = {
  ...Object.fromEntries(ofTerms),
  'a whole one': whole,
  'the listener ends it': [...opened, ...talk, L.shutdown(80), C.shutdownAck(), L.shutdownComplete()],
  'no data': [...opened, C.shutdown(), L.shutdownAck(), C.shutdownComplete()],
  'a handshake alone': opened,
  'left open': [...opened, ...talk],
  'the listener alone speaks': [...opened, L.data(0, 40), C.bare(0, 40), L.data(40, 80), C.bare(0, 80)],
  'many DATA before one acknowledgement': [
    ...opened,
    C.data(0, 40),
    C.data(40, 80),
    C.data(80, 120),
    L.bare(0, 120),
    C.data(120, 130),
    L.bare(0, 130),
  ],
  'DATA of one length': [
    ...opened,
    ...[0, 1, 2, 3].map(n => C.data(n * 40, n * 40 + 40)),
    C.data(160, 175),
    L.bare(0, 175),
    ...[0, 1, 2].map(n => L.data(n * 30, n * 30 + 30, 175)),
    C.bare(175, 90),
    C.shutdown(90),
    L.shutdownAck(),
    C.shutdownComplete(),
  ],
  IPv6: between('[2001:db8::1]:5000', '[2001:db8::2]:26999', whole),
  'INIT sent again, the fifth cookie is echoed': [
    ...[0, 1, 2, 3, 4, 5].flatMap(n => [later(0.3, C.init()), L.cookie(cookie(n))]),
    last.C.echo(cookie(4)),
    last.L.cookieAck(),
    last.C.data(0, 40),
    last.L.data(0, 40, 40),
  ],
  'INIT sent again before its cookie comes': [
    C.init(),
    later(0.3, C.init()),
    L.cookie(),
    L.cookie(cookie(1)),
    C.echo(),
    L.cookieAck(),
    ...talk,
    ...closing,
  ],
  'INIT sent again, the second cookie is echoed': [
    C.init(),
    later(0.3, C.init()),
    L.cookie(),
    L.cookie(cookie(1)),
    again.C.echo(cookie(1)),
    again.L.cookieAck(),
    again.C.data(0, 40),
    again.L.data(0, 40, 40),
  ],
  'COOKIE-ECHO sent again': [
    C.init(),
    L.cookie(),
    C.echo(),
    ...[1, 2, 3].flatMap(() => [later(0.3, C.echo()), L.cookieAck()]),
    ...talk,
  ],
  'DATA before COOKIE-ACK arrives': [C.init(), L.cookie(), C.echo(), C.data(0, 40), L.cookieAck(), L.data(0, 40, 40)],
  'DATA sent again in other cuts': [
    ...opened,
    C.data(0, 40),
    C.data(40, 80),
    later(0.2, C.data(0, 60)),
    C.data(20, 80),
    later(0.2, C.data(30, 120)),
    C.data(120, 130),
    L.bare(0, 130),
    L.data(0, 40, 130),
    C.bare(130, 40),
  ],
  'SHUTDOWN and SHUTDOWN-ACK sent again': [
    ...opened,
    ...talk,
    C.shutdown(60),
    later(0.4, C.shutdown(60)),
    L.shutdownAck(),
    later(0.4, L.shutdownAck()),
    C.shutdownComplete(),
    C.shutdownComplete(),
  ],
  'both shut down at once': [
    ...opened,
    ...talk,
    C.shutdown(60),
    L.shutdown(80),
    L.shutdownAck(),
    C.shutdownAck(),
    C.shutdownComplete(),
    L.shutdownComplete(),
  ],
  'DATA crosses SHUTDOWN': [
    ...opened,
    C.data(0, 40),
    C.shutdown(),
    L.data(0, 40),
    L.data(40, 80, 40),
    C.bare(40, 80),
    L.shutdownAck(),
    C.shutdownComplete(),
  ],
  'the listener aborts': [...opened, ...talk, L.abort()],
  'ABORT, and what crosses it': [...opened, C.data(0, 40), C.abort(), L.bare(0, 40), L.data(0, 40, 40), L.abort()],
  'three connections in turn': [
    ...whole,
    ...handshake(next),
    next.C.data(0, 40),
    next.L.bare(0, 40),
    next.C.abort(),
    ...handshake(third),
    third.C.data(0, 40),
    third.L.data(0, 40, 40),
  ],
  'a connection given up, and another tag': [
    C.init(),
    later(0.3, C.init()),
    later(0.3, next.C.init()),
    next.L.cookie(),
    next.C.echo(),
    next.L.cookieAck(),
    next.C.data(0, 40),
    next.L.data(0, 40, 40),
  ],
  'two connectors of one listener': between('10.0.0.3:5001', '10.0.0.2:26999', [
    ...handshake(next),
    ...talkOf(next),
    ...closingOf(next),
  ]).flatMap((line, index) => [whole[index], line]),
};
