import { createHash } from 'node:crypto';
import { canonicalJson } from '../../audit/record/canonical-json.js';
import { newId } from '../../ids.js';
import type { Parameters } from '../../neo4j/statements.js';
import { spelt } from '../../spelling.js';
import type { AssertionResult, Metrics, QualityResult } from './quality.js';

/** How bad the outcome of a test is, for the database to compare: what did not pass and is not said to be a warning, failed. */
const OUTCOMES = { PASSED: 0, WARNED: 1, FAILED: 2 } as const;

/** A result as a row of the statement that keeps it: by its key, of the version, or of the data set where the version is not known. */
export interface ResultRow extends Parameters {
  key: string;
  of: string;
  content: Parameters;
}

/**
 * What a result is kept as. Its key is when it was measured and a digest of all it says; not who sent it, nor when: sent again, by
 * whomever, it is the same result.
 */
export function rowOf(result: QualityResult, now: Date): ResultRow {
  const { datasetId, versionId, reportedById, measuredAt, source, runId, kind } = result;
  const field = maybeSpelt(result.field);
  const facts = result.kind === 'ASSERTION' ? storedAssertion(result) : { metrics: storedMetrics(result.metrics) };
  const at = measuredAt.toISOString();
  const told = { subject: versionId ?? datasetId, at, field, source, runId, kind, ...facts };
  return {
    key: `${at} ${digestOf(told)}`,
    of: versionId ?? datasetId,
    content: {
      ...{ id: newId(), assetId: datasetId, versionId, reportedById, measuredAt, recordedAt: now },
      ...{ field, source, runId, kind, ...facts },
    },
  };
}

function storedAssertion(result: AssertionResult): Parameters {
  const { success, severity, description, expected, observed, source } = result;
  const [assertion, name] = [spelt(result.assertion), maybeSpelt(result.name)];
  const outcome = success ? OUTCOMES.PASSED : severity === 'WARN' ? OUTCOMES.WARNED : OUTCOMES.FAILED;
  return {
    ...{ assertion, success, severity, name, description, expected, observed },
    params: canonicalJson(result.params),
    outcome: BigInt(outcome),
    // Which test it is: the newest of each counts.
    check: digestOf({ source, assertion, name, field: maybeSpelt(result.field) }),
  };
}

/** Names are kept in their one spelling, wherever they come from. */
const maybeSpelt = (name: string | null): string | null => (name === null ? null : spelt(name));

/** As JSON: whole numbers as text, for they may be larger than a number holds exactly. */
function storedMetrics(metrics: Metrics): string {
  const measured = Object.entries(metrics).filter(([, value]) => value !== null);
  return canonicalJson(Object.fromEntries(measured.map(([name, value]) => [name, plain(value)])));
}

const plain = (value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value instanceof Date ? value.toISOString() : value;

const digestOf = (told: Record<string, unknown>): string =>
  createHash('sha256')
    .update(canonicalJson(Object.fromEntries(Object.entries(told).map(([name, value]) => [name, plain(value)]))))
    .digest('hex');
