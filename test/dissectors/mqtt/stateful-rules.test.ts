import { describe, expect, test } from 'vitest';
import { MALFORMED_ACCEPTED_LOOKS_AT } from '../../../dissectors/mqtt/rules/closing.ts';
import { BAD_CONNECT } from '../../../dissectors/mqtt/rules/connecting.ts';
import { remainingLengthMalformed, truncated } from '../../../dissectors/mqtt/rules/framing.ts';
import { OVERDUE } from '../../../dissectors/mqtt/rules/overdue.ts';
import { STATEFUL_RULES } from '../../../dissectors/mqtt/stateful-rules.ts';
import { TYPE, V5, V311 } from '../../../dissectors/mqtt/terms.ts';
import { AWAITED } from '../../../dissectors/mqtt/waits.ts';
import type { RuleDocument } from '../../../src/sdk.ts';

/** id | severity | at fault | rests on | 3.1.1 | 5.0 */
const CATALOGUE = `
  remaining-length-malformed | error | sender | bytes | §2.2.3 | §1.5.5
  truncated | warning | sender | seen | §2.2.3 | §2.1.4
  maximum-packet-size | error | sender | seen |  | 3.1.2-24, 3.2.2-15
  optional-property-too-large | error | sender | seen |  | 3.2.2-19, 3.2.2-20, 3.4.2-2, 3.4.2-3, 3.5.2-2, 3.5.2-3, 3.6.2-2, 3.6.2-3, 3.7.2-2, 3.7.2-3, 3.9.2-1, 3.9.2-2, 3.11.2-1, 3.11.2-2, 3.14.2-3, 3.14.2-4, 3.15.2-2, 3.15.2-3
  session-expiry-raised | error | sender | seen |  | §3.14.2.2.2
  problem-information | error | sender | seen |  | 3.1.2-29
  response-information | error | sender | seen |  | 3.1.2-28
  connect-not-first | error | sender | unseen | 3.1.0-1 | 3.1.0-1
  connect-repeated | error | sender | seen | 3.1.0-2 | 3.1.0-2
  bad-connect-accepted | error | sender | seen | 3.1.2-3, 3.1.3-8, 3.1.4-1 | 3.1.2-3, 3.1.4-1
  bad-connect-answered | warning | sender | seen | 3.1.4-1 | 
  client-id-refused | warning | sender | seen | 3.1.3-5 | 3.1.3-5
  connect-unanswered | warning | receiver | unseen | 3.1.4-4 | 3.1.4-5
  connack-not-first | error | sender | unseen | 3.2.0-1 | 3.2.0-1
  connack-unsolicited | error | sender | unseen | §3.2 | §3.2
  connack-repeated | error | sender | seen | §3.2 | 3.2.0-2
  session-present-clean | error | sender | seen | 3.1.4-3, 3.2.2-1 | 3.1.2-4, 3.1.4-4, 3.2.2-2
  session-lost | warning | sender | unseen | 3.1.2-4, 3.1.4-3, 3.2.2-2, 4.1.0-1 | 3.1.2-5, 3.1.2-23, 3.2.2-3
  session-resurrected | warning | sender | unseen | 3.1.2-6, 3.2.2-3 | 3.1.2-4, 3.1.2-6, 3.2.2-3, 4.1.0-2
  after-refusal | error | sender | seen | 3.1.4-5, 3.2.2-5 | 3.1.4-6, 3.2.2-7, 4.13.2-1
  refused-not-closed | warning | sender | unseen | 3.1.2-2, 3.1.3-9, 3.2.2-5 | 3.1.2-2, 3.1.3-8, 3.1.4-2, 3.2.2-7, 4.12.0-1, 4.12.0-4, 4.13.2-1
  assigned-client-id-missing | error | sender | seen |  | 3.1.3-6, 3.1.3-7, 3.2.2-16
  assigned-client-id-in-use | warning | sender | unseen |  | 3.1.3-6, 3.2.2-16
  will-unsupported-accepted | error | sender | seen |  | 3.2.2-12, 3.2.2-13
  takeover-not-closed | warning | sender | seen | 3.1.4-2 | 3.1.4-3
  auth-without-method | error | sender | seen |  | 4.12.0-6, 4.12.0-7
  auth-method-mismatch | error | sender | seen |  | 4.12.0-5, 4.12.1-1
  auth-unexpected | error | sender | unseen |  | 4.12.0-2, 4.12.0-3
  auth-packet-before-connack | error | sender | unseen |  | 3.1.2-30
  dup-missing | error | sender | unseen | 2.3.1-3, 3.3.1-1 | 3.3.1-1
  dup-first | error | sender | unseen | 3.3.1-3, 4.3.2-1, 4.3.3-1 | 3.2.2-5, 3.3.1-3, 4.3.2-2, 4.3.3-2
  state-carried-over | warning | sender | unseen | 3.1.2-6 | 3.1.2-4, 3.2.2-5
  packet-id-in-use | error | sender | unseen | 2.3.1-2, 2.3.1-3, 2.3.1-4, 4.3.2-1, 4.3.3-1 | 2.2.1-3, 2.2.1-4, 4.3.2-1, 4.3.2-3, 4.3.3-1, 4.3.3-3
  resume-id-in-use | warning | sender | unseen | 2.3.1-2 | 2.2.1-3, 2.2.1-4
  resent-in-connection | error | sender | seen |  | 4.4.0-1, 4.4.0-2
  publish-after-pubrel | error | sender | unseen | 4.3.3-1 | 4.3.3-6
  pubrel-after-refusal | warning | sender | unseen |  | 4.3.3-4
  resend-order | error | sender | unseen | 4.6.0-1 | 4.6.0-1
  not-resent | warning | sender | unseen | 4.1.0-1, 4.3.2-1, 4.4.0-1 | 4.3.2-3, 4.3.3-5, 4.3.3-7, 4.4.0-1, 4.8.2-4
  topic-alias-too-large | error | sender | seen |  | 3.1.2-26, 3.1.2-27, 3.2.2-17, 3.2.2-18, 3.3.2-9, 3.3.2-11
  topic-alias-unknown | error | sender | unseen |  | 3.3.2-7, §3.3.4
  topic-alias-refused | error | sender | unseen |  | 3.3.2-10, 3.3.2-12
  qos-not-supported | error | sender | seen |  | 3.2.2-11
  retain-not-supported | error | sender | seen |  | 3.2.2-14
  receive-maximum | error | sender | unseen |  | 3.3.4-7, 3.3.4-9, 4.9.0-1, 4.9.0-2
  topic-not-subscribed | warning | sender | unseen | 3.3.2-3, 4.7.3-4 | 3.3.2-3, 4.7.3-4
  dollar-topic-matched | warning | sender | unseen | 4.7.2-1 | 4.7.2-1
  qos-above-granted | warning | sender | unseen | 3.3.5-1, 3.8.4-6 | 3.3.4-2, 3.8.4-8, 4.8.2-3
  retain-flag-unwanted | warning | sender | unseen |  | 3.3.1-11, 3.3.1-12
  subscription-id-unknown | error | sender | unseen |  | §3.3.4
  subscription-id-missing | warning | sender | unseen |  | 3.3.4-3, 3.3.4-4, 3.3.4-5
  ack-unknown-id | error | sender | unseen | 2.3.1-6, 2.3.1-7, 3.8.4-2, 3.10.4-4, 3.10.4-6, 4.3.2-2 | 2.2.1-5, 2.2.1-6, 3.8.4-2, 3.10.4-5, 3.10.4-6, 4.3.3-11
  ack-wrong-type | error | sender | unseen | 3.3.4-1 | 3.3.4-1
  pubrel-unknown-id | error | sender | unseen | 2.3.1-6 | 2.2.1-5
  pubrel-before-pubrec | error | sender | unseen | 4.3.3-1 | 4.3.3-4
  pubcomp-before-pubrel | error | sender | unseen | 4.3.3-2 | 4.3.3-11
  puback-order | error | sender | unseen | 4.6.0-2 | 4.6.0-2
  pubrec-order | error | sender | unseen | 4.6.0-3 | 4.6.0-3
  pubrel-order | error | sender | unseen | 4.6.0-4 | 4.6.0-4
  publish-unanswered | warning | receiver | unseen | 3.3.4-1, 3.3.5-2, 4.3.2-2, 4.3.3-2, 4.5.0-2 | 3.3.4-1, 4.3.2-4, 4.3.3-8, 4.3.3-10, 4.5.0-2, 4.9.0-3
  pubrec-unanswered | warning | receiver | unseen | 3.10.4-3, 4.3.3-1 | 3.10.4-3, 4.3.3-4
  pubrel-unanswered | warning | receiver | unseen | 4.3.3-2 | 4.3.3-11, 4.3.3-13
  wildcard-not-supported | error | sender | seen |  | §3.2.2.3.11
  subscription-id-not-supported | error | sender | seen |  | §3.2.2.3.12
  shared-not-supported | error | sender | seen |  | §3.2.2.3.13
  suback-count | error | sender | seen | 3.8.4-4, 3.8.4-5 | 3.8.4-5, 3.8.4-6
  unsuback-count | error | sender | seen |  | 3.11.3-1, 3.11.3-2
  granted-above-requested | warning | sender | seen | 3.9.3-1 | 3.8.4-7, 3.9.3-1
  subscribe-unanswered | warning | receiver | unseen | 3.8.4-1 | 3.8.4-1
  unsubscribe-unanswered | warning | receiver | unseen | 3.10.4-4, 3.10.4-5 | 3.10.4-4, 3.10.4-5
  ping-unanswered | warning | receiver | unseen | 3.12.4-1 | 3.12.4-1
  pingresp-unsolicited | warning | sender | unseen | §3.13 | §3.13
  keep-alive-exceeded | warning | sender | unseen | 3.1.2-23 | 3.1.2-20, 3.1.2-21, 3.2.2-21
  keep-alive-not-enforced | warning | sender | unseen | 3.1.2-24 | 3.1.2-22, 3.2.2-22
  disconnect-before-connack | error | sender | unseen |  | 3.14.0-1
  after-disconnect | error | sender | seen | 3.14.4-2 | 3.14.4-1
  disconnect-not-closed | warning | sender | unseen | 3.14.4-1 | 3.14.4-2, 4.13.2-1
  limit-unannounced | warning | sender | unseen |  | 3.2.2-9, §3.14.2.1
  malformed-accepted | warning | sender | seen | 2.2.2-2, 3.1.0-2, 3.8.3-4, 3.14.1-1, 4.8.0-1 | 3.1.0-2, 4.13.1-1
  midstream | info | none | bytes |  | 
`
  .trim()
  .split('\n')
  .map(line => line.split('|').map(cell => cell.trim()));

const RULES: readonly RuleDocument[] = [remainingLengthMalformed, truncated, ...STATEFUL_RULES];

function statements({ clause }: RuleDocument, edition: string): string {
  const cited = typeof clause === 'string' ? undefined : clause.find(of => of.edition === edition);
  return cited?.clause.replaceAll('MQTT-', '') ?? '';
}

describe('the stateful rules of MQTT', () => {
  test('are those of the catalogue, each once', () => {
    expect(RULES.map(({ id }) => id).sort()).toEqual(CATALOGUE.map(([id]) => `mqtt/${id}`).sort());
  });

  test.each(CATALOGUE)('%s is %s', (id, severity, atFault, restsOn, v311, v5) => {
    const found = RULES.find(rule => rule.id === `mqtt/${id}`);
    expect(found).toMatchObject({ severity, atFault, restsOn });
    expect([V311, V5].map(edition => statements(found!, edition))).toEqual([v311, v5]);
  });

  test('say in a sentence what each of their clauses demands', () => {
    const says = RULES.flatMap(({ clause }) => (typeof clause === 'string' ? [] : clause.map(cited => cited.says)));
    expect(says.filter(text => !/^[A-Z0-9].*\.$/.test(text ?? ''))).toEqual([]);
  });

  test('have a summary of one line without a full stop', () => {
    expect(RULES.map(({ summary }) => summary).filter(text => text.endsWith('.') || text.includes('\n'))).toEqual([]);
  });

  test('look at packets that there are, and describe what they find', () => {
    const checked = STATEFUL_RULES.filter(({ check }) => check !== undefined);
    expect(checked.flatMap(({ on }) => on ?? ['none']).filter(name => !(name in TYPE))).toEqual([]);
    expect(checked.filter(({ describe: words }) => words === undefined)).toEqual([]);
  });

  test('name one for each thing that is awaited', () => {
    expect(OVERDUE.length).toBe(Object.keys(AWAITED).length);
    expect(OVERDUE[AWAITED.CONNACK].rule.id).toBe('mqtt/connect-unanswered');
    expect(OVERDUE[AWAITED.ACKNOWLEDGEMENT].rule.id).toBe('mqtt/publish-unanswered');
    expect(OVERDUE[AWAITED.PUBREL].rule.id).toBe('mqtt/pubrec-unanswered');
    expect(OVERDUE[AWAITED.PUBCOMP].rule.id).toBe('mqtt/pubrel-unanswered');
    expect(OVERDUE[AWAITED.SUBACK].rule.id).toBe('mqtt/subscribe-unanswered');
    expect(OVERDUE[AWAITED.UNSUBACK].rule.id).toBe('mqtt/unsubscribe-unanswered');
    expect(OVERDUE[AWAITED.PINGRESP].rule.id).toBe('mqtt/ping-unanswered');
    expect(OVERDUE[AWAITED.CLOSE_AFTER_REFUSAL].rule.id).toBe('mqtt/refused-not-closed');
    expect(OVERDUE[AWAITED.CLOSE_AFTER_DISCONNECT].rule.id).toBe('mqtt/disconnect-not-closed');
  });

  test('hold 14 faults of a CONNECT and 24 of any packet for reasons to close', () => {
    expect([BAD_CONNECT.size, MALFORMED_ACCEPTED_LOOKS_AT.size]).toEqual([14, 24]);
    expect(MALFORMED_ACCEPTED_LOOKS_AT.has('mqtt/topic-alias-refused')).toBe(false);
    expect(BAD_CONNECT.has('mqtt/protocol-name')).toBe(false);
  });
});
