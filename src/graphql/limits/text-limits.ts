/**
 * How much of a text, and how many items of a list, an argument or input field takes. The schema tells it and
 * graphql/limits/bounded-arguments.ts refuses more, so that whoever writes a resolver cannot forget it: what is not named here
 * has the limit of its kind. Characters are Unicode code points, as a person counts: an emoji is one, not two.
 */

/** Of a String that has no line below: a word or a line. */
const LINE = 1_000;
/** Of an ID: ours are UUIDs. */
const ID = 255;
/** Of a list without a line below. */
const ITEMS = 1_000;

/** Why something is done, or what for: some sentences. */
const REASON = 2_000;

/** By coordinate, or else by the name of the argument or field. */
const CHARACTERS: Readonly<Record<string, number>> = {
  after: 10_000,
  auditor: 200,
  before: 10_000,
  claimSource: 200,
  command: 131_072,
  consistency: 4_000,
  description: 10_000,
  digest: 255,
  endpoint: 2_000,
  environment: 200,
  error: 10_000,
  externalGroup: 500,
  format: 200,
  gpuType: 100,
  handle: 100,
  idempotencyKey: 200,
  image: 500,
  launcher: 100,
  license: 500,
  namespace: 500,
  namespaces: 500,
  purpose: REASON,
  expected: 10_000,
  observed: 10_000,
  query: 500,
  queue: 100,
  reason: REASON,
  repository: 2_000,
  requestId: 100,
  revision: 255,
  tag: 100,
  newTag: 100,
  addTags: 100,
  removeTags: 100,
  tags: 100,
  task: 200,
  type: 10_000,
  uri: 2_000,
  version: 200,
  'CreateApiTokenInput.name': 200,
  'CreateServiceAccountInput.description': 2_000,
  'CreateServiceAccountInput.name': 200,
  'CreateTeamInput.name': 200,
  'CreateUserInput.name': 200,
  'FieldPairInput.description': 1_000,
  'LineageUntilInput.owners': ID,
  'PolicyFileInput.path': 200,
  'PolicyFileInput.text': 262_144,
  'UploadPolicySetInput.schema': 32_768,
  'ReviewBreakGlassInput.text': REASON,
  'ReportQualityInput.source': 200,
  'Query.namespace(name)': 500,
  'ReportLimitsInput.jobs': 500,
};

/** By coordinate, or else by the name of the argument or field. */
const LENGTHS: Readonly<Record<string, number>> = {
  actions: 100,
  command: 10_000,
  fields: 10_000,
  flows: 1_000,
  ids: 200,
  kinds: 100,
  members: 10_000,
  of: 50,
  owners: 200,
  quantiles: 100,
  refs: 50,
  retryOnExitCodes: 255,
  scopes: 100,
  state: 100,
  states: 100,
  addTags: 100,
  removeTags: 100,
  tags: 100,
  'ClaimFieldLineageInput.flows': 5_000,
  'QualityMetricsInput.fields': 1_000,
  'RetractFieldLineageInput.flows': 5_000,
  'Query.lineageCoverage(namespaces)': 50,
  'Query.orphans(namespaces)': 50,
  'ReportLimitsInput.jobs': 50,
  'UploadPolicySetInput.files': 200,
  'ReportLimitsInput.namespaces': 50,
  'UnownedFilter.namespaces': 50,
};

/** Lists that name what is to be worked on: too many at once is too much work, not a mistake in the input. */
const WORK = new Set([
  'assertions',
  'ids',
  'of',
  'refs',
  'flows',
  'FieldFlowsInput.fields',
  'QualityMetricsInput.fields',
  'Query.lineageCoverage(namespaces)',
  'Query.orphans(namespaces)',
]);

/** An argument or an input field: "Query.search(query)", "FieldInput.name". */
export interface Coordinate {
  name: string;
  path: string;
}

/** Most characters of a String or an ID. */
export function charactersOf({ path, name }: Coordinate, scalar: 'String' | 'ID'): number {
  return CHARACTERS[path] ?? (scalar === 'ID' ? ID : (CHARACTERS[name] ?? LINE));
}

/** Most items of a list. */
export const itemsOf = ({ path, name }: Coordinate): number => LENGTHS[path] ?? LENGTHS[name] ?? ITEMS;

/** Whether more items are LIMIT_EXCEEDED; otherwise they are BAD_USER_INPUT. */
export const isWork = ({ path, name }: Coordinate): boolean => WORK.has(path) || WORK.has(name);
