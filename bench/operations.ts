import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../schema/operations');

/** The samples that are measured: what screens, and people in a hurry, ask most. */
export const MEASURED = ['02-search', '03-list-assets', '04-asset-page', '17-lineage-upstream', '18-impact'] as const;

export interface Operation {
  query: string;
  variables: Record<string, unknown>;
}

/** A sample operation with the variables its comment gives, which are about the data of the demo. */
export function readOperation(name: string): Operation {
  const query = readFileSync(join(FOLDER, `${name}.graphql`), 'utf8');
  const variables = /^# variables: (\{.*\})$/m.exec(query)?.[1] ?? '{}';
  return { query, variables: JSON.parse(variables) as Record<string, unknown> };
}
