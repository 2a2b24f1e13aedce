import { createHash } from 'node:crypto';
import type { Actor } from '../../auth/actor.js';
import { canonicalJson } from '../../audit/record/canonical-json.js';
import { recordAudit } from '../../audit/record/record.js';
import { may } from '../../auth/rights.js';
import { type Location, readLocation } from '../../disk/location.js';
import { badInput, conflict } from '../../errors.js';
import type { DecidesByPolicy } from '../../governance/decisions/decides.port.js';
import type { PolicyQuestion } from '../../governance/decisions/decision.js';
import type { Page, PageRows } from '../../graphql/page.js';
import { newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Asset } from '../model/asset.js';
import { type Decided, deniedByPolicies, type DryRun, dryRunOf } from '../model/denied.js';
import { checkObject } from '../assets/asset.changes.js';
import type { AssetService } from '../assets/asset.service.js';
import { checkMetrics } from './metrics.js';
import { facetOf } from './content-check.js';
import type { PublishedData, Said, Seen } from './published-data.policy.js';
import type { Version } from './version.js';
import type { PublishDatasetVersionInput, PublishModelVersionInput, PublishVersionInput } from './version.input.js';
import type { VersionRepository } from './version.repository.js';

type Content = Omit<Version, '__typename' | 'id' | 'assetId' | 'createdAt'>;

/** What came of publishing; `version` is null and `dryRun` is not where nothing was to be done. */
export interface Published {
  version: Version | null;
  dryRun: DryRun | null;
}

/** A version as it is to be, with what was read of its data. */
interface Wish extends Pick<Seen, 'fields'> {
  ref: string;
  kind: 'DATASET' | 'MODEL';
  content: Content;
  check: Seen['check'] | null;
  input: PublishVersionInput;
}

/** Publishing and finding exact versions of data sets and models. */
export class VersionService {
  constructor(
    private readonly graph: Graph,
    private readonly versions: VersionRepository,
    private readonly assets: AssetService,
    private readonly data: PublishedData,
    private readonly policies: DecidesByPolicy,
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
  publishDatasetVersion(actor: Actor, input: PublishDatasetVersionInput): Promise<Published> {
    const own = { rowCount: checkCount('rowCount', input.rowCount), metrics: {}, parameters: {} };
    return this.publish(actor, input.dataset, 'DATASET', input, own);
  }

  /** Throws as `publishDatasetVersion`. */
  publishModelVersion(actor: Actor, input: PublishModelVersionInput): Promise<Published> {
    const metrics = checkMetrics(input.metrics ?? {});
    const parameters = checkObject('parameters', input.parameters ?? {});
    return this.publish(actor, input.model, 'MODEL', input, { rowCount: null, metrics, parameters });
  }

  /** Adds a version within a transaction that has decided it may be. */
  async add(tx: WriteTransaction, asset: Asset, content: Content): Promise<Version> {
    const __typename = asset.kind === 'MODEL' ? 'ModelVersion' : 'DatasetVersion';
    const version: Version = { __typename, id: newId(), assetId: asset.id, createdAt: this.now(), ...content };
    await this.versions.create(tx, version);
    return version;
  }

  /** What the server sees of the data itself, for who may publish there: to others it must tell nothing of its files. */
  private async look(
    actor: Actor,
    ref: string,
    kind: 'DATASET' | 'MODEL',
    said: Said,
    location: Location | null,
  ): Promise<Said & Partial<Seen>> {
    if (location?.path == null || !this.data.reads) return said;
    const { asset, rights } = await this.assets.see(actor, ref);
    // What is refused is refused with the lock, in its words.
    if (asset.kind !== kind || asset.retiredAt || !may(actor, rights, 'EDIT')) return said;
    const table = kind === 'DATASET' ? tableOf(asset, location.path) : null;
    return await this.data.look(said, { namespace: asset.namespace, path: location.path, table });
  }

  private async publish(
    actor: Actor,
    ref: string,
    kind: 'DATASET' | 'MODEL',
    input: PublishVersionInput,
    own: Pick<Version, 'rowCount' | 'metrics' | 'parameters'>,
  ): Promise<Published> {
    const name = input.version.trim();
    if (name === '' || [...name].length > 200) throw badInput('`version` must have 1 to 200 characters.');
    const location = checkLocation(input.uri);
    const said = { digest: checkDigest(input.digest), bytes: checkCount('bytes', input.bytes), rowCount: own.rowCount };
    const { check, fields, ...seen } = await this.look(actor, ref, kind, said, location);
    const facets = check ? facetOf(check) : {};
    const content = { version: name, uri: location?.uri ?? null, facets, ...own, ...seen };
    const work = (tx: WriteTransaction): Promise<Decided<Version>> =>
      this.publishWithin(tx, actor, { ref, kind, content, fields: fields ?? null, check: check ?? null, input });
    if (input.dryRun) return { version: null, dryRun: dryRunOf(await this.graph.rehearse(actor.origin, work)) };
    const { made, reasons } = await this.graph.write(actor.origin, work);
    if (reasons.length > 0) throw deniedByPolicies(reasons);
    return { version: made, dryRun: null };
  }

  private async publishWithin(
    tx: WriteTransaction,
    actor: Actor,
    { ref, kind, content, fields, check, input }: Wish,
  ): Promise<Decided<Version>> {
    const { asset } = await this.assets.lockFor(tx, actor, ref, 'EDIT');
    if (asset.kind !== kind) throw badInput(`${asset.urn} is a ${asset.kind}; a ${kind} is needed here.`);
    if (asset.retiredAt)
      throw conflict(`${asset.urn} is retired. Take that back with retireAsset before publishing versions.`);
    const judged = await this.policies.judge(tx, actor, questionOf(asset, content, input));
    if (judged && judged.reasons.length > 0) {
      await this.policies.keep(tx, judged, null);
      const wouldAskApproval = judged.decision.outcome === 'NEEDS_APPROVAL';
      return { made: null, reasons: judged.reasons, wouldAskApproval, warnings: judged.warnings };
    }
    // Before the version: as of when it was published, the data set has them.
    if (fields) await this.assets.fillFields(tx, actor, asset, fields, `Read from the version "${content.version}".`);
    const version = await this.add(tx, asset, content);
    await recordAudit(tx, actor, {
      action: 'version:publish',
      targetId: version.id,
      targetName: `${asset.urn}@${content.version}`,
      assetIds: [asset.id],
      after: {
        ...{ version: content.version, digest: content.digest, uri: content.uri },
        ...(check ? { content: check.state } : {}),
      },
      at: this.now(),
    });
    await this.policies.keep(tx, judged, version.id);
    return { made: version, reasons: [], wouldAskApproval: false, warnings: judged?.warnings ?? [] };
  }
}

/**
 * What policies are asked of a version that is to be published: whether it has a digest is known, no test of it was ever made, and an
 * approval is of this name, digest and place.
 */
function questionOf(
  asset: Asset,
  { version, digest, uri }: Content,
  { dryRun, ...input }: PublishVersionInput,
): PolicyQuestion {
  const content = createHash('sha256')
    .update(canonicalJson({ asset: asset.id, version, digest, uri }))
    .digest('hex');
  return {
    action: asset.kind === 'MODEL' ? 'publishModelVersion' : 'publishDatasetVersion',
    resource: asset,
    subjects: [
      { part: 'RESOURCE', assetId: asset.id, versionId: null },
      { part: 'OUTPUT', assetId: asset.id, versionId: null, content },
    ],
    given: {
      environment: '',
      inputs: { count: 1, unpinned: digest === null ? 1 : 0, qualityFailed: 0, qualityUnchecked: 1 },
    },
    isRehearsal: dryRun === true,
    request: {
      mutation: asset.kind === 'MODEL' ? 'publishModelVersion' : 'publishDatasetVersion',
      input: { ...input },
    },
  };
}

/** Throws BAD_USER_INPUT. */
function checkLocation(uri: string | null | undefined): Location | null {
  if (uri == null) return null;
  const location = readLocation(uri);
  if ('uri' in location) return location;
  throw badInput(`\`uri\` is ${JSON.stringify(uri.slice(0, 200).toWellFormed())}: it ${location.fault}`);
}

/** The format that the data set names, or else the name of the file. */
function tableOf({ format }: Asset, path: string): 'csv' | 'tsv' | null {
  const word = (format ?? /\.([a-z]+)$/i.exec(path)?.[1] ?? '').toLowerCase();
  return word === 'csv' || word === 'text/csv' ? 'csv' : word === 'tsv' ? 'tsv' : null;
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
