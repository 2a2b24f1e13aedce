import { randomBytes } from 'node:crypto';
import { Client } from './client.js';
import type { TestWeftline } from './weftline.js';

export type Visibility = 'DISCOVERABLE' | 'RESTRICTED';
export type Registration = 'OPEN' | 'OWNERS';

const NAMESPACE =
  'namespace { id name visibility registration registrationSet owners { id } registrars { id } viewerCan }';

/** A namespace as somebody is told of it. */
export interface Told {
  id: string;
  name: string;
  visibility: Visibility;
  registration: Registration;
  registrationSet: boolean;
  owners: { id: string }[];
  registrars: { id: string }[] | null;
  viewerCan: string[];
}

const unique = (): string => randomBytes(6).toString('hex');

/** What administrators and owners of namespaces do, and what others are told, through the API. */
export class Spaces {
  constructor(
    private readonly server: TestWeftline,
    readonly admin: Client,
  ) {}

  /** A name that nobody has used; all of these are of the same length. */
  readonly fresh = (): string => `${this.server.namespace}-${unique()}`;

  async owners(namespace: string, owners: readonly string[], as = this.admin): Promise<Told> {
    const query = `mutation ($input: SetNamespaceOwnersInput!) { made: setNamespaceOwners(input: $input) { ${NAMESPACE} } }`;
    return (await as.data<{ made: { namespace: Told } }>(query, { input: { namespace, owners } })).made.namespace;
  }

  async registration(
    namespace: string,
    more: { registration?: Registration | null; registrars?: readonly string[] | null },
    as = this.admin,
  ): Promise<Told> {
    const query = `mutation ($input: SetNamespaceRegistrationInput!) { made: setNamespaceRegistration(input: $input) { ${NAMESPACE} } }`;
    return (await as.data<{ made: { namespace: Told } }>(query, { input: { namespace, ...more } })).made.namespace;
  }

  async visibility(namespace: string, visibility: Visibility): Promise<void> {
    const query =
      'mutation ($input: SetNamespaceVisibilityInput!) { setNamespaceVisibility(input: $input) { followed } }';
    await this.admin.data(query, { input: { namespace, visibility } });
  }

  /** null: they know of none. */
  async told(as: Client, name: string): Promise<Told | null> {
    const query = `query ($name: String!) { ${NAMESPACE.replace('namespace', 'namespace(name: $name)')} }`;
    return (await as.data<{ namespace: Told | null }>(query, { name })).namespace;
  }

  /** Whether the namespace of this id and name is told anywhere: by name, by id, in the list. */
  async isKnown(as: Client, { id, name }: { id: string; name: string }): Promise<boolean[]> {
    const node = await as.data<{ node: object | null }>('query ($id: ID!) { node(id: $id) { id } }', { id });
    return [(await this.told(as, name)) !== null, node.node !== null, (await this.list(as)).includes(name)];
  }

  /** The names of all that are listed, which are as many as are counted. */
  async list(as: Client): Promise<string[]> {
    interface Page {
      totalCount: number;
      nodes: { name: string }[];
      pageInfo: { hasNextPage: boolean; endCursor: string | null };
    }
    const query =
      'query ($after: String) { namespaces(first: 200, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } }';
    const names: string[] = [];
    for (let after: string | null = null; ;) {
      const { namespaces }: { namespaces: Page } = await as.data<{ namespaces: Page }>(query, { after });
      names.push(...namespaces.nodes.map(({ name }) => name));
      if (!namespaces.pageInfo.hasNextPage) return names;
      after = namespaces.pageInfo.endCursor;
    }
  }

  /** A service account with a token of its own, in these teams. */
  async robot(...teams: readonly string[]): Promise<Client> {
    const create =
      'mutation ($input: CreateServiceAccountInput!) { made: createServiceAccount(input: $input) { serviceAccount { id } } }';
    const { made } = await this.admin.data<{ made: { serviceAccount: { id: string } } }>(create, {
      input: { name: `robot-${unique()}`, teams },
    });
    return this.token(this.admin, { user: made.serviceAccount.id });
  }

  /** Another token of the caller, or of somebody else. */
  async token(as: Client, input: Record<string, unknown>): Promise<Client> {
    const query = 'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret } }';
    const { createApiToken } = await as.data<{ createApiToken: { secret: string } }>(query, {
      input: { name: 'another', ...input },
    });
    return new Client(as.address, createApiToken.secret, (input['user'] as string | undefined) ?? as.userId);
  }

  /** How many nodes and entries there are that tell of the name: what a refused attempt may not leave behind. */
  async traces(namespace: string): Promise<number> {
    const rows = await this.server.graph.read(
      { requestId: 'test', operation: 'test' },
      `OPTIONAL MATCH (n:Namespace {name: $namespace})
       RETURN count(n) + COUNT { MATCH (a:Asset {namespace: $namespace}) } AS found`,
      { namespace },
    );
    return rows[0]?.int('found') ?? -1;
  }
}
