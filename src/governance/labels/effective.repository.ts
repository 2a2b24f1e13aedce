import { type Actor, systemActor, viewerOf } from '../../auth/actor.js';
import type { Row } from '../../neo4j/row.js';
import type { Statements } from '../../neo4j/statements.js';
import { readStoredObject } from '../../json/stored.js';
import { codeDigestOf, codeOfRun } from './code.js';
import { DATASETS_OF_FIELDS } from '../../lineage/fields/field-lineage.cypher.js';
import { DECLARED_OF } from './declaration.cypher.js';
import { holdsOf, storedConditions } from './condition.js';
import type { Dimensions } from './dimensions.js';
import * as cypher from './effective.cypher.js';
import { type Carrier, type CrossedGrant, type LineFacts, MOST_COLUMNS, MOST_HOPS } from './facts.js';
import type { Declaration, LabelClocks } from './label.js';
import { decodeColumns, decodeDeclaration, storedValue } from './label.decode.js';

/** After all that ever will be: at present what is there counts, whichever clock recorded it. */
const FOREVER = new Date('9999-12-31T23:59:59.999Z');

/** What stands on the way of a label. */
export interface Step {
  id: string;
  kind: 'VERSION' | 'RUN' | 'RELEASE' | 'ASSET';
  urn: string;
  version: string | null;
  isVisible: boolean;
}

export interface WayAsked {
  from: string;
  to: readonly string[];
  byAssets: boolean;
  rolledUp: boolean;
}

/** Reads what follows up a line. Whose transaction it is in decides what it sees; nothing is kept. */
export class EffectiveRepository {
  constructor(
    private readonly dimensions: Dimensions,
    private readonly now: () => Date,
  ) {}

  /** Of each group of versions together, in the order of the groups. */
  async ofVersions(
    statements: Statements,
    groups: readonly (readonly string[])[],
    clocks: LabelClocks,
    actor: Actor = SEES_ALL,
  ): Promise<LineFacts[]> {
    const rows = await statements.run(cypher.LABELS_OF_VERSIONS, { groups, ...this.parameters(clocks, actor) });
    const found = new Map(rows.map((row) => [row.int('index'), this.decode(row)]));
    return groups.map((ids, index) => {
      const facts = found.get(index) ?? NOTHING;
      return { ...facts, isCut: facts.isCut || facts.rootIds.length < new Set(ids).size };
    });
  }

  /** Of each asset that the actor may see. */
  async ofAssets(
    statements: Statements,
    ids: readonly string[],
    clocks: LabelClocks,
    actor: Actor = SEES_ALL,
  ): Promise<Map<string, LineFacts>> {
    const rows = await statements.run(cypher.LABELS_OF_ASSET, { ids, ...this.parameters(clocks, actor) });
    return new Map(rows.map((row) => [ids[row.int('index')] ?? '', this.decode(row)]));
  }

  /** The data sets of fields that the actor may see, by the id of the field. */
  async tablesOf(statements: Statements, ids: readonly string[], actor: Actor): Promise<Map<string, string>> {
    const rows = await statements.run(DATASETS_OF_FIELDS, { ids, viewer: viewerOf(actor), now: this.now() });
    return new Map(rows.flatMap((row) => row.texts('fields').map((field) => [field, row.text('dataset')] as const)));
  }

  /** The ids from where a label enters to one of those that were asked about; [] when none holds at the clocks. */
  async witness(statements: Statements, way: WayAsked, clocks: LabelClocks): Promise<string[]> {
    const [row] = await statements.run(cypher.WITNESS, { ...way, ...this.parameters(clocks, SEES_ALL) });
    return row?.texts('path') ?? [];
  }

  /** What is declared now of an asset, or of a version and its asset. */
  async declaredOf(statements: Statements, id: string): Promise<Declaration[]> {
    const clocks = { validAt: this.now(), knownAt: FOREVER, viewer: viewerOf(SEES_ALL), now: this.now() };
    const [row] = await statements.run(DECLARED_OF, { ids: [id], ...clocks });
    return (row?.rows('declarations') ?? []).flatMap(
      (each) => decodeDeclaration(each.row('said'), each.text('assetId'), this.dimensions) ?? [],
    );
  }

  async steps(statements: Statements, ids: readonly string[], actor: Actor): Promise<Map<string, Step>> {
    const rows = await statements.run(cypher.STEPS, { ids, viewer: viewerOf(actor), now: this.now() });
    return new Map(rows.map((row) => [row.text('id'), decodeStep(row)]));
  }

  private parameters({ validAt, knownAt }: LabelClocks, actor: Actor) {
    const now = this.now();
    return {
      ...{ validAt: validAt ?? now, asOf: validAt ?? FOREVER, knownAt: knownAt ?? FOREVER },
      ...{ past: validAt !== null || knownAt !== null, viewer: viewerOf(actor), now },
      ...{ then: earlier(validAt ?? now, knownAt ?? now), mostColumns: BigInt(MOST_COLUMNS) },
    };
  }

  private decode(row: Row): LineFacts {
    const said = row.rows('declarations');
    const unreadable: string[] = [];
    const known = said.flatMap((each) => {
      const declaration = decodeDeclaration(each.row('said'), each.text('assetId'), this.dimensions);
      if (declaration === null) unreadable.push(each.row('said').text('dimension'));
      return declaration ? [{ ...declaration, isVisible: each.flag('visible'), columnIds: each.texts('columns') }] : [];
    });
    const assets = row.rows('assets').map(decodeCarrier);
    return {
      rootIds: row.texts('rootIds'),
      carriers: [...row.rows('carriers').map(decodeCarrier), ...assets],
      ...{ declarations: known, unreadable },
      grants: row.rows('grants').flatMap((each) => this.crossed(each)),
      edges: row.pairs('edges'),
      columns: known.some(({ field }) => field !== null) ? decodeColumns(row.row('columns'), MOST_COLUMNS) : null,
      isCut: (row.maybeInt('deepest') ?? 0) >= MOST_HOPS || assets.some(({ depth }) => depth >= MOST_HOPS),
      isByAssets: assets.length > 1,
    };
  }

  /** Nothing, unless the run was exactly the code that the grant is for. */
  private crossed(row: Row): CrossedGrant[] {
    const grant = row.row('grant');
    const dimension = this.dimensions.find(grant.text('dimension'));
    const then = row.maybeText('codeRef');
    const facets = row.json('facets');
    const code = codeOfRun(facets, then === null ? {} : readStoredObject(then));
    if (dimension === undefined || codeDigestOf(code) !== grant.text('codeDigest')) return [];
    if (!(storedConditions(grant.maybeText('conditions'))?.every((each) => holdsOf(facets, each)) ?? false)) return [];
    const from = dimension.kind === 'INTERSECTION' ? null : storedValue(dimension, grant.texts('from'));
    const to = storedValue(dimension, grant.texts('to'));
    if (to === null || (from === null && dimension.kind !== 'INTERSECTION')) return [];
    return [{ id: grant.text('id'), runId: row.text('runId'), dimension: dimension.name, from, to }];
  }
}

const SEES_ALL = systemActor('labels');
const NOTHING: LineFacts = {
  ...{ rootIds: [], carriers: [], declarations: [], grants: [], edges: [], unreadable: [] },
  ...{ columns: null, isCut: false, isByAssets: false },
};

const earlier = (one: Date, other: Date): Date => (one < other ? one : other);

function decodeCarrier(row: Row): Carrier {
  const isOfRun = row.raw('outputs') !== null;
  return {
    ...{ at: row.text('at'), assetId: row.maybeText('assetId'), versionId: row.maybeText('versionId') },
    ...{ depth: row.int('depth'), ends: row.flag('ends') },
    outputs: isOfRun
      ? row.rows('outputs').map((each) => ({ versionId: each.text('versionId'), assetId: each.text('assetId') }))
      : null,
  };
}

function decodeStep(row: Row): Step {
  const kind = row.text('kind');
  return {
    id: row.text('id'),
    kind: kind === 'VERSION' || kind === 'RUN' || kind === 'RELEASE' ? kind : 'ASSET',
    ...{ urn: row.text('urn'), version: row.maybeText('version'), isVisible: row.flag('visible') },
  };
}
