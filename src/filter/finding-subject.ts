/** A finding as a filter sees it: what the finding itself holds, long after its message has passed. */
import type { Finding, Timestamp } from '../lint/finding.ts';
import { portOf } from './address.ts';
import type { FilterSubject, GeneralName, Test } from './subject.ts';
import { elapsed } from './time.ts';

export class FindingSubject implements FilterSubject {
  readonly #finding: Finding;
  readonly #origin: Timestamp;

  /** @param origin the time that relative times count from */
  constructor(finding: Finding, origin: Timestamp) {
    this.#finding = finding;
    this.#origin = origin;
  }

  some(field: GeneralName, test: Test): boolean {
    return field === 'time' ? test(elapsed(this.#origin, this.#finding.time)) : someOf(this.#finding, field, test);
  }

  someIn(): boolean {
    return false;
  }
}

/** The values that stand in a finding; fields of messages have none. */
export function someOf(finding: Finding, field: GeneralName, test: Test): boolean {
  switch (field) {
    case 'finding':
    case 'rule':
      return test(finding.ruleId);
    case 'severity':
      return test(finding.severity);
    case 'fault':
      return finding.atFault !== null && test(finding.atFault);
    case 'frame':
      return test(finding.frame);
    case 'protocol':
      return test(finding.protocol);
    case 'connection':
      return test(finding.connection);
    case 'type':
      return test(finding.messageName);
    case 'state':
      return test(finding.state);
    case 'src':
      return test(finding.from);
    case 'dst':
      return test(finding.to);
    case 'addr':
      return test(finding.from) || test(finding.to);
    case 'srcport':
      return somePort(finding.from, test);
    case 'dstport':
      return somePort(finding.to, test);
    case 'port':
      return somePort(finding.from, test) || somePort(finding.to, test);
    default:
      return false;
  }
}

/** The port of a printed endpoint is a value, where it has one. */
export function somePort(endpoint: string, test: Test): boolean {
  const port = portOf(endpoint);
  return port !== undefined && test(port);
}
