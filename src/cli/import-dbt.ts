import { statSync } from 'node:fs';
import { datasetNamespaceOf } from '../importers/dbt/dataset-namespace.js';
import { dbtEvents } from '../importers/dbt/dbt-events.js';
import { readProfile } from '../importers/dbt/profiles.js';
import { readArtifacts } from '../importers/dbt/read-artifacts.js';
import { type Command, readArgument, UsageError, withFile } from './calling/command.js';
import { destinationOf, IMPORT_OPTIONS, IMPORT_USAGE } from './import-events.js';

/** `npx weft import dbt`: brings in what dbt wrote, as dbt-ol would have reported it. */
export const importDbt: Command = {
  usage: `npx weft import dbt FOLDER [OPTIONS]

Brings in what dbt wrote into its target folder: models, seeds, snapshots, sources, tests and exposures, named as dbt-ol
names them. manifest.json must be there; catalog.json, run_results.json and sources.json are read where they are.

${IMPORT_USAGE}
  --profiles-dir FOLDER   where profiles.yml lies; else where dbt looks for it
  --profile NAME          the profile; else the one that dbt_project.yml names
  --target NAME           the target of the profile; else the one the run took
  --dataset-namespace NS  the namespace of the tables, such as postgres://db.example:5432; no profile is read then
  --job-namespace NS      the namespace of jobs; else OPENLINEAGE_NAMESPACE, else dbt, as for dbt-ol

Exit code: 0 all was taken, 1 something was not, 2 wrong usage.`,

  async run(args) {
    const { argument: folder, options } = readArgument(
      args,
      {
        ...IMPORT_OPTIONS,
        'profiles-dir': { type: 'string' },
        profile: { type: 'string' },
        target: { type: 'string' },
        'dataset-namespace': { type: 'string' },
        'job-namespace': { type: 'string' },
      },
      'target folder',
    );
    const deliver = await destinationOf(options);
    const isFolder = await withFile(folder, () => statSync(folder).isDirectory());
    if (!isFolder) throw new UsageError(`${folder}: this is a file, and a folder is wanted.`);
    const artifacts = readArtifacts(folder);
    const choice = { profilesDir: options['profiles-dir'], profile: options.profile, target: options.target };
    const datasets =
      options['dataset-namespace'] ?? datasetNamespaceOf(readProfile(folder, choice, artifacts.runResults));
    const jobs = options['job-namespace'] ?? process.env['OPENLINEAGE_NAMESPACE'] ?? 'dbt';
    return deliver(dbtEvents(artifacts, { datasets, jobs }));
  },
};
