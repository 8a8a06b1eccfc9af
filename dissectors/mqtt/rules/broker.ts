/** Rules that are judged only where all that a server received and sent was seen (`sees: broker`). */
import type { Rule } from '../../../src/sdk.ts';
import type { Exchange } from '../exchange.ts';
import { deliveryAfterUnsubscribe, deliveryMissing, noLocal, sharedDuplicate } from './broker-delivery.ts';
import {
  forwardAltered,
  forwardDuplicate,
  forwardExpiry,
  forwardOrder,
  forwardQos,
  forwardRetain,
} from './broker-forwarding.ts';
import { retainedMissing, retainedUnexpected } from './broker-retained.ts';
import { willAltered, willMissing, willUnexpected } from './broker-wills.ts';

/** In the catalogue's order. */
export const BROKER_RULES: readonly Rule<Exchange>[] = [
  forwardAltered,
  forwardQos,
  forwardRetain,
  forwardExpiry,
  forwardOrder,
  forwardDuplicate,
  deliveryMissing,
  deliveryAfterUnsubscribe,
  noLocal,
  retainedMissing,
  retainedUnexpected,
  willMissing,
  willUnexpected,
  willAltered,
  sharedDuplicate,
];
