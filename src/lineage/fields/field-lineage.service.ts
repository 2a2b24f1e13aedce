import { checkPageSize } from '../../graphql/page.js';
import { randomBytes } from 'node:crypto';
import type { Actor } from '../../auth/actor.js';
import type { Asset } from '../../catalog/model/asset.js';
import { assetNotFound } from '../../catalog/assets/asset.service.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { badInput, notFound } from '../../errors.js';
import type { ListCursors, SealedCursors } from '../../graphql/sealed-cursor.js';
import {
  agreedTransformation,
  type FieldEdge,
  type FieldLineage,
  type FieldLineageQuestion,
  type FieldRoots,
  MAX_FIELD_DEPTH,
  MAX_FIELD_PAGE,
} from './field-lineage.js';
import type { FieldLineageRepository, FieldPlace, FieldTraceRow } from './field-lineage.repository.js';
import { unknownField } from '../../catalog/model/field-names.js';

/** Lineage at field level: tracing the flows between columns that are stated. */
export class FieldLineageService {
  constructor(
    private readonly lineage: FieldLineageRepository,
    private readonly assets: AssetService,
    private readonly cursors: SealedCursors,
    private readonly now: () => Date,
  ) {}

  /** The lineage of a field of a data set, or of all its fields. Throws NOT_FOUND or BAD_USER_INPUT. */
  async ofDataset(
    actor: Actor,
    dataset: string,
    name: string | null,
    question: FieldLineageQuestion,
  ): Promise<FieldLineage> {
    const answer = (await this.ofEach(actor, new Map([['', { dataset, name }]]), question)).get('');
    if (answer && answer.roots.length > 0) return answer;
    const named = await this.lineage.namedDataset(actor, dataset, name, question);
    if (!named) throw assetNotFound(dataset);
    if (named.kind !== 'DATASET') throw badInput(`${named.urn} is a ${named.kind}. Only data sets have fields.`);
    if (name === null && answer) return answer;
    if (named.removedAt && name !== null) {
      throw notFound(
        `The field "${name}" of ${named.urn} was removed at ${named.removedAt.toISOString()}. Ask with \`asOf\` before that.`,
      );
    }
    if (name !== null && named.nameThen !== null && named.nameThen !== name)
      throw notFound(
        `The field "${name}" of ${named.urn} is called "${named.nameThen}" at that time. Ask for it by that.`,
      );
    throw unknownField(named.urn, name ?? '', named.names);
  }

  /** The same question about several sets of fields, in one statement. A field that is not there then has no lineage. */
  async ofEach(
    actor: Actor,
    roots: ReadonlyMap<string, FieldRoots>,
    question: FieldLineageQuestion,
  ): Promise<Map<string, FieldLineage>> {
    this.check(question);
    const cursorsOf = (of: FieldRoots | undefined): ListCursors => {
      const { direction, depth, asOf, knownAt } = question;
      return this.cursors.of('fieldLineage', [of, direction, depth, asOf, knownAt]);
    };
    const { after } = question;
    const position = after === null ? null : [...roots.values()].map((of) => readPosition(cursorsOf(of), after))[0];
    const nonce = position?.nonce ?? randomBytes(12).toString('base64url');
    const rows = await this.lineage.trace(actor, roots, question, position ?? null);
    return new Map([...rows].map(([key, row]) => [key, this.present(row, nonce, cursorsOf(roots.get(key)))]));
  }

  /** The data set of each field; none for a field whose data set is hidden. */
  async datasetsOf(actor: Actor, fieldIds: readonly string[]): Promise<Map<string, Asset>> {
    const ids = await this.lineage.datasetIdsOf(actor, fieldIds);
    const datasets = await this.assets.byIds(actor, [...new Set(ids.values())]);
    return new Map(
      [...ids].flatMap(([field, id]) => {
        const dataset = datasets.get(id);
        return dataset ? [[field, dataset] as const] : [];
      }),
    );
  }

  private present(row: FieldTraceRow, nonce: string, cursors: ListCursors): FieldLineage {
    const hidden = new Set(row.hiddenIds);
    const keyOf = (id: string): string => (hidden.has(id) ? this.cursors.opaqueKey(nonce, id) : id);
    const cursorAt = (node: FieldPlace | undefined): string | null =>
      node ? cursors.seal([nonce, node.depth, node.place]) : null;
    return {
      roots: row.roots,
      nodes: row.nodes.flatMap(({ depth, field }) => (field ? { ...field, depth } : [])),
      steps: row.nodes.map(({ id, depth, field }) => ({ key: keyOf(id), depth, hidden: field === null, field })),
      edges: groupEdges(row, hidden, keyOf),
      totalCount: row.total,
      completeness: {
        complete: row.hidden === 0 && row.cutByDepth === 0 && !row.hasNext && !row.hasPrevious,
        hiddenNodes: row.hidden,
        cutByDepth: row.cutByDepth,
        cutByPage: row.hasNext || row.hasPrevious,
      },
      page: {
        startCursor: cursorAt(row.nodes[0]),
        endCursor: cursorAt(row.nodes.at(-1)),
        hasPreviousPage: row.hasPrevious,
        hasNextPage: row.hasNext,
      },
    };
  }

  private check({ depth, first, asOf, knownAt }: FieldLineageQuestion): void {
    if (depth < 1 || depth > MAX_FIELD_DEPTH)
      throw badInput(`\`depth\` is ${depth}; it must be from 1 to ${MAX_FIELD_DEPTH}.`);
    checkPageSize(first, MAX_FIELD_PAGE);
    for (const [argument, time] of Object.entries({ asOf, knownAt })) {
      if (time && time > this.now())
        throw badInput(`\`${argument}\` is ${time.toISOString()}, which is in the future. Leave it out for now.`);
    }
  }
}

function readPosition(cursors: ListCursors, cursor: string): FieldPlace & { nonce: string } {
  const [nonce, depth, place] = cursors.open(cursor);
  if (typeof nonce !== 'string' || typeof depth !== 'number' || typeof place !== 'string')
    throw new TypeError('A cursor of a field lineage holds no field.');
  return { nonce, depth, place };
}

/** Parallel claims become one edge. Whoever may not see an end or the transformation learns only that data flows. */
function groupEdges(row: FieldTraceRow, hidden: ReadonlySet<string>, keyOf: (id: string) => string): FieldEdge[] {
  const edges = new Map<string, FieldEdge>();
  for (const { source, target, claim } of row.edges) {
    const key = `${source} ${target}`;
    const edge = edges.get(key) ?? {
      ...{ source: keyOf(source), target: keyOf(target) },
      ...{ transformation: null, masking: false, claims: [] },
    };
    if (claim && !hidden.has(source) && !hidden.has(target)) edge.claims.push(claim);
    edges.set(key, edge);
  }
  return [...edges.values()].map((edge) => ({
    ...edge,
    transformation: agreedTransformation(edge.claims),
    masking: edge.claims.length > 0 && edge.claims.every(({ masking }) => masking),
  }));
}
