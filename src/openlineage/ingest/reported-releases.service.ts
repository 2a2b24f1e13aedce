import { type Actor, actorId } from '../../auth/actor.js';
import { may } from '../../auth/rights.js';
import { newId } from '../../ids.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { IngestRepository } from './ingest.repository.js';
import { mayTellOf } from './reporting-rights.js';
import type { AssetsByUrn, Taken } from './taken.js';

/** The ids of releases, by the keys that they go by in events. */
export type ReleaseIds = ReadonlyMap<string, string>;

/** Keeps which model version is said to serve where: of a job that serves each run is a release. */
export class ReportedReleases {
  constructor(private readonly rows: IngestRepository) {}

  /** Who told of the releases first, by their keys. */
  find(tx: WriteTransaction, taken: readonly Taken[]): Promise<Map<string, string>> {
    return this.rows.releases(tx, [...new Set(taken.flatMap(({ reading }) => reading.release?.key ?? []))]);
  }

  /** What does not name the version, or names one of a model of which they may say nothing, is a flow and no release. */
  async write(
    tx: WriteTransaction,
    actor: Actor,
    taken: readonly Taken[],
    { assets, versions }: { assets: AssetsByUrn; versions: ReadonlyMap<string, string> },
  ): Promise<ReleaseIds> {
    const rows = taken.flatMap(({ reading }): Parameters[] => {
      const { release, job, read, at } = reading;
      const deployment = job && assets.get(job.urn);
      if (!release || !deployment) return [];
      const named = read.find(({ version }) => version !== null);
      const model = named && assets.get(named.urn);
      if (!model || !(mayTellOf(actor, model) || may(actor, model.rights, 'DEPLOY'))) return [];
      const version = `${model.id}:${named.version ?? ''}`;
      if (!versions.has(version)) return [];
      const by = actorId(actor);
      const made = { id: newId(), deploymentId: deployment.id, releasedById: by, reportedBy: by };
      return [{ key: release.key, deploymentId: deployment.id, version, at, isEnd: release.isEnd, release: made }];
    });
    return this.rows.writeReleases(tx, rows);
  }
}
