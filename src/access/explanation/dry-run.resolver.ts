import { FieldResolver, Resolver, Root } from 'type-graphql';
import type { DryRun } from '../../catalog/model/denied.js';
import { RetireAssetPayload } from '../../catalog/removal/removal.type.js';
import { PublishDatasetVersionPayload, PublishModelVersionPayload } from '../../catalog/versions/version.type.js';
import { shownDryRun } from './dry-run.js';
import { DryRunType } from './dry-run.type.js';

interface Answer {
  dryRun: DryRun | null;
}

/** What the payloads of changes that policies decide have of a dry run. */
function dryRunResolver(
  payload: typeof RetireAssetPayload | typeof PublishDatasetVersionPayload | typeof PublishModelVersionPayload,
) {
  @Resolver(() => payload)
  class DryRunResolver {
    @FieldResolver(() => DryRunType, {
      nullable: true,
      description: 'The answer of a dry run, after which nothing is changed; null: it was none.',
    })
    dryRun(@Root() { dryRun }: Answer): DryRunType | null {
      return dryRun && shownDryRun(dryRun);
    }
  }
  return DryRunResolver;
}

export const RetireDryRunResolver = dryRunResolver(RetireAssetPayload);
export const DatasetDryRunResolver = dryRunResolver(PublishDatasetVersionPayload);
export const ModelDryRunResolver = dryRunResolver(PublishModelVersionPayload);
