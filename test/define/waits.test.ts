/** Requests that wait for answers in some states alone: what asks there, what must answer something, what is overdue. */
import { expect, test } from 'vitest';
import { defineMessages, defineProtocol, type Exchange, rule, stay, tcp, text, uint } from '../../src/sdk.ts';
import { check, contractProblems, framed, Traffic } from '../../src/testkit.ts';

/**
 * As in SMTP: a LINE is a command, which is answered, until DATA; behind it a line of the mail, which is not, until DOT. An OK in
 * the mail is a word of the server's own.
 */
const messages = defineMessages(uint('type', 1), {
  LINE: ['L', '1', 'is a command, or a line of a mail', text('words', 'rest')],
  DATA: ['D', '2', 'begins a mail'],
  DOT: ['.', '3', 'ends it'],
  OK: ['O', '4', 'answers a command'],
});

type Mail = Exchange<typeof messages, 'reply'>;

const document = { severity: 'error', clause: '1', why: 'The other side cannot know.', example: 'L' } as const;

const unsolicited = rule<Mail>({
  ...document,
  id: 'mail/unsolicited',
  restsOn: 'unseen',
  summary: 'an OK that nothing asked for',
  on: ['OK'],
  check: ({ waits }) => waits.reply.answered,
  describe: () => ({ message: 'nothing waits', expected: 'no OK' }),
});

const unanswered = rule<Mail>({
  ...document,
  id: 'mail/unanswered',
  restsOn: 'unseen',
  atFault: 'receiver',
  summary: 'a command without an answer',
});

const spec = {
  id: 'mail',
  title: 'MAIL',
  summary: 'commands and mails, for tests',
  specification: 'MAIL, edition 1',
  carriers: [tcp('length16')],
  messages,
  machine: {
    states: ['COMMAND', 'MAIL'],
    client: { COMMAND: { LINE: stay, DATA: 'MAIL' }, MAIL: { LINE: stay, DOT: 'COMMAND' } },
    server: { COMMAND: { OK: stay }, MAIL: { OK: stay } },
    otherwise: stay,
    midstream: 'COMMAND',
  },
  rules: [unsolicited, unanswered],
} as const;

const mail = defineProtocol({
  ...spec,
  waits: { reply: { asks: 'LINE', answers: 'OK', in: ['COMMAND'], within: '10s', overdue: unanswered } },
});

const CODES: Readonly<Record<string, string>> = { LINE: '4c', DATA: '44', DOT: '2e', OK: '4f' };

/** `> LINE`, `< OK`, one a frame behind the three of the handshake; `wait` lets a minute pass. */
async function findings(...said: readonly string[]): Promise<readonly string[]> {
  const traffic = new Traffic();
  const talk = traffic.connect('10.0.0.1:1000', '10.0.0.2:25');
  for (const line of said) {
    const [way, name] = line.split(' ');
    if (line === 'wait') traffic.wait(60);
    else if (way === '>') talk.client(framed('length16', CODES[name]));
    else talk.server(framed('length16', CODES[name]));
  }
  talk.close();
  return (await check(mail, traffic, { decodeAs: ['tcp.port==25,mail'] })).findings;
}

test('a wait in some states is part of a protocol', () => {
  expect(contractProblems(mail)).toEqual([]);
});

test('in such a state requests are answered, and an answer to nothing is one', async () => {
  expect(await findings('> LINE', '< OK')).toEqual([]);
  expect(await findings('> LINE', '< OK', '< OK')).toEqual(['mail/unsolicited 6']);
});

test('elsewhere the same message asks for nothing, and an answer need not answer anything', async () => {
  expect(await findings('> DATA', '> LINE', '> LINE', 'wait', '< OK', '> DOT')).toEqual([]);
  expect(await findings('> DATA', '> LINE', '> DOT', '< OK')).toEqual(['mail/unsolicited 7']);
});

test('what was asked in such a state is answered in any other, once', async () => {
  expect(await findings('> LINE', '> DATA', '< OK', '> DOT')).toEqual([]);
  expect(await findings('> LINE', '> DATA', '< OK', '> DOT', '< OK')).toEqual(['mail/unsolicited 8']);
});

test('what was asked in such a state is overdue in any other', async () => {
  expect(await findings('> LINE', '> DATA', 'wait', '> LINE', '> DOT')).toEqual(['mail/unanswered 4']);
});

test('without a state it asks in all of them', async () => {
  const everywhere = defineProtocol({ ...spec, waits: { reply: { asks: 'LINE', answers: 'OK' } } });
  const traffic = new Traffic();
  const talk = traffic.connect('10.0.0.1:1000', '10.0.0.2:25').client(framed('length16', CODES.DATA));
  talk.client(framed('length16', CODES.LINE)).server(framed('length16', CODES.OK)).server(framed('length16', CODES.OK));
  const { findings: found } = await check(everywhere, traffic, { decodeAs: ['tcp.port==25,mail'] });
  expect(found).toEqual(['mail/unsolicited 7']);
});
