import { type Actor, askedAsOf } from '../../auth/actor.js';
import { assetNotFound } from '../../catalog/assets/asset.service.js';
import { badInput } from '../../errors.js';
import type { Page, PageRows } from '../../graphql/page.js';
import type { StatementRecord } from '../statements/claim.js';
import type { ClaimHistoryRepository, StatementsQuestion } from './claim-history.repository.js';

export interface HistoryRequest {
  /** AssetRefs. */
  source: string;
  target: string;
  claimSource?: string | null;
  knownAt?: Date | null;
  includePast: boolean;
}

/** Who ever stated a flow, when, and what became of it. */
export class ClaimHistory {
  constructor(
    private readonly history: ClaimHistoryRepository,
    private readonly now: () => Date,
  ) {}

  /** The statements, the newest first; `count` counts all. Throws NOT_FOUND for an end that is missing or hidden, or BAD_USER_INPUT. */
  async of(
    actor: Actor,
    request: HistoryRequest,
    page: Page,
  ): Promise<{ rows: PageRows<StatementRecord>; count: () => Promise<number> }> {
    const now = this.now();
    if (request.knownAt && request.knownAt > now)
      throw badInput(`\`knownAt\` is ${request.knownAt.toISOString()}, which is in the future.`);
    const ids = await this.history.visible(actor, [...new Set([request.source, request.target])]);
    const idOf = (ref: string): string => {
      const id = ids.get(ref);
      if (id === undefined) throw assetNotFound(ref);
      return id;
    };
    const question: StatementsQuestion = {
      source: idOf(request.source),
      target: idOf(request.target),
      claimSource: request.claimSource ?? null,
      knownAt: askedAsOf(actor, request.knownAt) ?? now,
      includePast: request.includePast,
    };
    return {
      rows: await this.history.statements(actor, question, page),
      count: () => this.history.count(actor, question),
    };
  }
}
