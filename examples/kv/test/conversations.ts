/** Conversations in KV, written down for the tests and for make-capture.ts. */
import { Traffic, framed as wrapped } from 'wirelint/testkit';

export const CLIENT = '10.0.0.1:40000';
export const SERVER = '10.0.0.2:7411';

/** The message in hexadecimal, behind its length. */
export const framed = (message: string) => wrapped('length16', message);

export const HELLO = framed('01 4b56 01');
export const BYE = framed('05');
/** `color`, and what it is. */
export const GET = (id: string) => framed(`02 ${id} 636f6c6f72`);
export const VALUE = (id: string) => framed(`03 ${id} 677265656e`);
export const ERROR = (id: string) => framed(`04 ${id} 01`);

/** Two requests at a time, answered the other way round. */
export function sound(cut?: number): Traffic {
  const traffic = new Traffic();
  const options = cut === undefined ? {} : { cut };
  traffic
    .connect(CLIENT, SERVER)
    .client([...HELLO, ...GET('0001'), ...GET('0002')], options)
    .server([...ERROR('0002'), ...VALUE('0001')], options)
    .client(BYE, options)
    .close();
  return traffic;
}

/** An answer to nothing in frame 6, an id that is in use in frame 8. */
export function faulty(): Traffic {
  const traffic = new Traffic();
  traffic
    .connect(CLIENT, SERVER)
    .client(HELLO)
    .client(GET('0001'))
    .server(VALUE('0009'))
    .client(GET('0002'))
    .client(GET('0001'))
    .close();
  return traffic;
}
