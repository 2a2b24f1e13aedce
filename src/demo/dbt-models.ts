import { SetupError } from '../neo4j/setup-error.js';
import type { DemoFile } from './catalog.js';
import type { DemoClient } from './client.js';
import { buildProject, type DbtProgram, type DbtProject } from './dbt-program.js';
import type { Display } from './display.js';
import type { Cast } from './people.js';

/** Where the jobs of dbt lie. */
const JOBS = 'weftline://demo/dbt';

interface Reported {
  id: string;
  version: string;
  generatedBy: { id: string; transformation: { name: string } } | null;
}

interface Quality {
  assertion: string | null;
  field: string | null;
  success: boolean | null;
}

interface Told {
  versions: { nodes: Reported[] };
  qualityHistory: { nodes: Quality[] };
}

/** What dbt makes of the raw file, when the demo is run with it: it reports that itself, as everywhere else. */
export class DbtModels {
  constructor(
    private readonly admin: DemoClient,
    private readonly cast: Cast,
    private readonly display: Display,
    private readonly program: DbtProgram,
    private readonly project: DbtProject,
  ) {}

  /** What a producer brings into a namespace belongs to its owners. */
  claimNamespaces(): Promise<void> {
    return this.display.step('An administrator gives the data team the namespaces that dbt reports into', async () => {
      const set =
        'mutation ($input: SetNamespaceOwnersInput!) { setNamespaceOwners(input: $input) { namespace { name } } }';
      const namespaces = [JOBS, this.project.made.namespace];
      for (const namespace of namespaces)
        await this.admin.ask(set, { input: { namespace, owners: [this.cast.teams.data], reason: 'The demo' } });
      return { value: undefined, note: namespaces.join(', ') };
    });
  }

  /** Runs dbt on the raw file; what it made last. */
  build(rawFile: string): Promise<DemoFile> {
    return this.display.step('dbt builds and tests two models of it, and reports that by HTTP', async () => {
      const before = (await this.told()).versions.nodes[0];
      await this.withToken((token) =>
        buildProject(this.program, this.project, {
          rawFile,
          reporting: {
            OPENLINEAGE_URL: this.cast.dana.client.address,
            OPENLINEAGE_API_KEY: token,
            OPENLINEAGE_NAMESPACE: JOBS,
          },
        }),
      );
      const { versions, qualityHistory } = await this.told();
      const [made] = versions.nodes;
      if (made === undefined || made.id === before?.id)
        throw new SetupError(
          `dbt ended well, and told Weftline of no version of ${this.project.made.name}. Look at its log in ${this.project.folder}/project/logs.`,
        );
      for (const test of testsOf(qualityHistory.nodes)) this.display.detail(test);
      const by = made.generatedBy;
      const value = {
        path: this.project.file,
        version: { id: made.id, version: made.version, made: true, runId: by?.id ?? null },
      };
      return { value, note: `${this.project.made.name}, made by ${by?.transformation.name ?? 'nobody knows what'}` };
    });
  }

  /** Does something with a token of Dana's that can report and do nothing else, and works no more afterwards. */
  private async withToken(work: (token: string) => Promise<void>): Promise<void> {
    const { client } = this.cast.dana;
    const create =
      'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret apiToken { id } } }';
    const input = { name: 'dbt of the demo', scopes: ['REPORT'], expiresInDays: 1 };
    const { createApiToken } = await client.ask<{ createApiToken: { secret: string; apiToken: { id: string } } }>(
      create,
      { input },
    );
    try {
      await work(createApiToken.secret);
    } finally {
      const revoke = 'mutation ($input: RevokeApiTokenInput!) { revokeApiToken(input: $input) { apiToken { id } } }';
      await client.ask(revoke, { input: { token: createApiToken.apiToken.id } });
    }
  }

  /** What Weftline tells of what dbt makes; nothing before its first run. */
  private async told(): Promise<Told> {
    const query = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset {
      versions(first: 1) { nodes { id version generatedBy { id transformation { name } } } }
      qualityHistory(first: 50) { nodes { assertion field success } }
    } } }`;
    const { namespace, name } = this.project.made;
    const ref = `urn:weft:dataset:${encodeURIComponent(namespace)}:${encodeURIComponent(name)}`;
    const { asset } = await this.cast.dana.client.ask<{ asset: Told | null }>(query, { ref });
    return asset ?? { versions: { nodes: [] }, qualityHistory: { nodes: [] } };
  }
}

/** Of each test the last result, in the order of their names: the history begins with the newest. */
function testsOf(history: readonly Quality[]): string[] {
  const tests = new Map<string, string>();
  for (const { assertion, field, success } of history) {
    const test = [assertion ?? '', field ?? ''].join(' ').trimEnd();
    if (assertion !== null && !tests.has(test)) tests.set(test, success === true ? 'passed' : 'failed');
  }
  return [...tests].sort().map(([test, result]) => `${test}: ${result}`);
}
