import { Client } from './client.js';
import { Seed } from './seed.js';
import type { TestWeftline } from './weftline.js';

export const REPORT = 'mutation ($input: ReportQualityInput!) { reportQuality(input: $input) { added repeated } }';
const RESULT = `kind field measuredAt source assertion success severity name description expected observed params
  metrics { rowCount bytes fileCount lastUpdated nullCount distinctCount count sum min max quantiles { quantile value } }
  dataset { id } version { id } reportedBy { id } run { id }`;
export const QUALITY = `query ($ids: [ID!]!, $first: Int, $after: String, $kind: QualityKind, $success: Boolean, $field: String) {
  nodes(ids: $ids) { ... on DatasetVersion {
    qualityStatus { verdict passed warned failed checkedAt }
    quality(first: $first, after: $after, kind: $kind, success: $success, field: $field) {
      totalCount pageInfo { hasNextPage endCursor } nodes { ${RESULT} }
    } } } }`;
const HISTORY = `query ($ref: AssetRef!, $first: Int, $after: String, $last: Int, $assertion: String, $field: String) {
  asset(ref: $ref) { ... on Dataset { qualityHistory(first: $first, after: $after, last: $last, assertion: $assertion, field: $field) {
    totalCount pageInfo { hasNextPage endCursor } nodes { ${RESULT} } } } } }`;
export const NOON = '2026-11-01T12:00:00.000Z';
export const LATER = '2026-11-02T12:00:00.000Z';

export interface Result {
  [name: string]: unknown;
  assertion: string | null;
  measuredAt: string;
}
export interface Page {
  totalCount: number;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  nodes: Result[];
}
interface OfVersion {
  qualityStatus: { verdict: string; passed: number; warned: number; failed: number; checkedAt: string | null };
  quality: Page;
}

/** A test that found nothing wrong. */
export const passed = { assertion: 'not_null', field: 'id', success: true };
const FIELDS = [{ name: 'id' }, { name: 'amount' }];

/** A data set that is published. */
export interface Published {
  dataset: string;
  version: string;
}

/** What tests of quality do, in the words of the owner of the data unless of somebody else. */
export class QualityWorld {
  private count = 0;

  private constructor(
    readonly server: TestWeftline,
    readonly owner: Client,
    readonly seed: Seed,
  ) {}

  static async of(server: TestWeftline): Promise<QualityWorld> {
    const owner = await server.user();
    return new QualityWorld(server, owner, new Seed(owner, server.namespace));
  }

  /** A name that nothing else here has. */
  named(word: string): string {
    return `${word}-${(this.count += 1)}`;
  }

  async published(more = {}): Promise<Published> {
    const dataset = (await this.seed.dataset(this.named('quality'), { fields: FIELDS, ...more })).id;
    return { dataset, version: await this.seed.datasetVersion(dataset) };
  }

  async report(input: object, as = this.owner): Promise<{ added: number; repeated: number }> {
    const given = { source: 'tests', measuredAt: NOON, ...input };
    return (await as.data<{ reportQuality: { added: number; repeated: number } }>(REPORT, { input: given }))
      .reportQuality;
  }

  /** "CODE: message" of a report that is refused. */
  async refusal(input: object, as = this.owner): Promise<string> {
    const given = { source: 'tests', measuredAt: NOON, ...input };
    const { message, extensions } = await as.error(REPORT, { input: given });
    return `${extensions.code}: ${message}`;
  }

  async qualityOf(version: string, more: object = {}, as = this.owner): Promise<OfVersion> {
    const { nodes } = await as.data<{ nodes: OfVersion[] }>(QUALITY, { ids: [version], ...more });
    if (!nodes[0]) throw new Error('There is no such version.');
    return nodes[0];
  }

  async historyOf(ref: string, more: object = {}, as = this.owner): Promise<Page> {
    return (await as.data<{ asset: { qualityHistory: Page } }>(HISTORY, { ref, ...more })).asset.qualityHistory;
  }

  /** How many reports on it the audit log holds. */
  async entriesOf(target: string): Promise<number> {
    const query =
      'query ($target: ID!) { audit(first: 50, filter: { target: $target, actions: ["quality:report"] }) { totalCount } }';
    return (await this.owner.data<{ audit: { totalCount: number } }>(query, { target })).audit.totalCount;
  }

  /** An auditor session of now; what is recorded from here on is not there for it. */
  async freeze(): Promise<Client> {
    const admin = await this.server.user({ role: 'ADMIN' });
    const open = 'mutation { openAuditorSession(input: { auditor: "A", reason: "R" }) { secret session { id } } }';
    const { openAuditorSession } = await admin.data<{
      openAuditorSession: { secret: string; session: { id: string } };
    }>(open);
    return new Client(this.server.address, openAuditorSession.secret, openAuditorSession.session.id);
  }
}
