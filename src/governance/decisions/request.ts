import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../audit/record/canonical-json.js';
import { readStoredAs } from '../../json/stored.js';

const GOES_ON = [
  'launchTraining',
  'deployModel',
  'promoteRelease',
  'rollbackRelease',
  'publishDatasetVersion',
  'publishModelVersion',
  'retireAsset',
] as const;

/** What was asked for, as it is done once it is approved: a mutation and its input, in which no secret stands. */
export interface AskedFor {
  mutation: (typeof GOES_ON)[number];
  input: Readonly<Record<string, unknown>>;
}

/** What is larger is not kept: it is to be sent again. */
const MOST_CHARACTERS = 65_536;
/** By these no request is another one. */
const BESIDE: ReadonlySet<string> = new Set(['idempotencyKey', 'reason', 'dryRun']);

/** As text, whole numbers beyond those of JSON included; null: it is too large to be kept. */
export function storedRequest({ mutation, input }: AskedFor): string | null {
  const text = JSON.stringify({ mutation, input }, (_key, value: unknown) =>
    typeof value === 'bigint' ? { $bigint: value.toString() } : value,
  );
  return text.length > MOST_CHARACTERS ? null : text;
}

const stored = z.object({ mutation: z.enum(GOES_ON), input: z.record(z.string(), z.unknown()) });

/** null: nothing that can be done. */
export function readRequest(text: string | null): AskedFor | null {
  if (text === null) return null;
  const read = readStoredAs<AskedFor | null>(text, stored, () => null);
  return read && { mutation: read.mutation, input: withBigInts(read.input) as AskedFor['input'] };
}

/** SHA-256 by which the same request is known when it comes again. */
export function requestDigestOf({ mutation, input }: AskedFor): string {
  const told = Object.entries(input).filter(([name, value]) => !BESIDE.has(name) && value != null);
  const text = canonicalJson({ mutation, input: asText(Object.fromEntries(told)) });
  return createHash('sha256').update(text).digest('hex');
}

/** As JSON, with whole numbers beyond those of JSON as texts. */
export function shownInJson({ mutation, input }: AskedFor): unknown {
  return { mutation, input: asText(input) };
}

function asText(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(asText);
  if (!isRecord(value)) return value;
  const told = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(told.map(([name, each]) => [name, asText(each)]));
}

function withBigInts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBigInts);
  if (!isRecord(value)) return value;
  const { $bigint } = value;
  if (typeof $bigint === 'string' && Object.keys(value).length === 1) return BigInt($bigint);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withBigInts(each)]));
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
