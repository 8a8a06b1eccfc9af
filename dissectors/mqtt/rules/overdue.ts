/** Rules about what never came; `watch.ts` reports them. */
import type { Rule } from '../../../src/sdk.ts';
import type { Exchange } from '../exchange.ts';

/** By `AWAITED`: the rule, and what would have been an answer. */
export const OVERDUE: readonly { readonly rule: Rule<Exchange>; readonly answers: string }[] = [];
