import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { EventMaker, facetsOf, type Outgoing } from '../events/outgoing.js';
import { type ColumnProfile, type Duck, type Table } from './duck.js';
import { fieldsOf } from './fields.js';
import { findFiles, type FoundFile, type Search, type Unread, whyNot } from './find-files.js';

const PRODUCER = 'urn:weftline:import:files';
const events = new EventMaker(PRODUCER);
const facet = facetsOf(PRODUCER);

/** How many files were read, and what was not. */
export interface Tally {
  read: number;
  beyond: number;
  unread: number;
}

/** Each file of a search as a data set; what cannot be read is told and counted, and the rest goes on. */
export async function* fileEvents(
  search: Search,
  duck: Duck,
  { tally, tell }: { tally: Tally; tell: (unread: Unread) => void },
): AsyncGenerator<Outgoing> {
  const leaveOut = (unread: Unread): void => {
    tally.unread += 1;
    tell(unread);
  };
  for await (const found of findFiles(search)) {
    if ('beyond' in found) tally.beyond = found.beyond;
    else if ('unread' in found) leaveOut(found.unread);
    else {
      const event = await readFile(found.file, duck).catch((error: unknown) => {
        leaveOut({ path: found.file.path, why: firstLine(whyNot(error)) });
        return null;
      });
      if (event !== null) {
        tally.read += 1;
        yield event;
      }
    }
  }
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 300);

/** A file must be the same before and after it was read: else its digest would be of one state and its rows of another. */
async function readFile(file: FoundFile, duck: Duck): Promise<Outgoing> {
  const before = await stat(file.path);
  if (before.size === 0) throw new Error('it is empty');
  const digest = await digestOf(file.path);
  const table = await duck.read(file.path, file.format);
  const after = await stat(file.path);
  if (after.size !== before.size || after.mtimeMs !== before.mtimeMs || after.ino !== before.ino)
    throw new Error('it was changed while it was read');
  return eventOf(file, table, { digest, bytes: before.size, changedAt: before.mtime.toISOString() });
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function eventOf(
  { path, format }: FoundFile,
  table: Table,
  { digest, bytes, changedAt }: { digest: string; bytes: number; changedAt: string },
): Outgoing {
  const columnMetrics = Object.fromEntries([...table.profiles].map(([name, profile]) => [name, metricsOf(profile)]));
  return events.dataset(changedAt, {
    namespace: 'file',
    name: path,
    facets: {
      dataSource: facet('DatasourceDatasetFacet', { name: 'file', uri: 'file' }),
      datasetType: facet('DatasetTypeDatasetFacet', { datasetType: 'FILE' }),
      storage: facet('StorageDatasetFacet', { storageLayer: 'file', fileFormat: format }),
      schema: facet('SchemaDatasetFacet', { fields: fieldsOf(table.columns) }),
      version: facet('DatasetVersionDatasetFacet', { datasetVersion: `sha256:${digest}` }),
      dataQualityMetrics: facet('DataQualityMetricsDatasetFacet', {
        rowCount: table.rowCount,
        bytes,
        fileCount: 1,
        lastUpdated: changedAt,
        columnMetrics,
      }),
    },
  });
}

const metricsOf = ({ count, ...told }: ColumnProfile): object => ({
  count,
  ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)),
});
