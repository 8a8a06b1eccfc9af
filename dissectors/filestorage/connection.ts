/**
 * What is remembered of one filestorage connection. An object each: a connection lives for many messages, each of which
 * costs the reading of a JSON text, so that rows of numbers would save nothing that counts.
 */
import type { Edition } from './content.ts';
import { Announcements, type FileRoom } from './files.ts';
import { Outstanding, type RequestPool } from './requests.ts';

/** One end. */
export class Side {
  state = 0;
  /** Messages it has sent, as a mask of the machine's events. */
  sent = 0;
  /** Its stream has ended in order. */
  ended = false;
}

export class Connection {
  readonly slot: number;
  readonly flow: number;
  /** End of the flow (0 or 1) that is the client. */
  clientSide: number;
  /** Who is the client was assumed from who spoke first. */
  rolesAssumed: boolean;
  /** The history was not seen whole. */
  partial: boolean;
  readonly client = new Side();
  readonly server = new Side();
  edition: Edition | undefined = undefined;
  /** The edition was told by the user, or by a message that leaves no doubt. */
  editionCertain = false;
  readonly outstanding: Outstanding;
  /** Chain of the ids that this connection has in the table; not all of them when it was full. */
  identifiers = 0;
  forgotIdentifiers = false;
  /** Undefined before an AUTHENTICATION. */
  announcements: Announcements | undefined = undefined;
  /** Where and when the first AUTHENTICATION was seen. */
  authenticationFrame = 0;
  authenticationSeconds = 0;
  authenticationNanoseconds = 0;
  authentications = 0;
  /** TRANSFERs sent, the bytes that they brought, and the frame of the last. */
  transfers = 0;
  sentBytes = 0;
  lastTransferFrame = 0;
  /** How many bytes the client has sent, or had to send, cannot be told. */
  bytesUnknown = false;
  /** The slot stays in use until signatures are checked. */
  pendingSignatures = 0;
  closed = false;

  constructor(slot: number, flow: number, clientSide: number, pool: RequestPool) {
    this.slot = slot;
    this.flow = flow;
    this.clientSide = clientSide;
    this.rolesAssumed = false;
    this.partial = false;
    this.outstanding = new Outstanding(pool);
  }

  side(end: number): Side {
    return end === this.clientSide ? this.client : this.server;
  }

  /** The announcements, begun with the first message that has some. */
  announce(frame: number, room: FileRoom): Announcements {
    this.announcements ??= new Announcements(frame, room);
    return this.announcements;
  }
}
