import type { ManifestNode, RunResult, SourceResults } from './artifacts.js';

/** A statement about data that was tried, as OpenLineage says it. */
export interface Assertion {
  assertion: string;
  name: string;
  success: boolean;
  column?: string;
  severity: string;
  description?: string;
  expected?: string;
  actual?: string;
  params?: Readonly<Record<string, unknown>>;
}

/** What a test found; null where it was not tried. A warning is a test that failed and stopped nothing. */
export function assertionOf(test: ManifestNode, result: RunResult): Assertion | null {
  if (result.status === 'skipped' || result.status === 'no-op') return null;
  const { column_name: _, model: __, ...params } = test.test_metadata?.kwargs ?? {};
  const column = test.column_name ?? test.test_metadata?.kwargs?.['column_name'];
  const severity = severityOf(test);
  const { failures } = result;
  return {
    assertion: test.test_metadata?.name ?? test.name,
    name: test.name,
    success: result.status === 'pass',
    ...(typeof column === 'string' ? { column } : {}),
    severity,
    ...(test.description == null || test.description === '' ? {} : { description: test.description }),
    ...(failures == null ? {} : { expected: expectedOf(test, severity), actual: String(failures) }),
    ...(Object.keys(params).length === 0 ? {} : { params }),
  };
}

export const severityOf = (test: ManifestNode): string => (test.config?.severity ?? 'error').toLowerCase();

/** How many rows may be found: dbt writes when it is too many, and "!= 0" means that none may. Said as dbt-ol says it. */
export function expectedOf(test: ManifestNode, severity: string): string {
  const limit = (severity === 'warn' ? test.config?.warn_if : test.config?.error_if) ?? '!= 0';
  return limit.replaceAll(' ', '') === '!=0' ? '0' : limit;
}

type Freshness = SourceResults['results'][number];

/** How old the newest row of a source is, against what its owner allows; null where dbt could not ask. */
export function freshnessOf({ status, criteria, max_loaded_at: loaded }: Freshness): Assertion | null {
  if (!['pass', 'warn', 'error'].includes(status)) return null;
  const warning = criteria?.warn_after;
  const isError = status === 'error' || warning?.count == null;
  const limit = isError ? criteria?.error_after : warning;
  return {
    assertion: 'freshness',
    name: 'freshness',
    success: status === 'pass',
    severity: isError ? 'error' : 'warn',
    ...(limit?.count == null || limit.period == null
      ? {}
      : { expected: `younger than ${limit.count} ${limit.period}` }),
    ...(loaded == null ? {} : { actual: loaded }),
  };
}
