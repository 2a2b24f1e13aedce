import type { DecidesExports } from '../governance/decisions/decides.port.js';
import type { LineageService } from '../lineage/trace/lineage.service.js';
import { ClosureEvents } from '../openlineage/export/closure-events.js';
import { LineageExport } from '../openlineage/export/export.service.js';
import type { EventsOfFacts } from '../openlineage/outgoing/events-of-facts.js';
import type { FactsRepository } from '../openlineage/outgoing/facts.repository.js';
import type { Parts } from './parts.js';

/** What gives a lineage to others, as events. */
export const wireLineageExport = (
  { graph, now }: Parts,
  {
    lineage,
    facts,
    events,
    exporting,
  }: { lineage: LineageService; facts: FactsRepository; events: EventsOfFacts; exporting: DecidesExports },
): LineageExport => new LineageExport(lineage, new ClosureEvents(graph, facts, events), exporting, now);
