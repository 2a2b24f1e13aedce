import type { DetailedError } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyFault } from './engine.js';
import { type Place, placeOfByte } from './source.js';

/** A set of policies cannot be used: each fault with its file, line and column. */
export class PolicyFaults extends Error {
  override readonly name = 'PolicyFaults';

  constructor(readonly faults: readonly PolicyFault[]) {
    super(faults.map(faultLine).join('\n'));
  }
}

/** As compilers write it: `file:line:column: message`. */
export function faultLine({ file, line, column, message }: PolicyFault): string {
  const place = line === null ? '' : column === null ? `:${line}` : `:${line}:${column}`;
  return `${file}${place}: ${message}`;
}

export function faultAt(file: string, place: Place | null, message: string): PolicyFault {
  return { file, line: place?.line ?? null, column: place?.column ?? null, message };
}

/** So many are told; whoever has mended these is told more. */
export const MOST_FAULTS = 100;

/** What the engine says of the text of a file, each thing once: it says it anew for every action that it is true of. */
export function faultsOf(file: string, text: string, errors: readonly DetailedError[]): PolicyFault[] {
  const faults = new Map<string, PolicyFault>();
  for (const error of errors.flatMap(withRelated)) {
    if (faults.size >= MOST_FAULTS) break;
    const [where] = error.sourceLocations ?? [];
    const fault = faultAt(file, where ? placeOfByte(text, where.start) : null, said(error, where?.label ?? null));
    const key = `${fault.line}:${fault.column}:${error.help ?? fault.message}`;
    if (!faults.has(key)) faults.set(key, fault);
  }
  return [...faults.values()];
}

function withRelated(error: DetailedError): DetailedError[] {
  return [error, ...(error.related ?? []).flatMap(withRelated)];
}

function said({ message, help }: DetailedError, label: string | null): string {
  const bare = message
    .replace(/^failed to parse (?:policies|schema) from string: (?:error parsing schema: )?/, '')
    .replace(/ in context for Action::"[^"]*" not found$/, ' is not among the facts');
  const whole = [bare, label, help].filter((part) => part !== null && part !== '').join('; ');
  // The engine numbers policies; here they are told by where they stand.
  return whole.replace(/for policy `policy\d+`, /g, '').replace(/\s+/g, ' ');
}
