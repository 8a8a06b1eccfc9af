/** One line a finding, for editors, `grep` and problem matchers: `FILE:FRAME: severity RULE: text`. */
import { visibleAtLineStart } from '../wire/escape.ts';
import { captureNames } from './cases.ts';
import type { FormatInput, Renderer } from './format.ts';
import { counted } from './numbers.ts';

export const compact: Renderer = { render: compactReport };

function* compactReport({ report, tool, troubles, quiet }: FormatInput): Generator<string> {
  const names = captureNames(report);
  for (const { capture, frame, severity, ruleId, message } of report.findings) {
    if (quiet && severity !== 'error') continue;
    yield line(`${names[capture] ?? ''}:${frame}: ${severity} ${ruleId}: ${message}`);
  }
  for (const text of troubles) yield line(`${tool.name}: ${text}`);
  const { findings } = report.omitted;
  if (findings > 0) yield line(`${tool.name}: ${counted(findings, 'more finding')} not listed (--max-findings)`);
}

const line = (text: string) => `${visibleAtLineStart(text)}\n`;
