import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { catalogueOf } from '../../src/filter/catalogue.ts';
import { complete } from '../../src/filter/complete.ts';
import { catalogue } from './post.ts';

/** Candidates at the end of the text, or at `|`. */
function offered(text: string): readonly string[] {
  const cursor = text.includes('^') ? text.indexOf('^') : text.length;
  return complete(text.replace('^', ''), cursor, catalogue).candidates;
}

describe('a field', () => {
  test.each(['', '!', '! ', '(', 'not ', 'frame && ', 'frame == 1 || (', 'frame in {1} and '])(
    'may stand after %j',
    text => {
      expect(offered(text)).toEqual(expect.arrayContaining(['type', 'post', 'toy', 'severity', 'not']));
      expect(offered(text)).not.toContain('post.weight');
    },
  );

  test('of a protocol, once it is named', () => {
    expect(offered('post.')).toContain('post.weight');
    expect(offered('frame && post.w')).toEqual(['post.weight']);
    expect(offered('post.w')).toEqual(['post.weight']);
  });

  test('is completed at its beginning', () => {
    expect(offered('se')).toEqual(['server', 'severity']);
  });
});

describe('a member of JSON', () => {
  const seen = () => ['mid', 'files', 'files[*].name', '["odd name"]'];
  const known = catalogueOf(protocols);
  const offers = (text: string) => complete(text, text.length, known, seen).candidates;

  test('is offered where messages were seen to have it', () => {
    expect(complete('post.content.', 13, catalogue, seen).candidates).toEqual([
      'post.content.mid',
      'post.content.files',
      'post.content.files[*].name',
    ]);
    expect(complete('post.content[', 13, catalogue, seen).candidates).toEqual([
      'post.content[*]',
      'post.content["odd name"]',
    ]);
  });

  test('is offered where the protocol names it, and only behind its field', () => {
    expect(offers('filestorage.payload.uploads[0].file.d')).toEqual(['filestorage.payload.uploads[0].file.digest']);
    expect(offers('filestorage.payload.m').filter(name => name.endsWith('.mid'))).toEqual(['filestorage.payload.mid']);
    expect(offers('filestorage.len')).toEqual(['filestorage.length']);
  });
});

describe('a field by the name that Wireshark has for it', () => {
  test('is not offered, and its operators and values are', () => {
    expect(offered('ip')).toEqual([]);
    expect(offered('frame.number ')).toContain('<=');
    expect(complete('mqtt.msgtype == CONN', 20, catalogueOf(protocols)).candidates).toEqual(['CONNECT', 'CONNACK']);
  });
});

describe('an operator', () => {
  test.each([
    ['frame ', ['==', '!=', '<', '<=', '>', '>=', 'in', '&&', '||']],
    ['frame >', ['>', '>=']],
    ['frame!', ['!=']],
    ['type ', ['==', '!=', 'contains', '~', 'in', '&&', '||']],
    ['type con', ['contains']],
    ['post.tag ', ['==', '!=', 'in', '&&', '||']],
    ['finding ', ['&&', '||']],
    ['post.content.files[0].name con', ['contains']],
    ['frame == 1 ', ['&&', '||']],
    ['(frame == 1) ', ['&&', '||']],
    ['(frame == 1 ', ['&&', '||', ')']],
    ['frame == 1 &', ['&&']],
    ['frame in ', ['{']],
    ['frame in {1 ', [',', '..', '}']],
  ])('%j', (text, candidates) => {
    expect(offered(text)).toEqual(candidates);
  });
});

describe('a value', () => {
  test.each([
    ['type == ', ['LETTER', '"PARCEL (big)"', 'HELLO', 'TEXT', 'BYE']],
    ['type == PAR', ['"PARCEL (big)"']],
    ['type in {LETTER, H', ['HELLO']],
    ['state == T', ['TALKING']],
    ['severity >= ', ['info', 'warning', 'error']],
    ['direction eq c', ['client']],
    ['protocol==p', ['post']],
    ['post.type == ', ['LETTER', 'PARCEL']],
    ['post.content.ok == t', ['true']],
    ['frame == ', []],
  ])('%j', (text, candidates) => {
    expect(offered(text)).toEqual(candidates);
  });

  test('rules by their ids', () => {
    expect(offered('rule == toy/h')).toEqual(['toy/hello-first']);
  });
});

test('what stands behind the cursor does not matter, and the part begun is returned', () => {
  expect(complete('frame && sev == error', 12, catalogue)).toEqual({ from: 9, candidates: ['severity'] });
  expect(offered('frame && s^ (((')).toContain('state');
});

test.each(['type == "DAT', 'frame ) ', 'frame 5 ', 'type == = ', '"x" ', 'frame in 5 '])(
  'nothing is offered after %j',
  text => {
    expect(offered(text)).toEqual([]);
  },
);
