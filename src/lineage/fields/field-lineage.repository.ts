import { type Actor, askedAsOf } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import type { Asset, AssetField } from '../../catalog/model/asset.js';
import { decodeAsset, decodeField, decodeFieldsThen } from '../../catalog/model/asset.decode.js';
import { refParameters } from '../../catalog/assets/asset.repository.js';
import type { AssetKind } from '../../catalog/model/urn.js';
import type { Row } from '../../neo4j/row.js';
import * as cypher from './field-lineage.cypher.js';
import type { FieldClaim } from './field-claim.js';
import { decodeFieldClaim } from './field-claim.repository.js';
import { hopLimit } from '../trace/hops.js';
import type { FieldLineageQuestion, FieldRoots, ShownField } from './field-lineage.js';
import { indexInTurns, mapInTurns } from '../../turn.js';

/** After which field a page begins: its distance, and where it stands among those of the same distance. */
export interface FieldPlace {
  depth: number;
  place: string;
}

/** One answer as the database gives it, hidden fields still by their ids. */
export interface FieldTraceRow {
  roots: ShownField[];
  nodes: { id: string; depth: number; place: string; field: ShownField | null }[];
  /** `claim` null: its transformation is hidden. */
  edges: { source: string; target: string; claim: FieldClaim | null }[];
  total: number;
  hidden: number;
  hiddenIds: string[];
  cutByDepth: number;
  hasPrevious: boolean;
  hasNext: boolean;
}

/** A data set that a question names, and its fields. */
interface NamedDataset {
  urn: string;
  kind: AssetKind;
  /** Of those that it has. */
  names: string[];
  /** What a field that has, or had, the name asked for was called at the time of the question; null: there is none. */
  nameThen: string | null;
  /** When that field was removed; null: it is there. */
  removedAt: Date | null;
}

/** A data set as it was, and its fields then by id. */
interface DatasetThen {
  asset: Asset;
  fields: Map<string, AssetField>;
}

type Then = ReadonlyMap<string, DatasetThen>;

export class FieldLineageRepository extends ActorReads {
  /** Answers the same question about several sets of fields; the key of each answer is the key given with them. */
  async trace(
    actor: Actor,
    roots: ReadonlyMap<string, FieldRoots>,
    question: FieldLineageQuestion,
    after: FieldPlace | null,
  ): Promise<Map<string, FieldTraceRow>> {
    const times = this.timesOf(actor, question);
    const rows = await this.read(actor, cypher.TRACE_FIELDS(question.direction, hopLimit(question.depth)), {
      ...times,
      questions: [...roots].map(([key, root]) => ({
        key,
        ids: root.ids ?? [],
        datasets: root.dataset === undefined ? [] : [refParameters(root.dataset)],
        name: root.name ?? null,
      })),
      depth: question.depth,
      first: question.first,
      afterDepth: after?.depth ?? null,
      afterPlace: after?.place ?? null,
    });
    const past = question.asOf !== null || question.knownAt !== null || actor.readsAsOf !== undefined;
    const then = past ? await this.datasetsThen(actor, rows, times.then) : new Map<string, DatasetThen>();
    const decode = (row: Row): Promise<FieldTraceRow> => decodeTrace(row, then, actor.readsAsOf);
    return indexInTurns(rows, (row) => row.text('key'), decode);
  }

  /** Ids of the data sets of fields; none for a hidden one. */
  async datasetIdsOf(actor: Actor, fieldIds: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.read(actor, cypher.DATASETS_OF_FIELDS, { ids: fieldIds });
    return new Map(rows.flatMap((row) => row.texts('fields').map((field) => [field, row.text('dataset')] as const)));
  }

  /** What there is of the data set and field a question names; null when the data set is hidden or not there. */
  async namedDataset(
    actor: Actor,
    dataset: string,
    name: string | null,
    question: FieldLineageQuestion,
  ): Promise<NamedDataset | null> {
    const parameters = { ...refParameters(dataset), name, ...this.timesOf(actor, question) };
    const row = (await this.read(actor, cypher.NAMED_DATASET, parameters))[0];
    if (!row) return null;
    const former = row.maybeRow('former');
    return {
      urn: row.text('urn'),
      kind: row.text('kind') as AssetKind,
      names: row.texts('names'),
      nameThen: former?.text('name') ?? null,
      removedAt: former?.maybeTime('removedAt') ?? null,
    };
  }

  private timesOf(actor: Actor, question: FieldLineageQuestion): { asOf: Date; knownAt: Date; then: Date } {
    const now = this.now();
    const [asOf, knownAt] = [askedAsOf(actor, question.asOf) ?? now, askedAsOf(actor, question.knownAt) ?? now];
    return { asOf, knownAt, then: asOf < knownAt ? asOf : knownAt };
  }

  private async datasetsThen(actor: Actor, traces: readonly Row[], then: Date): Promise<Then> {
    const shown = traces.flatMap((row) => [...row.rows('roots'), ...row.rows('nodes')]);
    const ids = [...new Set(shown.flatMap((row) => row.maybeText('dataset') ?? []))];
    const rows = await this.read(actor, cypher.DATASETS_THEN, { ids, then });
    const datasetOf = (row: Row): DatasetThen => {
      const fieldsThen = decodeFieldsThen(row.text('id'), row.text('fields'));
      const fields = new Map(fieldsThen.map((field) => [field.id, field]));
      return { asset: { ...decodeAsset(row.row('asset')), fieldsThen }, fields };
    };
    return indexInTurns(rows, (row) => row.text('id'), datasetOf);
  }
}

async function decodeTrace(row: Row, then: Then, readsAsOf: Date | undefined): Promise<FieldTraceRow> {
  return {
    roots: await mapInTurns(row.rows('roots'), (root) => decodeShown(root, root.row('field'), then)),
    nodes: await mapInTurns(row.rows('nodes'), (node) => {
      const field = node.maybeRow('field');
      return {
        id: node.text('id'),
        depth: node.int('depth'),
        place: node.text('place'),
        field: field && decodeShown(node, field, then),
      };
    }),
    edges: (
      await mapInTurns(row.rows('edges'), (edge): FieldTraceRow['edges'][number] => {
        const claim = edge.maybeRow('claim');
        return {
          source: edge.text('source'),
          target: edge.text('target'),
          claim: claim && claimThen(decodeFieldClaim(claim), readsAsOf),
        };
      })
    ).sort(readsAsOf ? byEnds : () => 0),
    total: row.int('total'),
    hidden: row.int('hidden'),
    hiddenIds: row.texts('hiddenIds'),
    cutByDepth: row.int('cutByDepth'),
    hasPrevious: row.flag('hasPrevious'),
    hasNext: row.flag('hasNext'),
  };
}

/** An order that nothing changes which is stated later. */
function byEnds(one: FieldTraceRow['edges'][number], other: FieldTraceRow['edges'][number]): number {
  const key = ({ source, target, claim }: typeof one): string => `${source} ${target} ${claim?.id ?? ''}`;
  return key(one) < key(other) ? -1 : 1;
}

function decodeShown(place: Row, field: Row, then: Then): ShownField {
  const dataset = then.get(place.text('dataset'));
  const now = decodeField(field);
  return { ...(dataset?.fields.get(now.id) ?? now), datasetThen: dataset?.asset ?? null };
}

/** What an auditor session is shown of a claim: nothing that came later. */
function claimThen(claim: FieldClaim, readsAsOf: Date | undefined): FieldClaim {
  if (!readsAsOf) return claim;
  const past = (time: Date | null): Date | null => (time && time <= readsAsOf ? time : null);
  return { ...claim, validUntil: past(claim.validUntil), retractedAt: past(claim.retractedAt) };
}
