import { named, type Outgoing, type OutgoingFacets, runIdOf } from '../events/outgoing.js';
import type { ManifestNode, RunResult, SourceResults } from './artifacts.js';
import { dbtJob } from './jobs.js';
import { type Assertion, assertionOf, expectedOf, freshnessOf, severityOf } from './quality.js';
import { engineFacet, runFacets, type Span, spanOf, timeOf, wholeOf } from './runs.js';
import type { Saying } from './table-events.js';

interface Tried {
  test: ManifestNode;
  result: RunResult;
}

/** The results of tests: by the table they are of, and singular ones by themselves too, as dbt-ol reports them. */
export function testEvents(saying: Saying): Outgoing[] {
  const { project } = saying;
  const tried = project.tests.flatMap((test) => {
    const result = project.results.get(test.unique_id);
    return result === undefined ? [] : [{ test, result }];
  });
  const byTable = new Map<string, Tried[]>();
  for (const each of tried) {
    const table = project.testedBy(each.test);
    if (table !== null) byTable.set(table.unique_id, [...(byTable.get(table.unique_id) ?? []), each]);
  }
  return [
    ...[...byTable].flatMap(([id, tests]) => testsOfTable(saying, id, tests)),
    ...tried.filter(({ test }) => test.test_metadata == null).flatMap((each) => singularTest(saying, each)),
  ];
}

function testsOfTable(saying: Saying, id: string, tests: readonly Tried[]): Outgoing[] {
  const { project } = saying;
  const table = project.node(id);
  const found = tests.flatMap(({ test, result }) => {
    const assertion = assertionOf(test, result);
    return assertion === null ? [] : [{ assertion, span: spanOf(result.timing, saying.resultsAt) }];
  });
  if (table === null || found.length === 0) return [];
  const assertions = found.map(({ assertion }) => assertion);
  const span = wholeOf(
    found.map((each) => each.span),
    saying.resultsAt,
  );
  const facets = runFacets(project, saying.invocation, saying.facet);
  return observed(saying, { name: project.testJobOf(table), table, assertions, span, facets });
}

/** A run that looked at a table, and what it found. */
function observed(
  { project, events, facet, invocation }: Saying,
  of: {
    name: string;
    table: ManifestNode;
    assertions: readonly Assertion[];
    span: Span;
    facets: OutgoingFacets;
    of?: string;
  },
): Outgoing[] {
  const job = dbtJob(project, of.name, 'TEST', facet);
  const dataset = project.datasetOf(of.table);
  const run = { runId: runIdOf('dbt', of.of ?? invocation.runId, job.namespace, job.name), job, facets: of.facets };
  const dataQualityAssertions = facet('DataQualityAssertionsDatasetFacet', { assertions: of.assertions });
  const stops = of.assertions.some(({ success, severity }) => !success && severity !== 'warn');
  return [
    events.run({ ...run, eventTime: of.span.began, eventType: 'START', inputs: [dataset], outputs: [] }),
    events.run({
      ...run,
      eventTime: of.span.ended,
      eventType: stops ? 'FAIL' : 'COMPLETE',
      inputs: [{ ...dataset, inputFacets: { dataQualityAssertions } }],
      outputs: [],
    }),
  ];
}

/** A test that is a query of its own, and may be of several tables. */
function singularTest(saying: Saying, { test, result }: Tried): Outgoing[] {
  const { project, events, facet, invocation } = saying;
  if (assertionOf(test, result) === null) return [];
  const { began, ended } = spanOf(result.timing, saying.resultsAt);
  const job = dbtJob(project, test.unique_id, 'TEST', facet);
  const inputs = project.readBy(test.depends_on?.nodes ?? []).map((each) => named(project.datasetOf(each)));
  const severity = severityOf(test);
  const counted =
    result.failures == null ? {} : { expected: expectedOf(test, severity), actual: String(result.failures) };
  const content = result.compiled_code ?? test.compiled_code;
  const told = {
    name: test.unique_id,
    status: result.status === 'pass' ? 'pass' : 'fail',
    severity,
    type: 'singular',
    ...counted,
    ...(content == null ? {} : { content, contentType: 'sql' }),
  };
  const run = { runId: runIdOf('dbt', invocation.runId, job.namespace, job.name), job, inputs, outputs: [] };
  const facets = runFacets(project, invocation, facet);
  const end = ['pass', 'warn'].includes(result.status) ? 'COMPLETE' : 'FAIL';
  const tests = facet('TestRunFacet', { tests: [told] });
  return [
    events.run({ ...run, eventTime: began, eventType: 'START', facets }),
    events.run({ ...run, eventTime: ended, eventType: end, facets: { ...facets, test: tests } }),
  ];
}

/** Whether sources are fresh: a run of its own, of another call of dbt. */
export function freshnessEvents(saying: Saying, { metadata, results }: SourceResults): Outgoing[] {
  const { project, facet } = saying;
  const generatedAt = timeOf(metadata.generated_at) ?? saying.manifestAt;
  return results.flatMap((result) => {
    const table = project.node(result.unique_id);
    const assertion = freshnessOf(result);
    if (table === null || assertion === null) return [];
    const name = `${project.pathOf(table, table.unique_id)}.freshness`;
    const span = spanOf(result.timing, timeOf(result.snapshotted_at) ?? generatedAt);
    const of = metadata.invocation_id ?? generatedAt;
    return observed(saying, { name, table, assertions: [assertion], span, facets: engineFacet(project, facet), of });
  });
}
