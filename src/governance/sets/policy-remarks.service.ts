import type { Logger } from 'pino';
import { systemActor } from '../../auth/actor.js';
import type { Graph } from '../../neo4j/graph.js';
import { policyState } from '../gate/gate.js';
import type { LoadedSets } from './loaded-sets.js';

const SYSTEM = systemActor('policies');
const EMPTY =
  'The active set of policies holds none: all that policies decide is denied until another one is activated.';
const UNREADABLE =
  'The active set of policies cannot be read: all that policies decide is refused until another one is activated. The log says what is wrong.';

/** What those who run the server are to know of the active set, while the server serves all the same. */
export class PolicyRemarks {
  constructor(
    private readonly graph: Graph,
    private readonly sets: LoadedSets,
    private readonly logger: Logger,
  ) {}

  /** [] when nothing is wrong, no set is active, or the database does not answer, which is told elsewhere. */
  async all(): Promise<string[]> {
    const reader = this.graph.reader(SYSTEM.origin);
    const state = await policyState(reader).catch(() => null);
    if (!state?.activeId) return [];
    try {
      const { set } = await this.sets.byId(reader, state.activeId);
      set.readAhead();
      return set.policies.length === 0 ? [EMPTY] : [];
    } catch (error) {
      this.logger.error({ err: error, policySet: state.activeId }, 'The active set of policies cannot be read.');
      return [UNREADABLE];
    }
  }
}
