/** A client of KV that asks again, with another id, when an answer does not come in time. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { framed, messagesOf, TYPES, uint16 } from '../../proxy-in-a-test/src/messages.ts';

const PATIENCE = 150;
const MOST_ATTEMPTS = 3;

/** The value of a key; undefined where there is none, or nobody answers. */
export async function get(port: number, key: string): Promise<string | undefined> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.write(framed(TYPES.hello, Buffer.from('KV'), Uint8Array.of(1)));
  let attempts = 0;
  const ask = () => {
    if (attempts === MOST_ATTEMPTS) socket.destroy();
    else socket.write(framed(TYPES.get, uint16(++attempts), Buffer.from(key)));
  };
  ask();
  const timer = setInterval(ask, PATIENCE);
  try {
    for await (const { type, body } of messagesOf(socket)) {
      if (type !== TYPES.value && type !== TYPES.error) continue;
      socket.end(framed(TYPES.bye));
      return type === TYPES.value ? body.toString('latin1', 2) : undefined;
    }
    return undefined;
  } catch {
    return undefined;
  } finally {
    clearInterval(timer);
  }
}
