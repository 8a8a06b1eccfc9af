/** Faults that change one message on its way out, by the rule that it then breaks. */
import type { Alter } from './random-world.ts';

export const FAULTS: Readonly<Record<string, Alter>> = {};
