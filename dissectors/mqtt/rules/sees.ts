/** What a capture must be complete for (`sees`) where a rule can be judged, or is certain, only then. */
import type { RuleDocument } from '../../../src/sdk.ts';

/** All that the server received and sent was captured. */
export const SEES_BROKER: NonNullable<RuleDocument['onlyIf']> = { option: 'sees', value: 'broker' };
