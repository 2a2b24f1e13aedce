import type { ShownThen } from '../../catalog/model/as-of.js';

/** That a model version serves, or served, on a deployment. */
export interface Release extends ShownThen {
  __typename: 'Release';
  id: string;
  deploymentId: string;
  modelVersionId: string;
  modelId: string;
  releasedById: string;
  from: Date;
  /** null while it serves. */
  until: Date | null;
  /** The release on another deployment that it was promoted from; null when it was not. */
  promotedFromId: string | null;
  /** The earlier release whose model version it took up again; null when it was no rollback. */
  rolledBackToId: string | null;
}

/** Where a release comes from, if not from a model version alone. */
export type ReleaseOrigin = Pick<Release, 'promotedFromId' | 'rolledBackToId'>;

/** What all ways to release are asked with. */
export interface ReleaseRequest {
  reason?: string | null;
  /** Repeating a wish with the same key gives the first release. */
  idempotencyKey?: string | null;
  /** The release that the caller believes to be live; null: none; absent: whichever. */
  expectedCurrent?: string | null;
}

/**
 * The release that a live one stands for: a rollback stands for what it went back to, so that going back once more goes
 * further back and not to what was just left.
 */
export function standsFor(release: Release): string {
  return release.rolledBackToId ?? release.id;
}
