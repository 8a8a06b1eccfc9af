/**
 * What the ready framings take away when they cut a stream, put back by their names: a message as it stands on the wire. For
 * those who write traffic down.
 */
import { DATAGRAM } from './framing.ts';
import { READY } from './ready.ts';

const NO_SAMPLE = new Uint8Array(0);

/**
 * @param framing name of a ready framing, or `datagram`, which adds nothing
 * @throws RangeError for another name, and for a message that it cannot carry
 */
export function wrapped(framing: string, message: Uint8Array): Uint8Array {
  if (framing === DATAGRAM) return message;
  const found = READY.find(({ id }) => id === framing);
  if (!found?.wrap) throw new RangeError(`no ready framing is called ${framing}`);
  return found.wrap(message, NO_SAMPLE);
}
