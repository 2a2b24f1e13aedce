import type { AccessFeed } from '../access/grants/access.feed.js';
import type { CatalogFeed } from '../audit/watch/catalog.feed.js';
import type { Actor } from '../auth/actor.js';
import type { BreakGlassFeed } from '../governance/break-glass/break-glass.feed.js';
import type { ViolationFeed } from '../governance/violations/violation.feed.js';
import type { JobFeed } from '../training/jobs/job.feed.js';
import type { Admitted } from './door/door.js';
import type { Loaders } from './loaders.js';

/** What every resolver is handed. Made anew for each request, and for each event of a subscription. */
export interface Context {
  actor: Actor;
  /** What the door let in; null where no request asked, as in a test. */
  admitted: Admitted | null;
  loaders: Loaders;
  /** Waits until what is read here holds the writes of these consistency tokens. Throws BAD_USER_INPUT or UNAVAILABLE. */
  reach: (tokens: readonly string[]) => Promise<void>;
  /** Aborted when the client has gone away: streams stop reading. */
  signal: AbortSignal;
  /** What subscriptions follow: their `subscribe` functions stand in decorators, where nothing can be injected. */
  feeds: {
    catalog: CatalogFeed;
    access: AccessFeed;
    jobs: JobFeed;
    violations: ViolationFeed;
    breakGlasses: BreakGlassFeed;
  };
}
