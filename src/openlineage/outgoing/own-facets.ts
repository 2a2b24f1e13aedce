import type { OutgoingFacet } from '../../importers/events/outgoing.js';

/** Who says what this server says of itself, in every event it makes. It never changes. */
export const PRODUCER = 'urn:weftline:server';

/** The version of the schemas below: one that was published is never changed. */
const VERSION = '1-0-0';
/** Where the server gives them out (http/schemas.routes.ts). */
export const SCHEMAS_PATH = `/schema/openlineage/${VERSION}`;

/** The schemas of facets of Weftline's own: files in schema/openlineage. */
export const OWN_SCHEMAS = [
  'WeftlineGpuRunFacet',
  'WeftlineEnergyRunFacet',
  'WeftlineDecisionRunFacet',
  'WeftlineDecisionJobFacet',
  'WeftlineDeploymentJobFacet',
  'WeftlineVersionDatasetFacet',
  'WeftlineModelVersionDatasetFacet',
  'WeftlineExportDatasetFacet',
  'WeftlineExportJobFacet',
] as const;
type OwnSchema = (typeof OWN_SCHEMAS)[number];

/** Makes facets of Weftline, which name the schema at the address by which others reach this server. */
export function ownFacets(publicUrl: string): (schema: OwnSchema, said: object) => OutgoingFacet {
  const base = publicUrl.replace(/\/$/, '');
  return (schema, said) => ({
    _producer: PRODUCER,
    _schemaURL: `${base}${SCHEMAS_PATH}/${schema}.json#/$defs/${schema}`,
    ...withoutNothing(said),
  });
}

/** What is not known is not said. */
export const withoutNothing = (said: object): object =>
  Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null && value !== undefined));
