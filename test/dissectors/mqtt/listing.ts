/** A conversation as text, one line a frame that carries something, for the message of a test that failed. */
import type { SegmentSeen } from '../../kit/mqtt-net.ts';

const NAMES =
  'reserved CONNECT CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK PINGREQ PINGRESP DISCONNECT AUTH';

/** Who, when, how much is acknowledged, which packet begins there, and its first bytes. */
export function listing(segments: readonly SegmentSeen[]): string {
  return segments
    .filter(({ bytes, flags }) => bytes.length > 0 || (flags & 7) !== 0)
    .map(({ frame, time, connection, side, flags, at, bytes, acknowledged }) => {
      const signs = [flags & 1 ? 'FIN' : '', flags & 2 ? 'SYN' : '', flags & 4 ? 'RST' : ''].join('');
      const name = bytes.length > 0 ? NAMES.split(' ')[bytes[0] >>> 4] : '';
      const text = Buffer.from(bytes.subarray(0, 48)).toString('hex');
      const seconds = (time / 1_000_000).toFixed(3);
      return `${frame} ${seconds} ${side === 'client' ? '>' : '<'} ${connection} ${at}/${acknowledged} ${signs}${name} ${text}`;
    })
    .join('\n');
}
