/** All conversations that break nothing. */
import { AUTHENTICATING, CONNECTING } from './connect.ts';
import { BY_BYTES, FORM, PROPERTIES } from './form.ts';
import { AFTER_THE_END, RESUMING, STORING } from './sessions.ts';
import type { Twin } from './twin.ts';

export const TWINS: readonly Twin[] = [
  ...FORM,
  ...PROPERTIES,
  ...BY_BYTES,
  ...CONNECTING,
  ...AUTHENTICATING,
  ...STORING,
  ...RESUMING,
  ...AFTER_THE_END,
];
