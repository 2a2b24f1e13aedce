import { createHash } from 'node:crypto';
import { type AssetKind, checkAssetName, urnKey, urnOf } from '../../catalog/model/urn.js';

/** A job or data set as an event names it, and the asset that this name is of. */
export interface Named {
  kind: AssetKind;
  namespace: string;
  name: string;
  urn: string;
  /** Of the alias of the urn. */
  key: string;
}

/** Where names of producers are that know no namespace (Flink, Great Expectations): an asset has one. */
const WITHOUT_NAMESPACE = 'openlineage:no-namespace';

/** Throws BAD_USER_INPUT for what cannot be a name. */
export function namedBy(kind: AssetKind, given: { namespace: string; name: string }): Named {
  const namespace = given.namespace.trim() === '' ? WITHOUT_NAMESPACE : checkAssetName('namespace', given.namespace);
  const name = checkAssetName('name', given.name);
  const urn = urnOf(kind, namespace, name);
  return { kind, namespace, name, urn, key: urnKey(urn) };
}

/** By what a run is found: a producer may use one id for runs of several jobs (Dagster), so the job is part of it. */
export function runKeyOf(job: Named, runId: string): string {
  return createHash('sha256').update(`${job.urn} ${runId.toLowerCase()}`).digest('hex');
}
