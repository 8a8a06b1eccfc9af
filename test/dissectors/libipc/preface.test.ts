/** The preface of the TCP bridge: recognised by its bytes alone, whichever of them have come. */
import { describe, expect, test } from 'vitest';
import libipc from '../../../dissectors/libipc/index.ts';
import { Dialect } from '../../../src/dialect.ts';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
const DATA = '\x02\0\0\0\x02\x01{}';

function preface(client: string, server: string, how = 'auto', ended = false) {
  const dialect = new Dialect(libipc.framing?.dialect ?? [], new Map([['preface', how]]));
  const answer = libipc.framing?.preface?.({ client: bytes(client), server: bytes(server) }, dialect, ended);
  return typeof answer === 'object' ? [answer.client, answer.server] : answer;
}

describe('auto', () => {
  test.each([
    ['a name, its answer and messages', `filestorage${DATA}`, `OK${DATA}`, [11, 2]],
    ['a name and its answer', 'filestorage', 'OK', 'more'],
    ['a name alone', 'filestorage', '', 'more'],
    ['a name and half an answer', `filestorage${DATA}`, 'O', 'more'],
    ['a name that is answered otherwise', 'filestorage', 'NO', undefined],
    ['a name that is answered by a message', `filestorage${DATA}`, DATA, undefined],
    ['messages', DATA, DATA, undefined],
    ['a message', DATA, '', undefined],
    ['a message, answered by text', DATA, 'OK', undefined],
    ['a line', 'filestorage\r\n', 'OK', undefined],
    ['what only the server has said', '', 'OK', 'more'],
    ['a message of the server', '', DATA, undefined],
    ['nothing', '', '', 'more'],
    ['the longest name', `${'n'.repeat(255)}${DATA}`, 'OK', [255, 2]],
    ['a name that is too long', `${'n'.repeat(256)}${DATA}`, 'OK', undefined],
    ['text without an end', 'n'.repeat(256), '', undefined],
  ])('%s', (_, client, server, answer) => {
    expect(preface(client, server)).toEqual(answer);
  });

  test.each([
    ['a name alone', 'filestorage', '', [11, 0]],
    ['a name and its answer', 'filestorage', 'OK', [11, 2]],
    ['half an answer', `filestorage${DATA}`, 'O', [11, 1]],
    ['the answer to a name that was not captured', '', `OK${DATA}`, [0, 2]],
    ['messages', DATA, DATA, undefined],
    ['nothing', '', '', undefined],
  ])('when no more will come: %s', (_, client, server, answer) => {
    expect(preface(client, server, 'auto', true)).toEqual(answer);
  });

  test.each([
    [`filestorage${DATA}`, `OK${DATA}`],
    [DATA, DATA],
    [`filestorage${DATA}`, `NO${DATA}`],
    ['GET / HTTP/1.1\r\n', 'HTTP/1.1 200'],
  ])('%j and %j are recognised the same in any pieces, or not yet', (client, server) => {
    const whole = preface(client, server);
    for (let seen = 0; seen <= client.length; seen++) {
      for (let answered = 0; answered <= server.length; answered++) {
        const answer = preface(client.slice(0, seen), server.slice(0, answered));
        if (answer !== 'more') expect({ seen, answered, answer }).toEqual({ seen, answered, answer: whole });
      }
    }
  });
});

test('none: there is never any', () => {
  expect(preface(`filestorage${DATA}`, 'OK', 'none')).toBeUndefined();
});

describe('tcpd: there is one', () => {
  test.each([
    [`filestorage${DATA}`, `OK${DATA}`, [11, 2]],
    [`${'n'.repeat(300)}${DATA}`, 'OK', [300, 2]],
    [`filestorage${DATA}`, DATA, [11, 0]],
    ['filestorage', 'OK', 'more'],
    ['', '', 'more'],
  ])('%j and %j', (client, server, answer) => {
    expect(preface(client, server, 'tcpd')).toEqual(answer);
  });

  test('or what is left of it', () => {
    expect(preface('files', '', 'tcpd', true)).toEqual([5, 0]);
  });
});
