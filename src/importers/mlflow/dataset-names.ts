import { z } from 'zod';
import type { DatasetName, OutgoingDataset, OutgoingField } from '../events/outgoing.js';
import { facets } from '../events/outgoing.js';
import type { DatasetInput, Experiment } from './answers.js';
import { facet } from './words.js';

/**
 * A data set of an experiment, by where its data lies, so that it is the one that others report; one whose source MLflow does not know, such as a table made by a
 * program, by its name within the experiment, as MLflow tells them apart.
 */
export function datasetNameOf({ dataset }: DatasetInput, server: string, experiment: Experiment): DatasetName {
  const source = SOURCE.safeParse(jsonOf(dataset.source));
  const place = source.success ? placeOf(source.data) : null;
  return place ?? { namespace: server, name: `${experiment.name}/${dataset.name}` };
}

/** Where the data lies, as the sources of MLflow say it. */
const SOURCE = z.object({ uri: z.string().optional(), url: z.string().optional(), path: z.string().optional() });

/** By the naming rules of OpenLineage; null for what has no address. */
function placeOf({ uri, url, path }: z.infer<typeof SOURCE>): DatasetName | null {
  const said = uri ?? url ?? path ?? '';
  if (said.startsWith('/')) return { namespace: 'file', name: said };
  const address = URL.canParse(said) ? new URL(said) : null;
  if (address === null) return null;
  if (address.protocol === 'file:') return { namespace: 'file', name: decoded(address.pathname) };
  if (!/^(?:https?|s3[an]?|gs|abfss?|wasbs?|hdfs|dbfs):$/.test(address.protocol) || address.host === '') return null;
  const scheme = /^s3[an]:$/.test(address.protocol) ? 's3:' : address.protocol;
  // Who may read it stands in the address of some: a name tells of the place alone.
  const container = address.username === '' || !/^(?:abfss?|wasbs?):$/.test(scheme) ? '' : `${address.username}@`;
  return {
    namespace: `${scheme}//${container}${address.host}`,
    name: decoded(address.pathname).replace(/^\/(?=.)/, ''),
  };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** What a run read: the version is the digest that MLflow made of it. */
export function inputOf(input: DatasetInput, server: string, experiment: Experiment): OutgoingDataset {
  const { digest, schema, profile } = input.dataset;
  const fields = fieldsOf(schema);
  const rows = PROFILE.safeParse(jsonOf(profile));
  const rowCount = rows.success ? rows.data.num_rows : undefined;
  return {
    ...datasetNameOf(input, server, experiment),
    facets: facets({
      version: digest === '' ? null : facet('DatasetVersionDatasetFacet', { datasetVersion: digest }),
      schema: fields.length === 0 ? null : facet('SchemaDatasetFacet', { fields }),
    }),
    inputFacets: facets({
      dataQualityMetrics:
        rowCount === undefined ? null : facet('DataQualityMetricsInputDatasetFacet', { rowCount, columnMetrics: {} }),
    }),
  };
}

const PROFILE = z.object({ num_rows: z.int().nonnegative().optional() });
const COLUMNS = z.object({
  mlflow_colspec: z.array(z.object({ name: z.string().min(1), type: z.string() })).max(10_000),
});

/** Of a table; tensors have no columns. */
function fieldsOf(schema: string): OutgoingField[] {
  const columns = COLUMNS.safeParse(jsonOf(schema));
  return columns.success ? columns.data.mlflow_colspec.map(({ name, type }) => ({ name, type })) : [];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
