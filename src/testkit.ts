/**
 * What tests of a protocol may import, ours or a third party's: traffic to write down, the engine to check it with, and
 * the contract. It belongs to no framework: everything is a function of its arguments and returns plain data.
 *
 *     import { check, contractProblems, Traffic } from 'wirelint/testkit';
 *
 *     test('kv is a protocol', () => assert.deepEqual(contractProblems(kv), []));
 */

export type { ConnectionReport } from './lint/verdict.ts';
export { contractProblems } from './protocol/contract.ts';
export type { RunReport } from './report/run-report.ts';
export { concat, hex, uint16, uint32 } from './testkit/bytes.ts';
export { type CheckOptions, type CheckResult, check, type Dissected } from './testkit/check.ts';
export { framed } from './testkit/framed.ts';
export { type Bytes, type SendOptions, type TcpConversation, Traffic } from './testkit/traffic.ts';
