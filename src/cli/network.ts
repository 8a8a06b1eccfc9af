/** What captures by URL are fetched with, from the environment. */
import type { Network } from '../capture/http-request.ts';
import { UsageError } from '../settings/words.ts';
import type { Host } from './host.ts';
import { WALL_CLOCK } from './wall-clock.ts';

/** @throws UsageError for a value that no header can have; it is not shown, as it may be a secret */
export function networkOf({ WIRELINT_HTTP_AUTHORIZATION: authorization }: Host['environment']): Network {
  if (authorization === undefined || authorization === '') return { clock: WALL_CLOCK };
  if (!/^[!-~][ -~]*$/.test(authorization))
    throw new UsageError(
      'WIRELINT_HTTP_AUTHORIZATION: not the value of a header (expected as "Bearer TOKEN", in one line)',
    );
  return { clock: WALL_CLOCK, authorization };
}
