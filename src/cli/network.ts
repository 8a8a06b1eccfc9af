/**
 * What captures by URL are fetched with, from the environment. A token is bound to the server that may see it: which URLs
 * are read may be for others to say, in a list or a queue.
 */
import type { Network } from '../capture/http-request.ts';
import type { Host } from './host.ts';
import { WALL_CLOCK } from './wall-clock.ts';

const COMPLAINT =
  'WIRELINT_HTTP_AUTHORIZATION is not understood: in one line as "https://HOST Bearer TOKEN" it has the server that may see it, and the value of the header';

/** A server, a blank, and what a header may have. */
const FORM = /^(https?:\/\/\S+) +([!-~][ -~]*)$/i;

/** A value of another form is refused where a URL is read, in any thread; it is not shown, as it may be a secret. */
export function networkOf({ WIRELINT_HTTP_AUTHORIZATION: given }: Host['environment']): Network {
  if (given === undefined || given === '') return { clock: WALL_CLOCK };
  const [, server = '', value = ''] = FORM.exec(given) ?? [];
  if (!URL.canParse(server) || !isOrigin(new URL(server))) return { clock: WALL_CLOCK, complaint: COMPLAINT };
  return { clock: WALL_CLOCK, authorization: { origin: new URL(server).origin, value } };
}

/** Nothing but a server: what else is there would be ignored. */
function isOrigin({ origin, href }: URL): boolean {
  return href === `${origin}/`;
}
