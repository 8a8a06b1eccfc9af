/** Rules across connections are errors where all that the broker ever did was captured. */
import { describe, expect, test } from 'vitest';
import { judgeNet, type Scene, scene } from '../../../kit/mqtt-judge.ts';
import { MqttNet } from '../../../kit/mqtt-net.ts';
import { ping, SEES_BROKER } from './house.ts';

const severities = (talk: (stage: Scene) => void, options = {}) => {
  const stage = scene(4, new MqttNet({ acks: 'once' }));
  talk(stage);
  const { findings, report } = judgeNet(stage.net, options);
  const { errors, warnings } = report.summary;
  return [...findings.map(({ ruleId, severity }) => `${ruleId} ${severity}`), `${errors} and ${warnings}`];
};

const lost = ({ open, kept }: Scene) => {
  open(kept()).close('client');
  open(kept());
};
const resurrected = ({ open, kept }: Scene) => {
  open().close('client');
  open(kept(), { sessionPresent: true });
};
const answering = (stage: Scene) => {
  const old = stage.open();
  stage.open();
  ping(old, stage);
};
const acknowledging = ({ open, net, m }: Scene) => {
  const old = open();
  open();
  net.wait(31);
  old.client(m.publish());
};

describe.each([
  ['session-lost', lost, 'error'],
  ['session-resurrected', resurrected, 'error'],
  ['takeover-not-closed', answering, 'error'],
  ['takeover-not-closed', acknowledging, 'warning'],
] as const)('%s', (rule, talk, severity) => {
  test(`of ${talk.name}: a warning, and with the whole broker: ${severity}`, () => {
    expect(severities(talk)).toEqual([`mqtt/${rule} warning`, '0 and 1']);
    const counts = severity === 'error' ? '1 and 0' : '0 and 1';
    expect(severities(talk, SEES_BROKER)).toEqual([`mqtt/${rule} ${severity}`, counts]);
  });

  test(`of ${talk.name}: what the user says goes before`, () => {
    const own = { ...SEES_BROKER, severities: { [rule]: 'info' } };
    expect(severities(talk, own)).toEqual([`mqtt/${rule} info`, '0 and 0']);
  });
});
