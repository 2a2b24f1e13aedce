import { WEBHOOK } from '../../config.webhook.js';
import type { TellsOfViolations } from '../../governance/violations/telling.port.js';
import type { ViolationChange } from '../../governance/violations/violation.feed.js';
import type { Violation } from '../../governance/violations/violation.js';
import { newId } from '../../ids.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { OutboxRepository } from './outbox.repository.js';

/** Tells a webhook of violations: ids and times alone. What is violated, and by what, is for who may ask the API. */
export class ViolationMessages implements TellsOfViolations {
  constructor(
    private readonly rows: OutboxRepository,
    private readonly isOn: boolean,
  ) {}

  async violationChanged(tx: WriteTransaction, violation: Violation, change: ViolationChange, at: Date): Promise<void> {
    if (!this.isOn) return;
    const body = {
      id: newId(),
      event: `violation.${change.toLowerCase()}`,
      at: at.toISOString(),
      violation: violation.id,
    };
    const about = `violation ${violation.id} ${change}`;
    await this.rows.put(tx, [WEBHOOK], { stream: violation.deploymentId, about, body: JSON.stringify(body) });
  }
}
