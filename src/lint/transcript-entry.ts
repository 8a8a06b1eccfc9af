/** What was said in a connection around a finding, as plain data: messages in their order, and where some are left out. */
import type { Timestamp } from './finding.ts';

/** Something that happened in a connection, for those who report what was said in it. */
export type TranscriptEntry =
  | {
      readonly kind: 'message';
      readonly frame: number;
      /** Where its bytes lie, as `Message.position`: a frame may hold several messages. */
      readonly position: number;
      readonly time: Timestamp;
      readonly name: string;
      readonly fromClient: boolean;
    }
  /** Messages that are left out. */
  | { readonly kind: 'gap'; readonly messages: number };
