/** A client of KV that asks for everything at once. It takes the answers in their order, and looks at no id. */
import { connect } from 'node:net';
import { framed, messagesOf, TYPES, uint16 } from './messages.ts';

/** The values of these keys; undefined for a key that there is not. */
export async function lookUp(port: number, keys: readonly string[]): Promise<(string | undefined)[]> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.write(framed(TYPES.hello, Buffer.from('KV'), Uint8Array.of(1)));
  keys.forEach((key, index) => {
    socket.write(framed(TYPES.get, uint16(index + 1), Buffer.from(key)));
  });
  const values: (string | undefined)[] = [];
  for await (const { type, body } of messagesOf(socket)) {
    values.push(type === TYPES.value ? body.toString('latin1', 2) : undefined);
    if (values.length === keys.length) socket.end(framed(TYPES.bye));
  }
  return values;
}
