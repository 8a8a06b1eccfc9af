/** What reads faults for those who have protocols at hand, and know nothing of filters and of editing. */
import { catalogueOf } from '../filter/catalogue.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { FaultReader } from './parse.ts';
import { settingOf } from './set.ts';

/** @param option what complaints begin with, before the text */
export function faultReaderOf(protocols: readonly AnyProtocol[], option: string): FaultReader {
  return new FaultReader(catalogueOf(protocols), settingOf(protocols), option);
}
