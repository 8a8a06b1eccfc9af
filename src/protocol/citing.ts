/** How clauses cite numbered statements: `MQTT-2.2.2-1, MQTT-3.6.1-1`, with other words among them or without. */

/** The words of a clause, any of which may be a statement's number. */
export function citesOf(clause: string): readonly string[] {
  return clause.split(/[\s,;()[\]]+/).filter(word => word !== '');
}

/** What all numbers of a kind have in common: `MQTT-0.0.0-0` of `MQTT-3.1.0-1`. */
export function shapeOf(word: string): string {
  return word.replace(/\d+/g, '0');
}
