import type { Actor } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import { badInput, conflict } from '../../errors.js';
import type { Page, PageRows } from '../../graphql/page.js';
import { newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Asset } from '../model/asset.js';
import { checkObject } from '../assets/asset.changes.js';
import type { AssetService } from '../assets/asset.service.js';
import { checkMetrics } from './metrics.js';
import type { Version } from './version.js';
import type { PublishDatasetVersionInput, PublishModelVersionInput, PublishVersionInput } from './version.input.js';
import type { VersionRepository } from './version.repository.js';

/** Publishing and finding exact versions of data sets and models. */
export class VersionService {
  constructor(
    private readonly graph: Graph,
    private readonly versions: VersionRepository,
    private readonly assets: AssetService,
    private readonly now: () => Date,
  ) {}

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Version>> {
    return this.versions.byIds(actor, ids);
  }

  of(actor: Actor, assetIds: readonly string[], page: Page): Promise<Map<string, PageRows<Version>>> {
    return this.versions.of(actor, assetIds, page);
  }

  countOf(actor: Actor, assetIds: readonly string[]): Promise<Map<string, number>> {
    return this.versions.countOf(actor, assetIds);
  }

  /** Throws NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, or CONFLICT when there is such a version or the asset is retired. */
  publishDatasetVersion(actor: Actor, input: PublishDatasetVersionInput): Promise<Version> {
    const own = { rowCount: checkCount('rowCount', input.rowCount), metrics: {}, parameters: {} };
    return this.publish(actor, input.dataset, 'DATASET', input, own);
  }

  /** Throws as `publishDatasetVersion`. */
  publishModelVersion(actor: Actor, input: PublishModelVersionInput): Promise<Version> {
    const metrics = checkMetrics(input.metrics ?? {});
    const parameters = checkObject('parameters', input.parameters ?? {});
    return this.publish(actor, input.model, 'MODEL', input, { rowCount: null, metrics, parameters });
  }

  /** Adds a version within a transaction that has decided it may be. */
  async add(
    tx: WriteTransaction,
    asset: Asset,
    content: Omit<Version, '__typename' | 'id' | 'assetId' | 'createdAt'>,
  ): Promise<Version> {
    const __typename = asset.kind === 'MODEL' ? 'ModelVersion' : 'DatasetVersion';
    const version: Version = { __typename, id: newId(), assetId: asset.id, createdAt: this.now(), ...content };
    await this.versions.create(tx, version);
    return version;
  }

  private publish(
    actor: Actor,
    ref: string,
    kind: 'DATASET' | 'MODEL',
    input: PublishVersionInput,
    own: Pick<Version, 'rowCount' | 'metrics' | 'parameters'>,
  ): Promise<Version> {
    const name = input.version.trim();
    if (name === '' || [...name].length > 200) throw badInput('`version` must have 1 to 200 characters.');
    const content = {
      version: name,
      digest: checkDigest(input.digest),
      uri: input.uri ?? null,
      bytes: checkCount('bytes', input.bytes),
      facets: {},
      ...own,
    };
    return this.graph.write(actor.origin, async (tx) => {
      const { asset } = await this.assets.lockFor(tx, actor, ref, 'EDIT');
      if (asset.kind !== kind) throw badInput(`${asset.urn} is a ${asset.kind}; a ${kind} is needed here.`);
      if (asset.retiredAt)
        throw conflict(`${asset.urn} is retired. Take that back with retireAsset before publishing versions.`);
      const version = await this.add(tx, asset, content);
      await recordAudit(tx, actor, {
        action: 'version:publish',
        targetId: version.id,
        targetName: `${asset.urn}@${name}`,
        assetIds: [asset.id],
        after: { version: name, digest: content.digest, uri: content.uri },
        at: this.now(),
      });
      return version;
    });
  }
}

/** "<algorithm>:<hex>", lower case; 64 hex digits alone are taken for SHA-256. Throws BAD_USER_INPUT. */
function checkDigest(digest: string | null | undefined): string | null {
  if (digest == null) return null;
  const text = digest.trim().toLowerCase();
  if (/^[0-9a-f]{64}$/.test(text)) return `sha256:${text}`;
  if (/^sha256:[0-9a-f]{64}$/.test(text) || /^(?!sha256:)[a-z0-9+._-]{2,20}:[0-9a-f]{16,128}$/.test(text)) return text;
  throw badInput(`The digest "${digest.slice(0, 90)}" has not the form sha256:<64 hex digits>.`);
}

function checkCount(what: string, count: bigint | null | undefined): bigint | null {
  if (count != null && count < 0n) throw badInput(`\`${what}\` is ${count}; it cannot be negative.`);
  return count ?? null;
}
