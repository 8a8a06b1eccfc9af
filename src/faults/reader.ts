/** What reads faults for those who have protocols at hand, and know nothing of filters and of editing. */
import { catalogueOf } from '../filter/catalogue.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { MessageReaders } from './fault.ts';
import { ownMessageOf } from './own-message.ts';
import { FaultReader } from './parse.ts';
import { settingOf } from './set.ts';

/** @param option what complaints begin with, before the text */
export function faultReaderOf(protocols: readonly AnyProtocol[], option: string): FaultReader {
  return new FaultReader(catalogueOf(protocols), messageReadersOf(protocols), option);
}

/** For messages of these protocols. */
export function messageReadersOf(protocols: readonly AnyProtocol[]): Required<MessageReaders> {
  return { setField: settingOf(protocols), ownMessage: ownMessageOf(protocols) };
}
