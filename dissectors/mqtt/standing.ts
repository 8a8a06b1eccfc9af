/**
 * What its Packet Identifier says of a packet (`assess.ts`): one answer a packet, so that one fault is one finding; each rule
 * about identifiers asks for its own.
 */
export const STANDING = {
  /** It has no identifier, or what it says does not count. */
  NONE: 0,
  /** It begins a flow. */
  FRESH: 1,
  /** It goes on with one, or is sent again as it may be. */
  RIGHT: 2,
  /** Nobody can tell: the session, or the content, was not seen. */
  UNTOLD: 3,
  DUP_MISSING: 4,
  IN_USE: 5,
  RESUMED_IN_USE: 6,
  RESENT: 7,
  AFTER_PUBREL: 8,
  DUP_FIRST: 9,
  CARRIED_OVER: 10,
  UNKNOWN: 11,
  WRONG_TYPE: 12,
  EARLY_PUBCOMP: 13,
  UNKNOWN_PUBREL: 14,
  EARLY_PUBREL: 15,
  PUBREL_AFTER_REFUSAL: 16,
  /** The same as `RESUMED_IN_USE`, where the old flow need not be sent again (Certainty 15). */
  EXCUSED: 17,
} as const;
