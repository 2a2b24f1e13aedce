import type { Row } from '../../neo4j/row.js';
import { CLOSINGS, type Violation } from './violation.js';

export function decodeViolation(row: Row): Violation {
  return {
    __typename: 'Violation',
    ...{ id: row.text('id'), deploymentId: row.text('deploymentId'), deploymentUrn: row.text('deploymentUrn') },
    ...{ releaseId: row.text('releaseId'), policy: row.text('policy'), reasons: row.texts('reasons') },
    ...{ decisionId: row.text('decisionId'), openedAt: row.time('openedAt'), closedAt: row.maybeTime('closedAt') },
    closing: CLOSINGS.find((closing) => closing === row.maybeText('closing')) ?? null,
  };
}
