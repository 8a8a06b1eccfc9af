/** What of a recorded conversation is another in the next one: tags, cookies, and how the stream is cut. */
import type { Replaying } from '../../src/sdk.ts';
import { LAYOUTS } from './layouts.ts';

/** Whose tag they carry is a matter of the dialect, and either end may have chosen it. */
const TAGGED = LAYOUTS.map(({ name }) => name)
  .filter(name => !['INIT', 'COOKIE', 'COOKIE-ECHO'].includes(name))
  .map(name => `${name}.tag`);

export const replay: Replaying = {
  values: [
    {
      name: 'tag',
      chosen: ['INIT.tag', 'COOKIE.tag'],
      echoed: ['COOKIE.peerTag', 'COOKIE-ECHO.tag', ...TAGGED],
      again: ['COOKIE-ECHO.peerTag', ...TAGGED],
      fresh: 'random',
    },
    { name: 'Expiration', chosen: ['COOKIE.expiration'], echoed: ['COOKIE-ECHO.expiration'], fresh: 'now' },
    { name: 'HMAC', chosen: ['COOKIE.hmac'], echoed: ['COOKIE-ECHO.hmac'] },
  ],
  varying: ['DATA.sequence', 'DATA.acknowledged', 'DATA.length'],
  streams: [{ message: 'DATA', data: 'data', end: 'sequence' }],
};
