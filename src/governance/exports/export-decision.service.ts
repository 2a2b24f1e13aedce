import { type AuditFact, recordAuditAs } from '../../audit/record/record.js';
import type { Actor } from '../../auth/actor.js';
import { deniedByPolicies, type DryRun, dryRunOf } from '../../catalog/model/denied.js';
import type { Graph } from '../../neo4j/graph.js';
import type { DecidesByPolicy, DecidesExports, Judged } from '../decisions/decides.port.js';
import type { PolicyQuestion } from '../decisions/decision.js';

/** Decides what leaves, and accounts for it: the entry of the audit log is what a decision allowed. */
export class ExportDecisions implements DecidesExports {
  constructor(
    private readonly graph: Graph,
    private readonly policies: DecidesByPolicy,
  ) {}

  async account(actor: Actor, resource: PolicyQuestion['resource'], fact: AuditFact): Promise<void> {
    const denied = await this.graph.write(actor.origin, async (tx): Promise<Judged | null> => {
      const judged = await this.policies.judge(tx, actor, questionOf(resource));
      const isDenied = judged !== null && judged.reasons.length > 0;
      const outcome = isDenied ? { outcome: 'DENIED' as const } : {};
      const entry = await recordAuditAs(tx, actor, { ...fact, ...outcome });
      await this.policies.keep(tx, judged, isDenied ? null : entry);
      return isDenied ? judged : null;
    });
    if (denied) throw deniedByPolicies(denied.reasons);
  }

  async foresee(actor: Actor, resource: PolicyQuestion['resource']): Promise<DryRun> {
    const judged = await this.graph.rehearse(actor.origin, (tx) =>
      this.policies.foresee(tx, actor, questionOf(resource)),
    );
    const { reasons = [], warnings = [] } = judged ?? {};
    return dryRunOf({ reasons, warnings, wouldAskApproval: (judged?.request ?? null) !== null });
  }
}

const questionOf = (resource: PolicyQuestion['resource']): PolicyQuestion => ({
  ...{ action: 'export', resource, given: { environment: '' } },
  subjects: [{ part: 'RESOURCE', assetId: resource.id, versionId: null }],
});
