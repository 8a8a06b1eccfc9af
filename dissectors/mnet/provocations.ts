/**
 * How the rules of MNET can be broken on purpose, by changing what passes, and how a side refuses: with ABORT. Tags are not
 * known beforehand, so that messages of our own carry 00:00:01, and most ways change a message that its side has sent.
 */
import type { Provocation, Refusals } from '../../src/sdk.ts';
import { COOKIE as COOKIES, INIT, TYPE } from './layouts.ts';

const STRANGE = '00:00:01';
const COOKIE = `${STRANGE}:${STRANGE}:01:ff:ff:ff:7f:${'00:'.repeat(19)}00`;
const CONTENT = 'type == DATA && mnet.length > 0';

export const provocations: readonly Provocation[] = [
  { rule: 'mnet/truncated-header', faults: ['send bytes 00:00 to server after type == INIT nth=1'] },
  { rule: 'mnet/unknown-type', faults: ['set mnet.type = 9 if type == DATA nth=1'] },
  { rule: 'mnet/length', faults: ['set mnet.type = 6 if type == DATA nth=1'] },
  { rule: 'mnet/data-length-mismatch', faults: ['set mnet.length = 9999 if type == DATA nth=1'] },
  { rule: 'mnet/bad-magic', faults: ['send bytes 01:4d:4e:45:58:01:00:00:01 to server after type == INIT nth=1'] },
  { rule: 'mnet/wrong-role', faults: [`send bytes 04:${STRANGE} to server after type == INIT nth=1`] },
  { rule: 'mnet/tag-mismatch', faults: ['set mnet.tag = 0x000001 if type == DATA nth=1'] },
  {
    rule: 'mnet/cookie-unsolicited',
    faults: [`send bytes 02:${COOKIE} to server if type == INIT nth=1`],
    needs: 'MNET named for the port, and --midstream never',
  },
  { rule: 'mnet/cookie-peer-tag', faults: ['set mnet.peerTag = 0x000001 if type == COOKIE nth=1'] },
  { rule: 'mnet/echo-unsolicited', faults: [`send bytes 03:${COOKIE} to server after type == INIT nth=1`] },
  { rule: 'mnet/echo-mismatch', faults: [`set mnet.hmac = ${'00:'.repeat(19)}00 if type == COOKIE-ECHO nth=1`] },
  { rule: 'mnet/unsupported-version', faults: ['set mnet.version = 2 if type == INIT nth=1'] },
  {
    rule: 'mnet/cookie-mac',
    faults: [`set mnet.hmac = ${'00:'.repeat(19)}00 if type == COOKIE nth=1`],
    needs: 'the dialect options cookieMac and cookieKey',
  },
  {
    rule: 'mnet/cookie-expired',
    faults: ['set mnet.expiration = 0 if type == COOKIE nth=1'],
    needs: 'the dialect option byteOrder',
  },
  {
    rule: 'mnet/echo-expired',
    faults: ['delay 1m if type == COOKIE-ECHO'],
    needs: 'a listener whose cookies expire within a minute',
  },
  { rule: 'mnet/cookie-ack-unsolicited', faults: [`send bytes 04:${STRANGE} to client after type == INIT nth=1`] },
  {
    rule: 'mnet/init-tag-reused',
    faults: ['set mnet.tag = 0x000001 if type == INIT times=2'],
    needs: 'two connections at once',
  },
  {
    rule: 'mnet/tag-not-random',
    faults: ['set mnet.tag = 0x000001 if type == INIT'],
    needs: '8 connections',
  },
  {
    rule: 'mnet/data-before-echo',
    faults: [`send bytes 00:${STRANGE}:00:00:00:00:00:00:00:00:00:00 to server after type == INIT nth=1`],
  },
  {
    rule: 'mnet/data-before-ack',
    faults: ['swap with next if type == COOKIE-ACK nth=1'],
    needs: 'a listener that sends DATA right after its COOKIE-ACK',
  },
  { rule: 'mnet/sequence-underflow', faults: [`set mnet.sequence = 0 if ${CONTENT} nth=1`] },
  { rule: 'mnet/sequence-gap', faults: [`set mnet.sequence = 1000000 if ${CONTENT} nth=1`] },
  {
    rule: 'mnet/retransmit-differs',
    faults: [
      `client: set mnet.sequence = 8, mnet.data = "wirelint" if ${CONTENT} nth=1`,
      `client: set mnet.sequence = 8, mnet.data = "WIRELINT" if ${CONTENT} nth=2`,
    ],
    needs: 'two DATA of the connector',
  },
  { rule: 'mnet/ack-unsent', faults: ['set mnet.acknowledged = 1000000 if type == DATA nth=1'] },
  {
    rule: 'mnet/ack-regress',
    faults: [`client: set mnet.acknowledged = 0 if ${CONTENT} && mnet.acknowledged > 0 nth=2`],
    needs: 'DATA in both directions',
  },
  {
    rule: 'mnet/reordered',
    faults: ['client: swap with next if type == DATA && mnet.length == 0 nth=1'],
    needs: 'a connector that acknowledges twice without data within a second',
  },
  {
    rule: 'mnet/data-after-shutdown',
    faults: [`client: delay 1s if ${CONTENT}`, 'drop if type == SHUTDOWN-ACK times=3'],
    needs: 'a connector that shuts down within a second of its last DATA',
  },
  {
    rule: 'mnet/shutdown-before-established',
    faults: [`send bytes 05:${STRANGE}:00:00:00:00 to server after type == INIT nth=1`],
  },
  { rule: 'mnet/shutdown-ack-unsolicited', faults: ['set mnet.type = 6 if type == COOKIE-ACK nth=1'] },
  {
    rule: 'mnet/shutdown-complete-unsolicited',
    faults: ['set mnet.type = 7 if type == SHUTDOWN-ACK nth=1'],
    needs: 'a shutdown',
  },
  {
    rule: 'mnet/after-close',
    faults: [`client: delay 1s if ${CONTENT}`],
    needs: 'a connector whose connection is over within a second of its last DATA',
  },
  {
    rule: 'mnet/after-abort',
    faults: ['set mnet.type = 8 if type == COOKIE-ACK nth=1'],
    needs: 'a listener that sends DATA right after its COOKIE-ACK',
  },
  { rule: 'mnet/handshake-incomplete', faults: ['drop if type == COOKIE'] },
  { rule: 'mnet/shutdown-incomplete', faults: ['drop if type == SHUTDOWN-ACK'], needs: 'a shutdown' },
  {
    rule: 'mnet/unknown-connection',
    faults: [`send bytes 06:${STRANGE} to server if type == INIT nth=1`],
    needs: 'MNET named for the port',
  },
];

/** Where a message says which connection it is for, as far as its receiver need know. */
function tagOffset(type: number): number {
  if (type === TYPE.INIT) return INIT.fields.tag.offset;
  return type === TYPE.COOKIE ? COOKIES.fields.peerTag.offset : 1;
}

export const refusals: Refusals = {
  isOne: ({ layout }) => layout?.code === TYPE.ABORT,
  // Who refuses may use the tag that it was sent, as it need not know the connection.
  of: ({ message, layout }) => {
    if (!layout || layout.code === TYPE.ABORT) return undefined;
    const at = tagOffset(layout.code);
    const tag = [message.byte(at), message.byte(at + 1), message.byte(at + 2)];
    return tag.includes(-1) ? undefined : Uint8Array.of(TYPE.ABORT, ...tag);
  },
};
