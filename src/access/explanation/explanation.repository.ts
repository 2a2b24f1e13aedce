import type { Actor } from '../../auth/actor.js';
import type { Graph } from '../../neo4j/graph.js';
import { decodeGrant } from '../grants/access.repository.js';
import { FACTS_BETWEEN } from './explanation.cypher.js';
import type { ExplainedFacts } from './explanation.js';

export class ExplanationRepository {
  constructor(private readonly graph: Graph) {}

  /** What is between the asset and the principals together: a person and their teams. */
  async factsBetween(actor: Actor, assetId: string, principalIds: readonly string[]): Promise<ExplainedFacts> {
    const row = (await this.graph.read(actor.origin, FACTS_BETWEEN, { assetId, ids: principalIds }))[0];
    if (!row) throw new Error(`The asset ${assetId} was there a moment ago.`);
    return {
      urn: row.text('urn'),
      visibility: row.text('visibility') === 'DISCOVERABLE' ? 'DISCOVERABLE' : 'RESTRICTED',
      retiredAt: row.maybeTime('retiredAt'),
      owns: row.rows('owns').map((own) => ({
        ownerId: own.text('ownerId'),
        role: own.text('role') === 'OWNER' ? 'OWNER' : 'STEWARD',
      })),
      grants: row.rows('grants').map(decodeGrant),
    };
  }
}
