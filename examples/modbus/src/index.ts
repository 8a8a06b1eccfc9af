/** Modbus/TCP: requests to a device, and their responses. The specification in short is in the README. */
import { defineProtocol, lengthFraming, type MachineSpec, stay, tcp } from 'wirelint/sdk';
import { messages, REQUESTS, RESPONSES } from './messages.ts';
import { rules } from './rules.ts';

/** The length stands at byte 4, counts what is behind it, and stays in view with all that is before it. */
const framing = lengthFraming({ bytes: 2, offset: 4, longest: 260 });

type Names = (typeof REQUESTS)[number] | (typeof RESPONSES)[number];
type Table = MachineSpec<'OPEN', Names>['client'];
const all = (names: readonly Names[]): Table => ({ OPEN: Object.fromEntries(names.map(name => [name, stay])) });

export default defineProtocol({
  id: 'modbus',
  title: 'Modbus/TCP',
  summary: 'reads and writes the bits and registers of devices',
  specification: 'Modbus/TCP',
  carriers: [tcp(framing)],
  // Any transaction; protocol 0; a length of two digits at most, which the functions known here have.
  opensWith: { client: '.... 0000 0006 .. 01 | .... 0000 0006 .. 02 | .... 0000 0006 .. 03 | .... 0000 0006 .. 04' },
  recognition: 'a request to read as the first bytes of the client',
  messages,
  machine: { states: ['OPEN'], client: all(REQUESTS), server: all(RESPONSES), otherwise: stay },
  opening: [],
  mended: (message, { fields, fixedLength }): Readonly<Record<string, number>> =>
    Object.hasOwn(fields, 'byteCount') ? { byteCount: Math.max(0, message.length - fixedLength) } : {},
  waits: { response: { asks: REQUESTS, answers: RESPONSES, by: ['transaction', 'unit'], notes: ['type', 'quantity'] } },
  rules,
});
