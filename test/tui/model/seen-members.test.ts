import { expect, test } from 'vitest';
import { seenMembers } from '../../../src/tui/model/seen-members.ts';
import { historyOf } from '../../kit/history.ts';
import { modelOf } from '../../kit/looking.ts';

test('members of JSON are those of messages near the selected one', async () => {
  const model = modelOf(await historyOf('filestorage/2019-12-auth.pcap'));
  const payload = model.catalogue.get('filestorage.payload')!;
  expect(seenMembers(model, payload)).toEqual(expect.arrayContaining(['mid', 'token', 'files', 'files[*].name']));
  expect(seenMembers(model, model.catalogue.get('filestorage.length')!)).toEqual([]);
});
