/** All conversations that break nothing. */
import { BY_BYTES, FORM, PROPERTIES } from './form.ts';
import type { Twin } from './twin.ts';

export const TWINS: readonly Twin[] = [...FORM, ...PROPERTIES, ...BY_BYTES];
