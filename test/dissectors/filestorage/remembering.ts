/** The tables of a filestorage tracker, and connections in them, without the tracker. */
import { Connection } from '../../../dissectors/filestorage/connection.ts';
import { Files } from '../../../dissectors/filestorage/files.ts';
import { Identifiers } from '../../../dissectors/filestorage/identifiers.ts';
import { Requests } from '../../../dissectors/filestorage/requests.ts';
import { ROW_WORDS } from '../../../dissectors/filestorage/row.ts';
import { ConnectionLog } from '../../../src/protocol/connections.ts';
import { type BoundName, DEFAULT_LIMITS, type Limits } from '../../../src/protocol/limits.ts';
import { Message } from '../../../src/wire/message.ts';

export interface Remembering {
  readonly identifiers: Identifiers;
  readonly requests: Requests;
  readonly files: Files;
  /** Bounds that were hit, one name for each time. */
  readonly hits: readonly BoundName[];
  /** Opens a connection; each is a cursor of its own. */
  open(): Connection;
}

export function remembering(limits: Partial<Limits> = {}): Remembering {
  const hits: BoundName[] = [];
  const bounds = {
    seed: 1,
    limits: { ...DEFAULT_LIMITS, ...limits },
    limitHit: (bound: BoundName) => hits.push(bound),
  };
  const log = new ConnectionLog(0, { protocol: 'filestorage', endpoint: () => '' }, () => 1, 0, ROW_WORDS);
  const files = new Files(bounds);
  const requests = new Requests(bounds, files);
  const open = () => new Connection(log, requests, files).seek(log.open(0, 0, new Message()));
  return { identifiers: new Identifiers(bounds), requests, files, hits, open };
}
