/** What is true or not of a connection, as bits of one number in its row; and how counts stand in a row. */
/** Marks of a connection. */
export const MARK = {
  /** Who is the client was assumed from who spoke first. */
  ROLES_ASSUMED: 1 << 0,
  /** The history was not seen whole. */
  PARTIAL: 1 << 1,
  EDITION_2019: 1 << 2,
  EDITION_2020: 1 << 3,
  /** The edition is known from the user, or from a message that leaves no doubt. */
  EDITION_CERTAIN: 1 << 4,
  SERVER_ENDED: 1 << 5,
  /** Not all ids of this connection are in the table. */
  FORGOT_IDENTIFIERS: 1 << 6,
  /** How many bytes the client has sent, or had to send, is not known. */
  BYTES_UNKNOWN: 1 << 7,
  /** It is over; the slot stays in use until signatures are checked. */
  CLOSED: 1 << 8,
  /** A request was forgotten that an answer may yet come to. */
  FORGOT_REQUESTS: 1 << 9,
  /** An announcement could not be understood. */
  NOT_UNDERSTOOD: 1 << 10,
  /** Not all announced files are in the table. */
  FORGOT_FILES: 1 << 11,
  /** More than one AUTHENTICATION was sent: it is not clear what is announced. */
  AUTHENTICATED_AGAIN: 1 << 12,
} as const;

/** Counts beyond 32 bits take two words. */
export const TWO_32 = 2 ** 32;
