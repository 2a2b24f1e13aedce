import { type Actor, viewerOf } from '../../auth/actor.js';
import { decodeRights, type RightsFacts } from '../../auth/rights.js';
import { refParameters } from '../../catalog/assets/asset.repository.js';
import type { AssetKind } from '../../catalog/model/urn.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import { portionsOf } from '../../neo4j/portions.js';
import type { Row } from '../../neo4j/row.js';
import * as cypher from './claim.cypher.js';
import type { Claim, FlowFacts, FlowKind } from './claim.js';
import { indexInTurns, mapInTurns } from '../../turn.js';

export interface FlowEnd {
  id: string;
  /** Under which id it is named: that of what was joined into it, or its own. */
  said: string;
  urn: string;
  kind: AssetKind;
  rights: RightsFacts;
}

/** A flow of one stream; the key names both. */
export interface StreamFlow {
  key: string;
  source: string;
  target: string;
  facts: FlowFacts;
}

/** The claims a walk goes over. Only the engine writes them, under the lock of their stream. */
export class ClaimRepository {
  constructor(private readonly now: () => Date) {}

  /** The source's claims as now known, by the key of the flow. */
  async present(
    tx: WriteTransaction,
    kind: FlowKind,
    claimSource: string,
    flows: readonly StreamFlow[],
  ): Promise<Map<string, Claim[]>> {
    return this.presentOf(
      tx,
      kind,
      flows.map((flow) => ({ ...flow, claimSource })),
    );
  }

  /** The same of flows that several sources state. */
  async presentOf(
    tx: WriteTransaction,
    kind: FlowKind,
    flows: readonly (StreamFlow & { claimSource: string })[],
  ): Promise<Map<string, Claim[]>> {
    const found = new Map<string, Claim[]>(flows.map(({ key }) => [key, []]));
    for (const portion of portionsOf(flows)) {
      const rows = await tx.run(cypher.PRESENT_CLAIMS(kind.relationship), { flows: portion, facts: kind.facts });
      await mapInTurns(rows, (row) => found.get(row.text('key'))?.push(decodeClaim(row.row('claim'))));
    }
    return found;
  }

  async retire(
    tx: WriteTransaction,
    kind: FlowKind,
    claims: readonly { id: string; source: string; target: string }[],
    now: Date,
  ): Promise<void> {
    for (const portion of portionsOf(claims))
      await tx.run(cypher.RETIRE_CLAIMS(kind.relationship), { claims: portion, now });
  }

  async add(
    tx: WriteTransaction,
    kind: FlowKind,
    claims: readonly { source: string; target: string; facts: FlowFacts; record: Claim }[],
  ): Promise<void> {
    for (const portion of portionsOf(claims)) await tx.run(cypher.ADD_CLAIMS(kind.relationship), { claims: portion });
  }

  /** Both ends of flows, locked against nothing: what matters is checked again by the write. */
  async flowEnds(tx: WriteTransaction, actor: Actor, refs: readonly string[]): Promise<Map<string, FlowEnd>> {
    const rows = await tx.run(cypher.FLOW_ENDS, {
      refs: refs.map(refParameters),
      viewer: viewerOf(actor),
      now: this.now(),
    });
    return indexInTurns(rows, (row) => row.text('ref'), decodeEnd);
  }
}

function decodeEnd(row: Row): FlowEnd {
  return {
    id: row.text('id'),
    said: row.text('said'),
    urn: row.text('urn'),
    kind: row.text('kind') as AssetKind,
    rights: decodeRights(row.row('rights')),
  };
}

export function decodeClaim(row: Row): Claim {
  return {
    id: row.text('id'),
    source: row.text('source'),
    runId: row.maybeText('runId'),
    byId: row.maybeText('byId'),
    validFrom: row.time('validFrom'),
    validUntil: row.maybeTime('validUntil'),
    recordedAt: row.time('recordedAt'),
    retractedAt: row.maybeTime('retractedAt'),
  };
}
