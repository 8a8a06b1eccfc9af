/**
 * What is remembered of a connection: two rows of numbers, of which one stands behind the connection log's own. Frames and
 * entries of the table of ids are kept as number + 1 where 0 means that there is none; frames begin at 1 anyway.
 */
import { type ConnectionLog, Records, ROW_START, recordView } from '../../src/sdk.ts';
import { isClients, LAYOUTS, TYPE } from './layouts.ts';

/** What every message needs of its connection. */
export const Connection = recordView([
  'state',
  'flags',
  /** Losses of the session when the connection was opened: with more since, its history is not whole. */
  'losses',
  /** End of the flow (0 or 1) that is the client. */
  'clientSide',
  /** Messages that the client has sent, as a mask of the machine's events. */
  'clientSent',
  'serverSent',
]);
export type Connection = InstanceType<typeof Connection>;

/** What only the opening, the end and a finding need. */
const DetailView = recordView([
  /** Its entries in the table of ids. The second server id is that of a second ACK. */
  'clientId',
  'serverId',
  'secondServerId',
  /** The session's list it stands in, and its neighbours there. */
  'list',
  'previous',
  'next',
  /** First message: the SYN, unless the connection was met in the middle. Then the ACK or the refusal. */
  'firstFrame',
  'answerFrame',
  'clientCloseFrame',
  'serverCloseFrame',
  /** Times of the first message, of the ACK or the refusal, and of the first CLOSE. */
  'firstSeconds',
  'firstNanoseconds',
  'answerSeconds',
  'answerNanoseconds',
  'closeSeconds',
  'closeNanoseconds',
]);
export type Detail = InstanceType<typeof DetailView>;

/** Flags of a connection. */
export const FLAG = {
  /** Its history was not seen whole, or cannot be separated from another's: rules that need it are inconclusive. */
  PARTIAL: 1 << 0,
  /** Stands for all that belongs to no connection of its session. */
  NOBODY: 1 << 1,
  /** DATA and CLOSE that carry its client id may be meant for a connection that had the id before, or has it too. */
  SERVER_DOUBTED: 1 << 2,
  /** The same of its server id. */
  CLIENT_DOUBTED: 1 << 3,
  /** Its SYN broke a rule and has no answer: nothing has come of it yet. */
  UNASKED: 1 << 4,
  /** Its server has sent DATA again and again, and no ACK, while an ACK may still have come. */
  WENT_ON: 1 << 5,
} as const;
/** Nothing about the connection is certain. */
export const UNCERTAIN = FLAG.PARTIAL | FLAG.UNASKED;

/** What makes a message of each type doubtful, as a mask of its connection's flags. */
export const DOUBTS = Uint8Array.from([...LAYOUTS.keys()], type => {
  if (type === TYPE.SYN || type === TYPE.ACK) return UNCERTAIN;
  return UNCERTAIN | (isClients(type) ? FLAG.CLIENT_DOUBTED : FLAG.SERVER_DOUBTED);
});

/** Words of a connection in its row of the connection log. */
export const ROW_WORDS = Connection.width;

/**
 * Cursors over the rows of all connections. What every message needs stands in the row that the connection log keeps anyway,
 * apart from the rest: so there is room for twice as many in the processor's cache.
 */
export class ConnectionTable {
  readonly #rows: Records;
  readonly #details = new Records(DetailView.width);

  constructor(log: ConnectionLog) {
    this.#rows = log.rows;
  }

  connection(): Connection {
    return new Connection(this.#rows);
  }

  detail(): Detail {
    return new DetailView(this.#details);
  }

  /** Clears the details of a connection that was just opened; its row in the log is new. */
  reset(slot: number): void {
    this.#details.reset(slot);
  }

  seek(connection: Connection, slot: number): void {
    connection.base = slot * this.#rows.width + ROW_START;
  }

  seekDetail(detail: Detail, slot: number): void {
    detail.base = slot * DetailView.width;
  }
}
