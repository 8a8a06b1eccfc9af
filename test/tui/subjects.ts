/** The captures that keys are tried on, one a protocol, and what is known of them (`wirelint dissect` and `check`). */

export interface Subject {
  readonly path: string;
  readonly protocol: string;
  readonly connections: number;
  /** Of all connections. */
  readonly messages: number;
  /** The connection that is looked at, from 1. */
  readonly connection: number;
  readonly client: string;
  readonly server: string;
  /** Of its messages. */
  readonly frames: readonly number[];
  /** Rule and frame, in the order of the report. */
  readonly findings: readonly (readonly [rule: string, frame: number])[];
  /** Places in it, in the order of `n`. */
  readonly tour: readonly number[];
  /** Which of them are errors, from 0. */
  readonly errors: readonly number[];
  /** Frame of the answer to its first message, where the protocol has answers. */
  readonly answer?: number;
  /** A filter, the frames of the connection that match, and how many connections have any. */
  readonly filter: { readonly text: string; readonly frames: readonly number[]; readonly connections: number };
  /** Another protocol that its port may be decoded as, and what that changes. */
  readonly decode: { readonly protocol: string; readonly says: string };
  /** A dialect, and what it changes; one that takes it back. */
  readonly dialect?: { readonly set: string; readonly says: string; readonly unset: string; readonly saysBack: string };
  /** The first message has a field with members, this many rows down: what it is called, and a member. */
  readonly fold?: { readonly row: number; readonly name: string; readonly member: string };
}

export const SUBJECTS: readonly Subject[] = [
  {
    path: 'fixtures/mnet/faults.pcap',
    protocol: 'mnet',
    connections: 3,
    messages: 25,
    connection: 2,
    client: '10.0.0.2:5000',
    server: '10.0.0.9:26999',
    frames: [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22],
    findings: [
      ['mnet/ambiguous-reading', 2],
      ['mnet/ambiguous-reading', 5],
      ['mnet/retransmit-differs', 7],
      ['mnet/ack-unsent', 17],
      ['mnet/data-after-shutdown', 20],
      ['mnet/handshake-incomplete', 23],
    ],
    tour: [2, 3, 4, 5, 0, 1],
    errors: [2, 3, 4],
    filter: { text: 'type == DATA', frames: [16, 17, 18, 20], connections: 2 },
    decode: { protocol: 'ministreaming', says: 'run: 6 findings gone, 28 new' },
    dialect: {
      set: 'mnet.byteOrder=big',
      says: 'run: 5 findings gone, 8 new',
      unset: 'mnet.byteOrder=auto',
      saysBack: 'run: 8 findings gone, 5 new',
    },
  },
  {
    path: 'fixtures/ministreaming/faults.pcap',
    protocol: 'ministreaming',
    connections: 5,
    messages: 22,
    connection: 2,
    client: '10.0.0.1:7001',
    server: '10.0.0.2:7654',
    frames: [2, 4, 6, 8, 9, 10],
    findings: [
      ['ministreaming/own-id', 6],
      ['ministreaming/data-after-close', 9],
      ['ministreaming/data-crossing-close', 10],
      ['ministreaming/data-before-ack', 14],
      ['ministreaming/server-id-in-use', 17],
      ['ministreaming/ack-length', 22],
    ],
    tour: [0, 1, 3, 4, 5, 2],
    errors: [0, 1, 3, 4, 5],
    filter: { text: 'rule ~ "ministreaming/*"', frames: [6, 9, 10], connections: 4 },
    decode: { protocol: 'mnet', says: 'run: 6 findings gone, 24 new' },
  },
  {
    path: 'fixtures/filestorage/2020-01-02-pipelined.pcap',
    protocol: 'filestorage',
    connections: 1,
    messages: 10,
    connection: 1,
    client: '127.0.0.1:40001',
    server: '127.0.0.1:9000',
    frames: [4, 6, 8, 10, 12, 14, 17, 19, 21, 23],
    answer: 6,
    findings: [
      ['filestorage/transfer-pipelined', 10],
      ['filestorage/transfer-pipelined', 12],
      ['filestorage/transfer-pipelined', 14],
    ],
    tour: [0, 1, 2],
    errors: [],
    filter: { text: 'type == TRANSFER', frames: [8, 10, 12, 14], connections: 1 },
    decode: { protocol: 'libipc', says: 'run: 3 findings gone' },
    fold: { row: 7, name: 'payload', member: 'mid' },
  },
  {
    path: 'fixtures/filestorage/libipc-pong.pcap',
    protocol: 'libipc',
    connections: 8,
    messages: 18,
    connection: 5,
    client: '127.0.0.1:40005',
    server: '127.0.0.1:9000',
    frames: [44, 46, 48, 50],
    findings: [],
    tour: [],
    errors: [],
    filter: { text: 'connection == 5', frames: [44, 46, 48, 50], connections: 1 },
    decode: { protocol: 'filestorage', says: 'run: 18 findings new' },
  },
];
