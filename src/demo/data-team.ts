import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  type DemoAsset,
  type DemoFile,
  type DemoVersion,
  ensureAsset,
  ensureDatasetVersion,
  ensureLabels,
  reportRun,
} from './catalog.js';
import type { Display } from './display.js';
import type { Cast } from './people.js';
import {
  cleanAndSplit,
  describeRawFile,
  digestOf,
  digestOfPrograms,
  EXAMPLES,
  gitRevision,
  type Split,
} from './preparation.js';

const LABELS = [
  { dimension: 'licences', values: ['CC0-1.0'] },
  { dimension: 'purposes', values: ['RESEARCH', 'TEACHING'] },
];
const RAW_FILE = join(EXAMPLES, 'penguins-raw.csv');
const RAW = { name: 'penguins.raw' };

/** The raw file, as it is registered. */
interface Raw extends DemoFile {
  asset: DemoAsset;
}

/** The data team's part: the raw file, and the run that makes the training data of it. */
export class DataTeam {
  private readonly owners: { owner: string }[];

  constructor(
    private readonly cast: Cast,
    private readonly display: Display,
    /** Where the demo keeps what it makes. */
    private readonly folder: string,
  ) {
    this.owners = [{ owner: cast.teams.data }];
  }

  /** `named`: the name by which others know it too. */
  registerRaw(named: { namespace?: string; name: string } = RAW): Promise<Raw> {
    return this.display.step('The data team registers the raw file and publishes a version', async () => {
      const { client } = this.cast.dana;
      const { fields, ...facts } = describeRawFile(RAW_FILE);
      const asset = await ensureAsset(client, 'Dataset', {
        ...named,
        description: 'Measurements of 344 penguins of three species near Palmer Station, Antarctica.',
        tags: ['penguins', 'raw'],
        properties: { license: 'CC0-1.0' },
        format: 'csv',
        uri: facts.uri,
        fields,
        owners: this.owners,
      });
      const version = await ensureDatasetVersion(client, asset, facts);
      const note = `${facts.rowCount} rows, ${facts.bytes} bytes, ${facts.digest.slice(0, 19)}…${foundNote(version)}`;
      return { value: { asset, version, path: RAW_FILE }, note };
    });
  }

  /** Says under which licence the raw file is and what it may be used for: it holds for all that is made of it. */
  label(raw: DemoAsset): Promise<void> {
    return this.display.step('The data team says under which licence it is, and what it may be used for', async () => {
      const made = await ensureLabels(this.cast.dana.client, raw, LABELS);
      const said = LABELS.map(({ dimension, values }) => `${dimension} ${values.join(', ')}`).join('; ');
      return { value: undefined, note: `${said}${made === 0 ? '; said in an earlier run' : ''}` };
    });
  }

  /** Makes of a file the versions to train on. */
  prepare(file: DemoFile): Promise<DemoVersion[]> {
    return this.display.step('A run cleans the data and splits it, in a process of its own', async () => {
      const { client } = this.cast.dana;
      const transformation = await ensureAsset(client, 'Transformation', {
        name: 'clean-and-split',
        codeRef: { path: 'examples/penguins/clean-and-split.mjs', revision: await gitRevision() },
        owners: this.owners,
      });
      const startedAt = new Date();
      const { splits, droppedRows } = await cleanAndSplit(file.path, this.outputFolder(file));
      const versions: DemoVersion[] = [];
      for (const split of splits) versions.push(await this.publish(split));
      if (versions.some((version) => version.runId === null))
        await reportRun(client, transformation, file.version, versions, startedAt);
      const rows = splits.map((split) => `${split.name} ${split.rowCount}`).join(', ');
      return { value: versions, note: `${rows} rows, ${droppedRows} dropped${foundNote(versions[0])}` };
    });
  }

  /** Another folder for other data or programs, so that what an older version points to stays as it is. */
  private outputFolder({ path }: DemoFile): string {
    const recipe = createHash('sha256')
      .update(`${digestOf(path).slice(0, 12)} ${digestOfPrograms()}`)
      .digest('hex');
    return join(this.folder, recipe.slice(0, 12));
  }

  private async publish({ name, fields, ...facts }: Split): Promise<DemoVersion> {
    const { client } = this.cast.dana;
    const asset = await ensureAsset(client, 'Dataset', {
      name: `penguins.${name}`,
      description: `The ${name} share of the cleaned penguins.`,
      tags: ['penguins', name],
      format: 'csv',
      fields,
      owners: this.owners,
    });
    return ensureDatasetVersion(client, asset, { ...facts });
  }
}

function foundNote(version: DemoVersion | undefined): string {
  return version?.made === false ? '; published in an earlier run' : '';
}
