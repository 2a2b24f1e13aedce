import type { Actor } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { cutPage, type Page, type PageRows } from '../../graphql/page.js';
import type { Row } from '../../neo4j/row.js';
import { indexInTurns, mapInTurns } from '../../turn.js';
import { readRunRecord } from '../ingest/run-record.js';
import type { SaidFacet } from './reported.js';
import * as cypher from './reported.cypher.js';

/** Of one asset: what more sources and facets than that said is not read for it, the oldest first. */
const MOST_OF_AN_ASSET = 200;

/** A facet with its place in the list of those of its asset. */
export interface PlacedFacet extends SaidFacet {
  place: string;
}

/** Who told of a run, and when each of its facets was said last. */
export interface RunSource {
  reportedById: string;
  saidAt: (facet: string) => Date;
}

/** What is kept of reports, as it is. Only the latest is kept, so that an auditor session, which sees what was then, is told nothing. */
export class ReportedRepository extends ActorReads {
  /** What was said of each asset in facets of these names, the newest first. */
  async saidOf(actor: Actor, ids: readonly string[], names: readonly string[]): Promise<Map<string, SaidFacet[]>> {
    if (actor.readsAsOf) return new Map();
    const rows = await this.read(actor, cypher.SAID_OF_ASSETS, { ids, names, limit: MOST_OF_AN_ASSET });
    return indexInTurns(
      rows,
      (row) => row.text('id'),
      (row) => mapInTurns(row.rows('facets'), decodeFacet),
    );
  }

  async facetsOf(
    actor: Actor,
    ids: readonly string[],
    name: string | null,
    page: Page,
  ): Promise<Map<string, PageRows<PlacedFacet>>> {
    if (actor.readsAsOf) return new Map();
    const statement = page.backward ? cypher.FACETS_OF_ASSETS.backward : cypher.FACETS_OF_ASSETS.forward;
    const window = { low: page.after, high: page.before, limit: page.size + 1 };
    const rows = await this.read(actor, statement, { ids, name, ...window });
    const placed = (row: Row): PlacedFacet => ({ ...decodeFacet(row), place: row.text('place') });
    return indexInTurns(
      rows,
      (row) => row.text('id'),
      async (row) => cutPage(await mapInTurns(row.rows('facets'), placed), page),
    );
  }

  async countFacetsOf(actor: Actor, ids: readonly string[], name: string | null): Promise<Map<string, number>> {
    if (actor.readsAsOf) return new Map();
    const rows = await this.read(actor, cypher.COUNT_FACETS_OF_ASSETS, { ids, name });
    return new Map(rows.map((row) => [row.text('id'), row.int('total')]));
  }

  async sourcesOfRuns(actor: Actor, ids: readonly string[]): Promise<Map<string, RunSource>> {
    const rows = await this.read(actor, cypher.SOURCES_OF_RUNS, { ids });
    return new Map(rows.map((row) => [row.text('id'), decodeSource(row)]));
  }

  /** The ids of runs by what producers call them. */
  async runsCalled(actor: Actor, keys: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.read(actor, cypher.RUNS_CALLED, { keys });
    return new Map(rows.map((row) => [row.text('key'), row.text('id')]));
  }
}

function decodeFacet(row: Row): SaidFacet {
  return {
    name: row.text('name'),
    reportedById: row.text('source'),
    producer: row.text('producer'),
    saidAt: row.time('at'),
    body: row.json('body'),
  };
}

/** A stamp begins with the time of its event. */
function decodeSource(row: Row): RunSource {
  const stamps = new Map(Object.entries(readRunRecord(row.json('reported'))?.stamps ?? {}));
  const createdAt = row.time('createdAt');
  return {
    reportedById: row.text('source'),
    saidAt: (facet) => {
      const at = new Date(stamps.get(facet)?.split(' ')[0] ?? NaN);
      return Number.isNaN(at.getTime()) ? createdAt : at;
    },
  };
}
