/**
 * A filter, ready to be asked: read, checked against the catalogue and compiled. Pure: it knows messages and findings, and
 * nothing of where they come from or where its text was typed.
 */
import type { FieldCatalogue } from './catalogue.ts';
import { compile, type Predicate, type SubjectKind } from './compile.ts';
import { parse } from './parser.ts';

/**
 * @param subjects what it will be asked about
 * @returns says of a subject whether it matches; never throws
 * @throws FilterError, and nothing else, whatever the text
 */
export function makeFilter(text: string, catalogue: FieldCatalogue, subjects: SubjectKind): Predicate {
  return compile(parse(text), catalogue, subjects);
}
