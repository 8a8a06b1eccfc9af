/**
 * Captures of TCP connections that come to nothing: a SYN and no more, as a port scan or a SYN flood leaves them, or a
 * handshake and silence. No two have an address and port in common, and none is ever closed.
 */

import { type Capture, clientOf, LISTENER_ADDRESS } from './capture.ts';
import type { Endpoint, Segment } from './packet-file.ts';
import { mix32 } from './random.ts';
import { TcpConversation } from './tcp.ts';
import { writeConversations } from './turns.ts';

export interface HalfOpenShape {
  readonly connections: number;
  /** `SYN` alone, or the whole `handshake`. */
  readonly until: 'SYN' | 'handshake';
}

const SERVER: Endpoint = { address: LISTENER_ADDRESS, port: 9000 };
/** There are 62,500 hosts, so a million connections and some. */
const CONNECTIONS_PER_HOST = 20;
const AT_ONCE = 1_000;

export function halfOpenCapture(shape: HalfOpenShape): Capture {
  return {
    name: `half-open-${shape.connections}-connections-${shape.until}`,
    write: file => {
      writeConversations(file, attempts(shape), AT_ONCE);
      return { messages: 0, connections: 0, errors: 0, warnings: 0 };
    },
  };
}

function* attempts({ connections, until }: HalfOpenShape): Generator<Iterator<Segment>, void> {
  for (let number = 0; number < connections; number++) {
    const client = clientOf(number, CONNECTIONS_PER_HOST);
    const tcp = new TcpConversation(client, SERVER, [mix32(2 * number), mix32(2 * number + 1)]);
    yield until === 'SYN' ? [tcp.syn()].values() : tcp.open();
  }
}
