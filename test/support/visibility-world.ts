import { type Actor, systemActor, viewerOf } from '../../src/auth/actor.js';
import { visibleTo } from '../../src/auth/rights.cypher.js';
import { Client } from './client.js';
import { Seed } from './seed.js';
import { startTestWeftline, type TestWeftline } from './weftline.js';

const ORIGIN = systemActor('test').origin;

/** One thing done, by numbers of who and what there is: each number counts modulo how many there are. */
export type Deed =
  | { do: 'own'; asset: number; owners: number[] }
  | { do: 'join'; team: number; members: number[] }
  | { do: 'grant'; by: number; asset: number; to: number; minutes: number }
  | { do: 'revoke'; by: number; grant: number }
  | { do: 'pass'; grant: number; milliseconds: number }
  | { do: 'open' | 'close'; asset: number | null; space: number }
  | { do: 'move' | 'retire'; asset: number; space: number }
  | { do: 'register'; by: number; space: number }
  | { do: 'visit' };

/** Who sees what, by what the graph says: owners, members, grants and namespaces, and nothing that is kept of them. */
const TRUTH = `// test.whoSees
MATCH (a:Asset) WHERE a.id IN $assets
OPTIONAL MATCH (n:Namespace {name: a.namespace})
WITH a, coalesce(a.ownVisibility, n.visibility, 'DISCOVERABLE') AS visibility
UNWIND $viewers AS viewer
WITH a, visibility, viewer, [viewer.id] + COLLECT { MATCH (:Principal {id: viewer.id})-[:MEMBER_OF]->(t:Team) RETURN t.id } AS ids
WHERE (viewer.asOf IS NULL OR a.createdAt <= viewer.asOf) AND (viewer.readsAll OR visibility = 'DISCOVERABLE'
  OR EXISTS { MATCH (p:Principal)-[:OWNS]->(a) WHERE p.id IN ids }
  OR EXISTS { MATCH (g:AccessGrant)-[:GRANTED_ON]->(a) WHERE g.granteeId IN ids AND g.revokedAt IS NULL AND g.expiresAt > $now })
RETURN viewer.id + ' sees ' + a.id AS sight ORDER BY sight`;

const SEEN = `// test.sees
MATCH (a:Asset) WHERE a.id IN $assets AND ${visibleTo('a')}
RETURN a.id AS id`;

/** Owners that an asset and its latest revision keep, and those it has, where these differ. */
const OFF = `// test.keptOwners
MATCH (a:Asset) WHERE a.id IN $assets
MATCH (r:AssetRevision {key: a.id + ':' + toString(a.revision)})
WITH a, COLLECT { MATCH (p:Principal)-[:OWNS]->(a) RETURN p.id ORDER BY p.id } AS owners,
  COLLECT { UNWIND a.ownerIds AS id RETURN id ORDER BY id } AS kept, COLLECT { UNWIND r.ownerIds AS id RETURN id ORDER BY id } AS then
WHERE owners <> kept OR owners <> then
RETURN a.id AS id`;

/** A few people, teams, namespaces and assets, to which anything may happen. The clock of the server is the world's. */
export class VisibilityWorld {
  private readonly assets: string[] = [];
  private readonly grants: { id: string; until: Date }[] = [];
  private readonly visitors: Client[] = [];
  private names = 0;

  private constructor(
    readonly server: TestWeftline,
    private readonly clock: { now: Date },
    private readonly admin: Client,
    private readonly people: readonly Client[],
    private readonly teams: readonly string[],
  ) {}

  static async begin(): Promise<VisibilityWorld> {
    const clock = { now: new Date() };
    const server = await startTestWeftline({ now: () => clock.now });
    const people = [await server.user(), await server.user(), await server.user()];
    const teams = [await server.team(), await server.team()];
    const world = new VisibilityWorld(server, clock, await server.user({ role: 'ADMIN' }), people, teams);
    for (const space of [0, 1])
      await world.ask('setNamespaceRegistration', { namespace: world.space(space), registration: 'OPEN' });
    return world;
  }

  /** What was made before stays, and is looked at no more. */
  forget(): void {
    this.assets.length = this.grants.length = this.visitors.length = 0;
  }

  /** Does it through the API; what is refused changes nothing. */
  async do(deed: Deed): Promise<void> {
    if (deed.do === 'register') return this.register(deed.by, deed.space);
    if (deed.do === 'grant') return this.grant(deed);
    if (deed.do === 'pass') return this.pass(deed.grant, deed.milliseconds);
    if (deed.do === 'visit') return this.visit();
    if (deed.do === 'join') {
      const members = deed.members.map((each) => at(this.people, each).userId);
      return this.ask('setTeamMembers', { team: at(this.teams, deed.team), members });
    }
    if (deed.do === 'revoke') {
      const grant = this.grants[deed.grant % this.grants.length];
      return grant && this.ask('revokeAccess', { grant: grant.id }, at(this.people, deed.by));
    }
    return this.change(deed);
  }

  /** What somebody sees, and what they should see; each line is one sight. */
  async sights(): Promise<{ seen: string[]; truth: string[]; off: string[] }> {
    const [{ assets }, now] = [this, this.clock.now];
    const viewers = await Promise.all([this.admin, ...this.people, ...this.visitors].map((each) => this.signIn(each)));
    const { graph } = this.server;
    const seen = await Promise.all(
      viewers.map(async (actor) => {
        const rows = await graph.read(actor.origin, SEEN, { assets, viewer: viewerOf(actor), now });
        return rows.map((row) => `${actor.id} sees ${row.text('id')}`);
      }),
    );
    const asked = viewers.map((actor) => {
      const { id, readsAll, asOf } = { id: actor.id, ...viewerOf(actor) };
      return { id, readsAll, asOf };
    });
    const truth = await graph.read(ORIGIN, TRUTH, { assets, viewers: asked, now });
    const off = await graph.read(ORIGIN, OFF, { assets });
    return {
      seen: seen.flat().sort(),
      truth: truth.map((row) => row.text('sight')).sort(),
      off: off.map((row) => row.text('id')),
    };
  }

  private async change(deed: Extract<Deed, { do: 'own' | 'open' | 'close' | 'move' | 'retire' }>): Promise<void> {
    const visibility = deed.do === 'open' ? 'DISCOVERABLE' : 'RESTRICTED';
    if (deed.do !== 'own' && deed.asset === null)
      return this.ask('setNamespaceVisibility', { namespace: this.space(deed.space), visibility });
    const ref = this.assets[(deed.asset ?? 0) % this.assets.length];
    if (ref === undefined) return;
    if (deed.do === 'own') {
      const role = (index: number): string => (index === 0 ? 'OWNER' : 'STEWARD');
      const owners = deed.owners.map((each, index) => ({ owner: at(this.holders, each), role: role(index) }));
      return this.ask('setOwners', { ref, owners });
    }
    if (deed.do === 'retire') return this.ask('retireAsset', { ref, retired: deed.space % 2 === 0 });
    if (deed.do === 'move')
      return this.ask('renameAsset', { ref, namespace: this.space(deed.space), name: this.name() });
    return this.ask('updateAsset', { ref, visibility });
  }

  private get holders(): string[] {
    return [...this.people.map((each) => each.userId), ...this.teams];
  }

  private async register(by: number, space: number): Promise<void> {
    this.clock.now = new Date(this.clock.now.getTime() + 1);
    const seed = new Seed(at(this.people, by), this.space(space));
    this.assets.push((await seed.dataset(this.name())).id);
  }

  private async grant({ by, asset, to, minutes }: Extract<Deed, { do: 'grant' }>): Promise<void> {
    const ref = this.assets[asset % this.assets.length];
    const until = new Date(this.clock.now.getTime() + minutes * 60_000);
    const input = { asset: ref, grantee: at(this.holders, to), actions: ['VIEW'], purpose: 'to see', until };
    const query = 'mutation ($input: GrantAccessInput!) { grantAccess(input: $input) { grant { id } } }';
    const { data } = await at(this.people, by).ask<{ grantAccess: { grant: { id: string } } }>(query, { input });
    if (data) this.grants.push({ id: data.grantAccess.grant.id, until });
  }

  /** To so many milliseconds before a grant ends, at its end, or after; never back. */
  private pass(grant: number, milliseconds: number): Promise<void> {
    const end = this.grants[grant % this.grants.length]?.until ?? this.clock.now;
    this.clock.now = new Date(Math.max(this.clock.now.getTime(), end.getTime() + milliseconds));
    return Promise.resolve();
  }

  private async visit(): Promise<void> {
    const query =
      'mutation ($input: OpenAuditorSessionInput!) { made: openAuditorSession(input: $input) { secret session { id } } }';
    const { made } = await this.admin.data<{ made: { secret: string; session: { id: string } } }>(query, {
      input: { auditor: 'Ada', reason: 'to look' },
    });
    this.visitors.push(new Client(this.server.address, made.secret, made.session.id));
  }

  private async ask(mutation: string, input: object, as = this.admin): Promise<void> {
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const { errors } = await as.ask(`mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename } }`, {
      input,
    });
    const code = errors?.[0]?.extensions.code;
    if (code !== undefined && !REFUSALS.has(code)) throw new Error(`${mutation}: ${JSON.stringify(errors)}`);
  }

  private signIn(client: Client): Promise<Actor> {
    const authorization = `Bearer ${client.token}`;
    return this.server.weftline.signIn.authenticate({ authorization, address: null, origin: { ...ORIGIN } });
  }

  private space = (number: number): string => `${this.server.namespace}-${number % 2}`;
  private name = (): string => `thing-${(this.names += 1)}`;
}

const REFUSALS = new Set(['FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'BAD_USER_INPUT']);

function at<T>(list: readonly T[], number: number): T {
  const found = list[number % list.length];
  if (found === undefined) throw new Error('The list is empty.');
  return found;
}
