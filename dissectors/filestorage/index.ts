/**
 * filestorage: files in small chunks, over libipc. The client says who it is and what it will send, the server says Ok or
 * not, then each chunk is sent and answered.
 */
import { type Dialect, defineProtocol, type TrackerHost, tcp } from '../../src/sdk.ts';
import type { Exchange } from './exchange.ts';
import { HEAD_LENGTH, LAYOUTS } from './layouts.ts';
import { machine, stateOfBoth } from './machine.ts';
import { provocations } from './provocations.ts';
import { beginsWithAuthentication, resync } from './recognition.ts';
import { refusals } from './refusing.ts';
import { replay } from './replaying.ts';
import { ROW_WORDS } from './row.ts';
import { RULES } from './rules.ts';
import { FilestorageTracker } from './tracker.ts';

export default defineProtocol({
  id: 'filestorage',
  title: 'filestorage',
  summary: 'files in small chunks, announced first and each answered, as JSON over libipc',
  specification: 'filestorage protocol, 2019-12-18',
  carriers: [tcp('libipc')],
  recognition: `the client's first message is a libipc DATA of user type 1 that begins with { and soon holds "token"`,
  dialect: [
    {
      name: 'edition',
      kind: 'choice',
      values: ['auto', '2019-12', '2020-01'],
      default: 'auto',
      meaning: 'which messages there are; auto tells it from the members of the AUTHENTICATION',
    },
    {
      name: 'idField',
      kind: 'choice',
      values: ['message-id', 'mid', 'either'],
      default: 'message-id',
      meaning: 'what the message id is called in 2019-12; the first programs call it mid, as 2020-01 does',
    },
    {
      name: 'token',
      kind: 'choice',
      values: ['jwt', 'any'],
      default: 'jwt',
      meaning: 'what the token must be in 2019-12; the first programs send an object',
    },
    { name: 'tokenKey', kind: 'key', default: '', meaning: 'key that tokens are signed with in 2019-12' },
    {
      name: 'answerTimeout',
      kind: 'seconds',
      default: '30s',
      meaning: 'capture time after which a request counts as unanswered',
    },
  ],
  messages: LAYOUTS,
  machine,
  rules: RULES,
  rowWords: ROW_WORDS,
  stateOfBoth,
  opensWith: { client: beginsWithAuthentication },
  resync,
  mended: ({ length }) => (length >= HEAD_LENGTH ? { length: length - HEAD_LENGTH } : {}),
  dialectProblem,
  replay,
  provocations,
  refusals,
  isDivisible: true,
  createTracker: (host: TrackerHost<Exchange>) => new FilestorageTracker(host),
});

function dialectProblem(dialect: Dialect): string | undefined {
  if (dialect.key('tokenKey') === undefined) return undefined;
  if (dialect.choice('token') === 'any')
    return 'tokenKey is used only where tokens are JWTs: --dialect filestorage.token=jwt';
  if (dialect.choice('edition') === '2020-01')
    return 'tokenKey is used only with the edition 2019-12, whose tokens are signed';
  return undefined;
}
