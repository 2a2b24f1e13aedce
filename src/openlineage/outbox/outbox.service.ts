import { systemActor } from '../../auth/actor.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { QualityResult } from '../../catalog/quality/quality.js';
import type { Outgoing } from '../../importers/events/outgoing.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { EventsOfFacts } from '../outgoing/events-of-facts.js';
import type { FactsRepository } from '../outgoing/facts.repository.js';
import type { ReleaseFacts, RunFacts } from '../outgoing/facts.js';
import type { OutboxRepository } from './outbox.repository.js';
import type { Denial, TellsOthers } from './telling.port.js';

const SYSTEM = systemActor('outbox');

/** Writes down what is to be told to others. Where nobody is to be told, nothing is read and nothing is written. */
export class Outbox implements TellsOthers {
  constructor(
    private readonly destinations: readonly string[],
    private readonly facts: FactsRepository,
    private readonly events: EventsOfFacts,
    private readonly rows: OutboxRepository,
  ) {}

  runBegan(tx: WriteTransaction, runId: string, isFirst: boolean): Promise<void> {
    return this.tellOfRun(tx, runId, (facts) => this.events.runBegan(facts, isFirst ? 'START' : 'RUNNING'));
  }

  runEnded(tx: WriteTransaction, runId: string): Promise<void> {
    return this.tellOfRun(tx, runId, (facts) => this.events.runEnded(facts));
  }

  releaseBegan(tx: WriteTransaction, releaseId: string): Promise<void> {
    return this.tellOfRelease(tx, releaseId, 0);
  }

  releaseEnded(tx: WriteTransaction, releaseId: string): Promise<void> {
    return this.tellOfRelease(tx, releaseId, 1);
  }

  async denied(tx: WriteTransaction, of: Asset, { action, at, reasons }: Denial): Promise<void> {
    if (this.destinations.length === 0) return;
    const event = this.events.denied(of, { action, outcome: 'DENIED', decidedAt: at, reasons });
    await this.put(tx, of.id, `${action} of ${of.urn} was denied`, event);
  }

  async qualityReported(
    tx: WriteTransaction,
    of: Asset,
    version: string | null,
    results: readonly QualityResult[],
  ): Promise<void> {
    if (this.destinations.length === 0) return;
    const facts = results.map((result) => ({ result, version }));
    await this.put(tx, of.id, `quality of ${of.urn}`, this.events.quality(of, facts));
  }

  private async tellOfRun(
    tx: WriteTransaction,
    runId: string,
    eventOf: (facts: RunFacts) => Outgoing | null,
  ): Promise<void> {
    if (this.destinations.length === 0) return;
    const [facts] = await this.facts.runs(tx, SYSTEM, [runId]);
    const event = facts && eventOf(facts);
    if (event) await this.put(tx, runId, `${String(event['eventType'])} of a run of ${facts.job.urn}`, event);
  }

  /** One of its two events: that it began, or that it ended. In the order of what serves on its deployment. */
  private async tellOfRelease(tx: WriteTransaction, releaseId: string, which: 0 | 1): Promise<void> {
    if (this.destinations.length === 0) return;
    const [facts]: ReleaseFacts[] = await this.facts.releases(tx, SYSTEM, [releaseId]);
    const event = facts && this.events.releaseEvents(facts)[which];
    if (!event) return;
    const { id, urn } = facts.deployment;
    await this.put(tx, id, `${String(event['eventType'])} of a release on ${urn}`, event);
  }

  private put(tx: WriteTransaction, stream: string, about: string, event: Outgoing): Promise<void> {
    return this.rows.put(tx, this.destinations, { stream, about, body: JSON.stringify(event) });
  }
}
