/** What a person wrote down for this server: YAML, or JSON, which is YAML as well. */
import { readFileSync, statSync } from 'node:fs';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { causeOf } from './disk-fault.js';

/** Both from 1 on. */
export interface Place {
  line: number;
  column: number;
}

/** `place`: null where it is of the text as a whole. */
export interface YamlFault {
  message: string;
  place: Place | null;
}

export interface ReadYaml {
  value: unknown;
  /** Where what the path names begins; where it is not there, what it should stand in. */
  placeOf: (path: readonly PropertyKey[]) => Place;
}

/** The value of the text, or all that keeps it from being read. */
export function readYaml(text: string): ReadYaml | { faults: YamlFault[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (at: number): Place => {
    const { line, col } = lines.linePos(at);
    return { line, column: col };
  };
  if (document.errors.length > 0)
    return { faults: document.errors.map(({ message, pos }) => ({ message, place: placeAt(pos[0]) })) };
  try {
    // An alias of an alias can be more than the text: none is needed here.
    return { value: document.toJS({ maxAliasCount: 0 }), placeOf: (path) => placeAt(startOf(document, path)) };
  } catch (error) {
    return { faults: [{ message: error instanceof Error ? error.message : String(error), place: null }] };
  }
}

/** As `readYaml`, of a file of at most that many bytes. */
export function readYamlFile(path: string, mostBytes: number): ReadYaml | { faults: YamlFault[] } {
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > mostBytes) return { faults: [{ message: `it is larger than ${mostBytes} bytes`, place: null }] };
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { faults: [{ message: causeOf(error), place: null }] };
  }
  return readYaml(text);
}

/** The fault, with the line where it has one. */
export const told = ({ message, place }: YamlFault): string =>
  place === null ? message : `line ${place.line}: ${message}`;

function startOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const found = document.getIn(path.slice(0, length), true);
    if (isNode(found) && found.range) return found.range[0];
  }
  return 0;
}
