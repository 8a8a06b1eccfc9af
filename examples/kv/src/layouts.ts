/** The messages of KV, byte by byte: clause 2 of the specification in the README. */
import { defineLayout, type Layout } from 'wirelint/sdk';

/** Every message begins with its type. */
const type = (code: number, name: string) =>
  ({
    name: 'type',
    title: 'Type',
    offset: 0,
    size: 1,
    kind: 'uint',
    labels: { [code]: name },
    meaning: 'what kind of message this is',
    clause: '2',
    brief: false,
  }) as const;

/** Requests and answers have an id behind the type. */
const id = (clause: string) =>
  ({
    name: 'id',
    title: 'Id',
    offset: 1,
    size: 2,
    kind: 'uint',
    meaning: 'tells which answer belongs to which request',
    clause,
  }) as const;

export const HELLO = defineLayout({
  name: 'HELLO',
  code: 1,
  meaning: 'opens the conversation',
  clause: '2.1',
  fields: [
    type(1, 'HELLO'),
    { name: 'magic', title: 'Magic', offset: 1, size: 2, kind: 'text', meaning: 'the letters KV', clause: '2.1' },
    { name: 'version', title: 'Version', offset: 3, size: 1, kind: 'uint', meaning: 'always 1', clause: '2.1' },
  ],
});

export const GET = defineLayout({
  name: 'GET',
  code: 2,
  meaning: 'asks for the value of a key',
  clause: '2.2',
  fields: [
    type(2, 'GET'),
    id('2.2'),
    { name: 'key', title: 'Key', offset: 3, size: 'rest', kind: 'text', meaning: 'what is looked up', clause: '2.2' },
  ],
});

export const VALUE = defineLayout({
  name: 'VALUE',
  code: 3,
  meaning: 'answers with the value',
  clause: '2.3',
  fields: [
    type(3, 'VALUE'),
    id('2.3'),
    { name: 'value', title: 'Value', offset: 3, size: 'rest', kind: 'text', meaning: 'what was found', clause: '2.3' },
  ],
});

export const ERROR = defineLayout({
  name: 'ERROR',
  code: 4,
  meaning: 'answers that there is no value',
  clause: '2.4',
  fields: [
    type(4, 'ERROR'),
    id('2.4'),
    {
      name: 'reason',
      title: 'Reason',
      offset: 3,
      size: 1,
      kind: 'uint',
      labels: { 1: 'no such key', 2: 'busy' },
      meaning: 'why there is none',
      clause: '2.4',
    },
  ],
});

export const BYE = defineLayout({
  name: 'BYE',
  code: 5,
  meaning: 'says that no request will follow',
  clause: '2.5',
  fields: [type(5, 'BYE')],
});

export const LAYOUTS = [HELLO, GET, VALUE, ERROR, BYE];

/** May a message of this kind have so many bytes? */
export function fits({ fixedLength, open }: Layout, length: number): boolean {
  return open ? length >= fixedLength : length === fixedLength;
}
