import { expect, test } from 'vitest';
import { protocols } from '../../../dissectors/index.ts';
import { catalogueOf } from '../../../src/filter/catalogue.ts';
import { seenMembers } from '../../../src/tui/model/seen-members.ts';
import { completeSought } from '../../../src/tui/model/sought.ts';
import { historyOf } from '../../kit/history.ts';
import { modelOf } from '../../kit/looking.ts';

test('members of JSON are those of messages near the selected one', async () => {
  const model = modelOf(await historyOf('filestorage/2019-12-auth.pcap'));
  const payload = model.catalogue.get('filestorage.payload')!;
  expect(seenMembers(model, payload)).toEqual(expect.arrayContaining(['mid', 'token', 'files', 'files[*].name']));
  expect(seenMembers(model, model.catalogue.get('filestorage.length')!)).toEqual([]);
});

test('they are offered where something is looked for, too', () => {
  const line = 'fields:filestorage.payload.od';
  const offered = completeSought(line, line.length, catalogueOf(protocols), () => ['odd', 'even']);
  expect(offered).toEqual({ from: 'fields:'.length, candidates: ['filestorage.payload.odd'] });
});
