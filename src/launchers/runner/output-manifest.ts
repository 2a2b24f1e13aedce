/** What the manifest of a program says (docs/training-protocol.md, "Output"). */
import { z } from 'zod';
import { jsonObject } from '../../json/object.js';
import { beyondExact, inexactIn } from '../../json/exact-numbers.js';
import { checkJson, JSON_LIMITS } from '../../json/limits.js';
import { type DeclaredFacts, declaredSchema } from '../port/declared.js';
import { asJson } from '../run-folder/program-json.js';
import { messageOf } from '../machine/errno.js';
import { invalid } from '../port/output-refused.js';

export const MANIFEST = 'manifest.json';
export const LARGEST_MANIFEST_BYTES = 1024 * 1024;
const ISSUES_SHOWN = 5;

/** As deep as anything in the catalog; as many entries as so many bytes can hold, written in whatever way. */
const LIMITS = { ...JSON_LIMITS, maxBytes: 4 * LARGEST_MANIFEST_BYTES, maxEntries: LARGEST_MANIFEST_BYTES };

const manifestSchema = z.object({
  model: z.string('"model" must be the path of a file').min(1, '"model" must not be empty').optional(),
  metrics: jsonObject('"metrics" must be an object').default({}),
});

export type Manifest = z.infer<typeof manifestSchema> & { declared: DeclaredFacts };

/** Reads a manifest. Throws `OutputRefused` for one that is not JSON, too deep, or not what a manifest says. */
export function parseManifest(bytes: Buffer): Manifest {
  const value = parseJson(bytes);
  // Before anything that calls itself for each level of it.
  const fault = checkJson(value, LIMITS);
  if (fault !== null) throw invalid(`${MANIFEST} ${fault}.`);
  const [manifest, declared] = [manifestSchema.safeParse(value), declaredSchema.safeParse(value)];
  if (manifest.success && declared.success) return { ...manifest.data, declared: declared.data };
  const issues = [...(manifest.error?.issues ?? []), ...(manifest.success ? (declared.error?.issues ?? []) : [])];
  const messages = new Set(issues.map((issue) => issue.message));
  throw invalid(`${MANIFEST} is not understood: ${[...messages].slice(0, ISSUES_SHOWN).join('; ')}.`);
}

function parseJson(bytes: Buffer): unknown {
  if (bytes.length > LARGEST_MANIFEST_BYTES) {
    throw invalid(`${MANIFEST} has ${bytes.length} bytes; at most ${LARGEST_MANIFEST_BYTES} are read.`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw invalid(`${MANIFEST} is not UTF-8.`, error);
  }
  let value: unknown;
  try {
    value = JSON.parse(asJson(text));
  } catch (error) {
    throw invalid(`${MANIFEST} is not JSON: ${messageOf(error)}.`, error);
  }
  const fault = inexactIn(text);
  if (fault !== null) throw invalid(`${MANIFEST}: the number at ${fault.at} ${beyondExact(fault.digits)}`);
  return value;
}
