import { WEBHOOK } from '../../config/webhook.js';
import type { BreakGlass, BreakGlassChange } from '../../governance/break-glass/break-glass.js';
import type { TellsOfBreakGlass } from '../../governance/break-glass/telling.port.js';
import type { TellsOfViolations } from '../../governance/violations/telling.port.js';
import type { ViolationChange } from '../../governance/violations/violation.feed.js';
import type { Violation } from '../../governance/violations/violation.js';
import { newId } from '../../ids.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { OutboxRepository } from './outbox.repository.js';

/** Tells a webhook of violations and emergencies: ids and times alone. What it is, and why, is for who may ask the API. */
export class ViolationMessages implements TellsOfViolations, TellsOfBreakGlass {
  constructor(
    private readonly rows: OutboxRepository,
    private readonly isOn: boolean,
  ) {}

  async violationChanged(tx: WriteTransaction, violation: Violation, change: ViolationChange, at: Date): Promise<void> {
    const said = { event: `violation.${change.toLowerCase()}`, at: at.toISOString(), violation: violation.id };
    await this.put(tx, { stream: violation.deploymentId, about: `violation ${violation.id} ${change}` }, said);
  }

  async breakGlassChanged(tx: WriteTransaction, glass: BreakGlass, change: BreakGlassChange, at: Date): Promise<void> {
    const said = { event: `breakGlass.${change.toLowerCase()}`, at: at.toISOString(), breakGlass: glass.id };
    await this.put(tx, { stream: glass.assetId, about: `breakGlass ${glass.id} ${change}` }, said);
  }

  private async put(
    tx: WriteTransaction,
    message: { stream: string; about: string },
    said: Readonly<Record<string, string>>,
  ): Promise<void> {
    if (!this.isOn) return;
    await this.rows.put(tx, [WEBHOOK], { ...message, body: JSON.stringify({ id: newId(), ...said }) });
  }
}
