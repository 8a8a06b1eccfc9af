/**
 * One conversation for each rule of the catalogue that breaks this rule and no other, with the frame, the bytes and the
 * endpoint at fault. The catalogue's tests hold them to the letter; those of test/field/ do things to their captures.
 */
import type { Severity } from '../../../src/lint/rule.ts';
import { hex } from '../../../src/testkit/bytes.ts';
import {
  between,
  CONNECTOR,
  handshake,
  type JudgeOptions,
  LISTENER,
  type Line,
  later,
  parties,
  resized,
  START,
} from '../../kit/mnet.ts';

const { C, L } = parties();
const opened = handshake({ C, L });
const OTHER = '10.0.0.3:5000';
const altered = { hmac: new Uint8Array(20) };

export interface BreakingCase {
  readonly rule: string;
  readonly severity: Severity;
  readonly conversation: readonly Line[];
  readonly frame: number;
  /** Printed endpoint. */
  readonly atFault: string | null;
  /** Offset and length of the offending bytes in the message. */
  readonly bytes: readonly [offset: number, length: number] | null;
  readonly options?: JudgeOptions;
  /** A finding that cannot be without this one's cause. */
  readonly beside?: { readonly rule: string; readonly frame: number };
}

const error = { severity: 'error', atFault: CONNECTOR } as const;
const warning = { severity: 'warning', atFault: CONNECTOR } as const;
const info = { severity: 'info', atFault: null } as const;
const byListener = { atFault: LISTENER };

export const CASES: readonly BreakingCase[] = [
  {
    ...error,
    rule: 'mnet/truncated-header',
    conversation: [...opened, L.raw(hex('04 b6 0a'))],
    frame: 5,
    ...byListener,
    bytes: [0, 3],
  },
  {
    ...error,
    rule: 'mnet/unknown-type',
    conversation: [...opened, C.raw(hex('09 cf 74 2a'))],
    frame: 5,
    bytes: [0, 1],
  },
  {
    ...error,
    rule: 'mnet/length',
    conversation: [...opened, resized(4, C.shutdown())],
    frame: 5,
    bytes: [0, 4],
  },
  {
    ...error,
    rule: 'mnet/data-length-mismatch',
    conversation: [...opened, C.data(0, 40, 0, { length: 44 })],
    frame: 5,
    bytes: [12, 2],
  },
  {
    ...error,
    rule: 'mnet/bad-magic',
    conversation: [C.init({ magic: 'MNEX' })],
    frame: 1,
    bytes: [1, 4],
    options: { mapped: true },
  },
  { ...error, rule: 'mnet/wrong-role', conversation: [...opened, C.cookieAck()], frame: 5, bytes: [0, 1] },
  {
    ...error,
    rule: 'mnet/tag-mismatch',
    conversation: [...opened, C.data(0, 40, 0, { tag: 0 })],
    frame: 5,
    bytes: [1, 3],
  },
  {
    ...error,
    rule: 'mnet/unsupported-version-accepted',
    conversation: [C.init({ version: 2 }), L.cookie()],
    frame: 2,
    ...byListener,
    bytes: [0, 1],
    beside: { rule: 'mnet/unsupported-version', frame: 1 },
  },
  {
    ...error,
    rule: 'mnet/cookie-unsolicited',
    conversation: [L.cookie()],
    frame: 1,
    ...byListener,
    bytes: [0, 1],
    options: { mapped: true, midstream: 'never' },
  },
  {
    ...error,
    rule: 'mnet/cookie-peer-tag',
    conversation: [C.init(), L.cookie({ peerTag: 0 })],
    frame: 2,
    ...byListener,
    bytes: [4, 3],
  },
  {
    ...error,
    rule: 'mnet/echo-address',
    conversation: [C.init(), L.cookie(), ...between(OTHER, LISTENER, [C.init({ tag: 0x6b1d09 }), C.echo()])],
    frame: 4,
    atFault: OTHER,
    bytes: [1, 31],
  },
  { ...error, rule: 'mnet/echo-unsolicited', conversation: [C.init(), C.echo()], frame: 2, bytes: [1, 31] },
  {
    ...error,
    rule: 'mnet/echo-mismatch',
    conversation: [C.init(), L.cookie(), C.echo(altered)],
    frame: 3,
    bytes: [1, 31],
  },
  { ...error, rule: 'mnet/unsupported-version', conversation: [C.init({ version: 2 })], frame: 1, bytes: [5, 1] },
  {
    ...warning,
    rule: 'mnet/cookie-expired',
    conversation: [C.init(), L.cookie({ expiration: START - 3 })],
    frame: 2,
    ...byListener,
    bytes: [8, 4],
  },
  {
    ...warning,
    rule: 'mnet/echo-expired',
    conversation: [C.init(), L.cookie(), later(9, C.echo())],
    frame: 3,
    bytes: [8, 4],
  },
  {
    ...error,
    rule: 'mnet/cookie-mac',
    conversation: [C.init(), L.cookie()],
    frame: 2,
    ...byListener,
    bytes: [12, 20],
    options: { dialect: { cookieMac: 'spec', cookieKey: '00112233' } },
  },
  {
    ...error,
    rule: 'mnet/cookie-ack-unsolicited',
    conversation: [C.init(), L.cookie(), L.cookieAck()],
    frame: 3,
    ...byListener,
    bytes: [0, 1],
  },
  {
    ...error,
    rule: 'mnet/bad-cookie-accepted',
    conversation: [C.init(), L.cookie(), C.echo(altered), L.cookieAck()],
    frame: 4,
    ...byListener,
    bytes: [0, 1],
    // There is no bad cookie to accept before an echo has brought one.
    beside: { rule: 'mnet/echo-mismatch', frame: 3 },
  },
  {
    ...warning,
    rule: 'mnet/init-tag-reused',
    conversation: [C.init(), ...between(OTHER, LISTENER, [C.init()])],
    frame: 2,
    atFault: OTHER,
    bytes: [6, 3],
  },
  {
    ...warning,
    rule: 'mnet/tag-not-random',
    conversation: [1, 2, 3, 4, 5, 6, 7, 8].flatMap(n =>
      between(`10.0.0.1:${5000 + n}`, LISTENER, [C.init({ tag: n })]),
    ),
    frame: 8,
    atFault: '10.0.0.1:5008',
    bytes: [6, 3],
  },
  {
    ...error,
    rule: 'mnet/data-before-echo',
    conversation: [C.init(), L.cookie(), C.data(0, 40)],
    frame: 3,
    bytes: [0, 1],
  },
  {
    ...error,
    rule: 'mnet/data-before-ack',
    conversation: [C.init(), L.cookie(), C.echo(), L.data(0, 40)],
    frame: 4,
    ...byListener,
    bytes: [0, 1],
  },
  {
    ...error,
    rule: 'mnet/sequence-underflow',
    conversation: [...opened, C.data(0, 40, 0, { sequence: 0 })],
    frame: 5,
    bytes: [4, 4],
  },
  {
    ...warning,
    rule: 'mnet/sequence-gap',
    conversation: [...opened, C.data(0, 40), C.data(80, 120)],
    frame: 6,
    bytes: [4, 4],
  },
  {
    ...error,
    rule: 'mnet/retransmit-differs',
    conversation: [...opened, C.data(0, 40), C.data(0, 40, 0, { content: C.content(0, 40).fill(0, 16) })],
    frame: 6,
    bytes: [14 + 16, 1],
  },
  {
    ...error,
    rule: 'mnet/ack-unsent',
    conversation: [...opened, L.data(0, 40), C.data(0, 40, 80)],
    frame: 6,
    bytes: [8, 4],
  },
  {
    ...warning,
    rule: 'mnet/ack-regress',
    conversation: [...opened, L.data(0, 80), C.data(0, 40, 80), C.data(40, 80, 40)],
    frame: 7,
    bytes: [8, 4],
  },
  {
    ...info,
    rule: 'mnet/reordered',
    conversation: [...opened, C.data(0, 40), L.data(0, 40, 40), C.data(40, 80, 40), C.data(0, 40)],
    frame: 8,
    bytes: null,
  },
  {
    ...error,
    rule: 'mnet/data-after-shutdown',
    conversation: [...opened, C.shutdown(), C.data(0, 40)],
    frame: 6,
    bytes: [4, 4],
  },
  {
    ...error,
    rule: 'mnet/shutdown-before-established',
    conversation: [C.init(), L.cookie(), C.shutdown()],
    frame: 3,
    bytes: [0, 1],
  },
  {
    ...error,
    rule: 'mnet/shutdown-ack-unsolicited',
    conversation: [...opened, L.shutdownAck()],
    frame: 5,
    ...byListener,
    bytes: [0, 1],
  },
  {
    ...error,
    rule: 'mnet/shutdown-complete-unsolicited',
    conversation: [...opened, C.shutdown(), C.shutdownComplete()],
    frame: 6,
    bytes: [0, 1],
  },
  {
    ...error,
    rule: 'mnet/after-close',
    conversation: [...opened, C.shutdown(), L.shutdownAck(), C.shutdownComplete(), C.data(0, 40)],
    frame: 8,
    bytes: [0, 1],
  },
  { ...error, rule: 'mnet/after-abort', conversation: [...opened, C.abort(), C.data(0, 40)], frame: 6, bytes: [0, 1] },
  {
    ...warning,
    rule: 'mnet/handshake-incomplete',
    conversation: [C.init(), ...between(OTHER, LISTENER, [later(5.001, C.init({ tag: 0x6b1d09 }))])],
    frame: 1,
    ...byListener,
    bytes: null,
  },
  {
    ...warning,
    rule: 'mnet/shutdown-incomplete',
    conversation: [...opened, C.shutdown(), ...between(OTHER, LISTENER, [later(5.001, C.init({ tag: 0x6b1d09 }))])],
    frame: 5,
    ...byListener,
    bytes: null,
  },
  {
    ...info,
    rule: 'mnet/unknown-connection',
    conversation: [C.data(0, 40)],
    frame: 1,
    bytes: null,
    options: { mapped: true },
  },
  {
    ...info,
    rule: 'mnet/ambiguous-reading',
    conversation: [C.init(), L.cookie()],
    frame: 2,
    bytes: null,
    options: { readings: true },
  },
];
