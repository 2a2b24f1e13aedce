import type { Client } from './client.js';
import { Seed, type SeededAsset } from './seed.js';
import type { TestWeftline } from './weftline.js';

interface Step {
  depth: number;
  key: string;
  hidden: boolean;
  field: { id: string; name: string; dataset: { name: string } | null } | null;
}
interface Edge {
  source: string;
  target: string;
  transformation: string | null;
  masking: boolean;
  claims: { source: string; subtype: string | null; via: { name: string } | null; validUntil: string | null }[];
}
export interface Answer {
  roots: { name: string }[];
  nodes: { name: string }[];
  steps: Step[];
  edges: Edge[];
  totalCount: number;
  completeness: { complete: boolean; hiddenNodes: number; cutByDepth: number; cutByPage: boolean };
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}
/** From which field to which, and how. */
export type Pair = [string, string, Record<string, unknown>?];

const ANSWER = `
  roots { name }
  nodes { name }
  steps { depth key hidden field { id name dataset { name } } }
  edges { source target transformation masking claims { source subtype via { name } validUntil } }
  totalCount
  completeness { complete hiddenNodes cutByDepth cutByPage }
  pageInfo { hasNextPage endCursor }`;
export const LINEAGE = `query ($dataset: AssetRef!, $field: String, $direction: Direction! = DOWNSTREAM, $depth: Int! = 5, $first: Int! = 200, $after: String, $asOf: DateTime, $knownAt: DateTime) {
  fieldLineage(dataset: $dataset, field: $field, direction: $direction, depth: $depth, first: $first, after: $after, asOf: $asOf, knownAt: $knownAt) { ${ANSWER} }
}`;
const CLAIM = `mutation ($input: ClaimFieldLineageInput!) { claimFieldLineage(input: $input) { stated ended } }`;
export const RETRACT = `mutation ($input: RetractFieldLineageInput!) { retractFieldLineage(input: $input) { retracted } }`;

export const group = (source: SeededAsset, target: SeededAsset, via: SeededAsset, ...pairs: readonly Pair[]) => ({
  source: source.id,
  target: target.id,
  via: via.id,
  fields: pairs.map(([from, to, more = {}]) => ({ source: from, target: to, ...more })),
});

/** How far each field is away. */
export const reached = (answer: Answer): Record<string, number> =>
  Object.fromEntries(answer.steps.map(({ field, depth }) => [field?.name ?? 'hidden', depth]));

/** A time that everything said before is known by, and nothing said later. */
export async function moment(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  const time = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));
  return time;
}

/** What tests of lineage between fields do, in the words of the owner of all tables unless of somebody else. */
export class FieldWorld {
  private count = 0;

  private constructor(
    readonly owner: Client,
    readonly seed: Seed,
  ) {}

  static async of(server: TestWeftline): Promise<FieldWorld> {
    const owner = await server.user();
    return new FieldWorld(owner, new Seed(owner, server.namespace));
  }

  /** A name that nothing else here has. */
  named(word: string): string {
    return `${word}-${(this.count += 1)}`;
  }

  /** A data set with fields of these names. */
  table(name: string, fields: readonly string[], more: Record<string, unknown> = {}): Promise<SeededAsset> {
    return this.seed.dataset(this.named(name), { fields: fields.map((each) => ({ name: each })), ...more });
  }

  job(more: Record<string, unknown> = {}): Promise<SeededAsset> {
    return this.seed.transformation(this.named('job'), more);
  }

  async claim(flows: readonly object[], more: Record<string, unknown> = {}, as = this.owner) {
    type Outcome = { stated: number; ended: number };
    const answer = await as.data<{ claimFieldLineage: Outcome }>(CLAIM, { input: { flows, ...more } });
    return answer.claimFieldLineage;
  }

  async refusal(input: object, as = this.owner): Promise<{ code: string; message: string }> {
    const { message, extensions } = await as.error(CLAIM, { input });
    return { code: extensions.code, message };
  }

  async retract(more: Record<string, unknown>): Promise<number> {
    const answer = await this.owner.data<{ retractFieldLineage: { retracted: number } }>(RETRACT, { input: more });
    return answer.retractFieldLineage.retracted;
  }

  async lineage(dataset: SeededAsset, field: string | null, more: Record<string, unknown> = {}, as = this.owner) {
    const variables = { dataset: dataset.id, field, ...more };
    return (await as.data<{ fieldLineage: Answer }>(LINEAGE, variables)).fieldLineage;
  }

  setFields(dataset: SeededAsset, names: readonly string[]) {
    return this.owner.data('mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }', {
      input: { ref: dataset.id, fields: names.map((name) => ({ name })) },
    });
  }

  /** raw.email → clean.email_hash → mart.contact, raw.age → clean.age → mart.contact */
  async chain(visibility: string = 'DISCOVERABLE') {
    const [raw, clean, mart] = await Promise.all([
      this.table('raw', ['email', 'age', 'unused']),
      this.table('clean', ['email_hash', 'age'], { visibility }),
      this.table('mart', ['contact']),
    ]);
    const [tidy, build] = await Promise.all([this.job(), this.job()]);
    await this.claim([
      group(raw, clean, tidy, ['email', 'email_hash', { subtype: 'TRANSFORMATION', masking: true }], ['age', 'age']),
      group(
        clean,
        mart,
        build,
        ['email_hash', 'contact', { subtype: 'IDENTITY' }],
        ['age', 'contact', { subtype: 'FILTER' }],
      ),
    ]);
    return { raw, clean, mart, tidy, build };
  }
}
