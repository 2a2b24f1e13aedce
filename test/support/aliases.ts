import { expect } from 'vitest';
import type { Client } from './client.js';
import { datasetOf, reportTo, runEvent } from './openlineage-events.js';
import { Seed } from './seed.js';
import type { TestWeftline } from './weftline.js';

const PROPOSE = 'mutation ($input: ProposeAliasInput!) { proposeAlias(input: $input) { aliasProposal { id state } } }';
const DECIDE = 'mutation ($input: DecideAliasInput!) { decideAlias(input: $input) { aliasProposal { id state } } }';
const UNDO = 'mutation ($input: UndoAliasInput!) { undoAlias(input: $input) { aliasProposal { id state } } }';
const ASSET = `query ($ref: AssetRef!) { asset(ref: $ref) { id urn tags visibility owners { role owner { ... on User { id } } }
  aliases { urn source } ... on Dataset { fields { name type } versions(first: 50) { nodes { id version } }
    qualityHistory(first: 50) { nodes { field success } } } } }`;
const LINEAGE = `query ($of: [AssetRef!]!) { lineage(of: $of, direction: UPSTREAM, depth: 1) { nodes { asset { urn } } edges { source target claims { source validFrom } } } }`;
const SEARCH = 'query ($query: String!) { search(query: $query, first: 20) { edges { node { id } } } }';
const COLUMNS = `query ($dataset: AssetRef!) { fieldLineage(dataset: $dataset, direction: UPSTREAM, depth: 3) { steps { field { name dataset { urn } } depth } } }`;

type Answer = Record<string, unknown>;

/** What tests of joined names do, in the words of whoever owns both. */
export interface AliasWorld {
  facet: (body: object) => object;
  /** A table that two producers know by two names, with what they told of it. */
  table: (name: string) => Promise<{
    airflow: string;
    expectations: string;
    events: number;
    portrait: () => Promise<Portrait>;
  }>;
  propose: (asset: string, sameAs: string, by?: Client) => Promise<string>;
  /** Keeps the first. */
  join: (kept: string, other: string, by?: Client) => Promise<string>;
  joinNamed: (namespace: string, kept: string, other: string) => Promise<string>;
  undo: (proposal: string) => Promise<void>;
  decide: (by: Client, proposal: string, more?: { accept?: boolean; keep?: string }) => Promise<string>;
  /** "CODE message" of a decision that is refused. */
  refusal: (by: Client, proposal: string, more?: { accept?: boolean; keep?: string }) => Promise<string>;
  stateOf: (proposal: string) => Promise<string>;
  /** Gives an asset to somebody, and nobody else. */
  give: (ref: string, to: Client) => Promise<unknown>;
  grant: (ref: string, to: Client) => Promise<unknown>;
  sees: (by: Client, refs: readonly string[]) => Promise<boolean[]>;
  /** The urns of what the asset feeds. */
  downstreamOf: (ref: string) => Promise<string[]>;
  upstreamOf: (dataset: string, field: string) => Promise<string[]>;
  found: (words: string) => Promise<string[]>;
  actionsOf: (ref: string) => Promise<string[]>;
  idOf: (namespace: string, name: string) => Promise<string>;
  /** Nobody but its owners registers there. */
  close: (namespace: string) => Promise<unknown>;
  seed: Seed;
  /** What events bring into the namespace is of the owner from now on. */
  own: (namespace: string) => Promise<unknown>;
}

interface Portrait {
  kept: Answer;
  byKept: Answer;
  byOther: Answer;
  upstream: string[];
  columns: string[];
  found: string[];
}

/** `admin` gives `owner` the namespaces of tables, and joins where nobody owns anything. */
export function aliasWorld(server: TestWeftline, owner: Client, admin: Client): AliasWorld {
  const facet = (body: object): object => ({
    _producer: 'https://example.org',
    _schemaURL: 'https://example.org',
    ...body,
  });
  const propose = async (asset: string, sameAs: string, by = owner): Promise<string> => {
    const answer = await by.data<{ proposeAlias: { aliasProposal: { id: string; state: string } } }>(PROPOSE, {
      input: { asset, sameAs, reason: 'One table.' },
    });
    expect(answer.proposeAlias.aliasProposal.state).toBe('PROPOSED');
    return answer.proposeAlias.aliasProposal.id;
  };
  const own = (namespace: string): Promise<unknown> =>
    admin.data(
      'mutation ($input: SetNamespaceOwnersInput!) { setNamespaceOwners(input: $input) { namespace { name } } }',
      { input: { namespace, owners: [owner.userId] } },
    );
  const join = async (kept: string, other: string, by = owner): Promise<string> => {
    const proposal = await propose(other, kept, by);
    const answer = await by.data<{ decideAlias: { aliasProposal: { state: string } } }>(DECIDE, {
      input: { proposal, accept: true },
    });
    expect(answer.decideAlias.aliasProposal.state).toBe('ACCEPTED');
    return proposal;
  };
  const idOf = async (namespace: string, name: string): Promise<string> => {
    const answer = await admin.data<{ assets: { nodes: { id: string; name: string }[] } }>(
      'query ($ns: [String!]) { assets(filter: { namespaces: $ns, kinds: [DATASET] }, first: 50) { nodes { id name } } }',
      { ns: [namespace] },
    );
    const found = answer.assets.nodes.find((each) => each.name === name);
    if (!found) throw new Error(`There is no ${name} in ${namespace}.`);
    return found.id;
  };
  const decide = async (by: Client, proposal: string, more: object = {}): Promise<string> => {
    const input = { proposal, accept: true, ...more };
    const answer = await by.data<{ decideAlias: { aliasProposal: { state: string } } }>(DECIDE, { input });
    return answer.decideAlias.aliasProposal.state;
  };
  const refusal = async (by: Client, proposal: string, more: object = {}): Promise<string> => {
    const { extensions, message } = await by.error(DECIDE, { input: { proposal, accept: true, ...more } });
    return `${extensions.code} ${message}`;
  };
  const stateOf = async (proposal: string): Promise<string> => {
    const answer = await admin.data<{ node: { state: string } }>(
      'query ($id: ID!) { node(id: $id) { ... on AliasProposal { state } } }',
      { id: proposal },
    );
    return answer.node.state;
  };
  const give = (ref: string, to: Client): Promise<unknown> =>
    admin.data('mutation ($input: SetOwnersInput!) { setOwners(input: $input) { asset { id } } }', {
      input: { ref, owners: [{ owner: to.userId, role: 'OWNER' }] },
    });
  const grant = (ref: string, to: Client): Promise<unknown> =>
    owner.data('mutation ($input: GrantAccessInput!) { grantAccess(input: $input) { accessGrant { id } } }', {
      input: {
        asset: ref,
        grantee: to.userId,
        actions: ['VIEW'],
        purpose: 'To look at it',
        until: new Date(Date.now() + 86_400_000).toISOString(),
      },
    });
  const sees = (by: Client, refs: readonly string[]): Promise<boolean[]> =>
    Promise.all(
      refs.map(async (ref) => {
        const answer = await by.data<{ asset: unknown }>('query ($ref: AssetRef!) { asset(ref: $ref) { id } }', {
          ref,
        });
        return answer.asset !== null;
      }),
    );
  const downstreamOf = async (ref: string): Promise<string[]> => {
    const answer = await owner.data<{ lineage: { nodes: { asset: { urn: string } | null }[] } }>(
      LINEAGE.replace('UPSTREAM', 'DOWNSTREAM'),
      { of: [ref] },
    );
    return answer.lineage.nodes.map(({ asset }) => asset?.urn ?? 'hidden').sort();
  };
  const upstreamOf = async (dataset: string, field: string): Promise<string[]> => {
    const answer = await owner.data<{
      fieldLineage: { steps: { field: { name: string; dataset: { urn: string } } }[] };
    }>(
      COLUMNS.replace('$dataset: AssetRef!', '$dataset: AssetRef!, $field: String').replace(
        'dataset: $dataset,',
        'dataset: $dataset, field: $field,',
      ),
      { dataset, field },
    );
    return answer.fieldLineage.steps.map((step) => `${step.field.dataset.urn}.${step.field.name}`);
  };
  const found = async (query: string): Promise<string[]> => {
    const hits = await owner.data<{ search: { edges: { node: { id: string } }[] } }>(SEARCH, { query });
    return hits.search.edges.map(({ node }) => node.id);
  };
  const actionsOf = async (ref: string): Promise<string[]> => {
    const answer = await owner.data<{ asset: { audit: { nodes: { action: string }[] } } }>(
      'query ($ref: AssetRef!) { asset(ref: $ref) { audit(first: 50) { nodes { action } } } }',
      { ref },
    );
    return answer.asset.audit.nodes.map(({ action }) => action);
  };
  const close = async (namespace: string): Promise<unknown> => {
    await admin.data(
      'mutation ($input: SetNamespaceOwnersInput!) { setNamespaceOwners(input: $input) { namespace { name } } }',
      { input: { namespace, owners: [admin.userId] } },
    );
    return admin.data(
      'mutation ($input: SetNamespaceRegistrationInput!) { setNamespaceRegistration(input: $input) { namespace { name } } }',
      { input: { namespace, registration: 'OWNERS' } },
    );
  };
  const seed = new Seed(owner, `${server.namespace}-aliases`);
  return {
    ...{ facet, propose, join, table, undo, joinNamed, own, decide, refusal, stateOf, give, grant, sees },
    ...{ downstreamOf, upstreamOf, found, actionsOf, idOf, close, seed },
  };

  async function undo(proposal: string): Promise<void> {
    const answer = await admin.data<{ undoAlias: { aliasProposal: { state: string } } }>(UNDO, { input: { proposal } });
    expect(answer.undoAlias.aliasProposal.state).toBe('UNDONE');
  }

  async function joinNamed(namespace: string, kept: string, other: string): Promise<string> {
    return join(await idOf(namespace, kept), await idOf(namespace, other), admin);
  }

  async function table(of: string) {
    const name = `${of}_${server.namespace.replaceAll(/\W/g, '')}`;
    const [postgres, psycopg] = [`${server.namespace}-${name}-postgres`, `${server.namespace}-${name}-psycopg`];
    for (const namespace of [postgres, psycopg]) await own(namespace);
    const source = datasetOf(postgres, 'raw', ['id']);
    const lineage = (column: string) => ({
      columnLineage: facet({
        fields: { [column]: { inputFields: [{ namespace: postgres, name: 'raw', field: 'id' }] } },
      }),
    });
    const events = [
      runEvent({
        namespace: postgres,
        job: 'load',
        inputs: [source],
        outputs: [datasetOf(postgres, `${name}_alpha`, ['id', 'amount'], lineage('id'))],
      }),
      runEvent({
        namespace: psycopg,
        job: 'validate',
        inputs: [source],
        outputs: [datasetOf(psycopg, `${name}_omega`, ['id', 'checked'], lineage('checked'))],
      }),
    ];
    expect(await reportTo(server.address, owner, events)).toEqual([]);
    const [airflow, expectations] = [await idOf(postgres, `${name}_alpha`), await idOf(psycopg, `${name}_omega`)];
    const portrait = async (): Promise<Portrait> => {
      const asset = async (ref: string) => (await owner.data<{ asset: Answer }>(ASSET, { ref })).asset;
      const [byKept, byOther] = [await asset(airflow), await asset(expectations)];
      const { lineage: walk } = await owner.data<{ lineage: { nodes: { asset: { urn: string } | null }[] } }>(LINEAGE, {
        of: [airflow],
      });
      const fields = await owner.data<{
        fieldLineage: { steps: { field: { name: string; dataset: { urn: string } } }[] };
      }>(COLUMNS, { dataset: expectations });
      const hits = await owner.data<{ search: { edges: { node: { id: string } }[] } }>(SEARCH, {
        query: `${name}_omega`,
      });
      return {
        kept: {
          ...byKept,
          fields: (byKept['fields'] as { name: string }[]).map((field) => field.name),
          versions: (byKept['versions'] as { nodes: unknown[] }).nodes,
        },
        ...{ byKept, byOther },
        upstream: walk.nodes.map(({ asset: each }) => each?.urn ?? 'hidden').sort(),
        columns: fields.fieldLineage.steps.map(({ field }) => `${field.dataset.urn}.${field.name}`).sort(),
        // Other tests name things in the same database.
        found: hits.search.edges.map(({ node }) => node.id).filter((id) => id === airflow || id === expectations),
      };
    };
    return { airflow, expectations, events: events.length, portrait };
  }
}
