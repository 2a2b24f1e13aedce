import { type Actor, viewerOf } from '../auth/actor.js';
import { decodeRights, type RightsFacts } from '../auth/rights.js';
import { refParameters } from '../catalog/asset.repository.js';
import type { AssetKind } from '../catalog/urn.js';
import { newId } from '../ids.js';
import type { WriteTransaction } from '../neo4j/graph.js';
import type { Row } from '../neo4j/row.js';
import * as cypher from './claim.cypher.js';
import type { Claim, Flow, Statement } from './claim.js';

export interface FlowEnd {
  id: string;
  urn: string;
  kind: AssetKind;
  rights: RightsFacts;
}

export class ClaimRepository {
  constructor(private readonly now: () => Date) {}

  /** Both ends of flows, locked against nothing: what matters is checked again by the write. */
  async flowEnds(tx: WriteTransaction, actor: Actor, refs: readonly string[]): Promise<Map<string, FlowEnd>> {
    const rows = await tx.run(cypher.FLOW_ENDS, {
      refs: refs.map(refParameters),
      viewer: viewerOf(actor),
      now: this.now(),
    });
    return new Map(rows.map((row) => [row.text('ref'), decodeEnd(row)]));
  }

  /** Makes each flow stated by the source; gives the source's claims on each, the newest first. */
  async claimFlows(
    tx: WriteTransaction,
    flows: readonly Flow[],
    statement: Statement,
  ): Promise<(Flow & { claims: Claim[] })[]> {
    // One order of locking for everyone: two writers cannot wait for each other.
    const ordered = [...flows].sort((a, b) => (a.source + a.target < b.source + b.target ? -1 : 1));
    const rows = await tx.run(cypher.CLAIM_FLOWS, {
      ...statement,
      now: this.now(),
      flows: ordered.map((flow) => ({ ...flow, id: newId() })),
    });
    return rows.map((row) => ({
      source: row.text('source'),
      target: row.text('target'),
      claims: row.rows('claims').map(decodeClaim),
    }));
  }

  /** How many claims were taken back. */
  async retractFlows(tx: WriteTransaction, flows: readonly Flow[], claimSource: string): Promise<number> {
    return (await tx.one(cypher.RETRACT_FLOWS, { flows, claimSource, now: this.now() })).int('retracted');
  }

  /** How many claims ended: they were true until now. */
  async endFlows(tx: WriteTransaction, flows: readonly Flow[], claimSource: string): Promise<number> {
    return (await tx.one(cypher.END_FLOWS, { flows, claimSource, now: this.now() })).int('ended');
  }
}

function decodeEnd(row: Row): FlowEnd {
  return {
    id: row.text('id'),
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
