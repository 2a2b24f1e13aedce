import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { Client, type GraphqlAnswer } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { Spaces } from '../support/spaces.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/**
 * Who may bring a name into which namespace. `ok`: it is done; refused: the FORBIDDEN of the namespace, word for word;
 * scope: refused before that, for what the token or the role is.
 */
const TABLE = `
caller          open  closed   restricted  opened  unknown  unknown-strict
stranger        ok    refused  refused     ok      ok       refused
teamless        ok    refused  refused     ok      ok       refused
asset-owner     ok    refused  refused     ok      ok       refused
steward         ok    refused  refused     ok      ok       refused
robot           ok    refused  refused     ok      ok       refused
owner           ok    ok       ok          ok      ok       refused
owner-team      ok    ok       ok          ok      ok       refused
owner-robot     ok    ok       ok          ok      ok       refused
registrar       ok    ok       ok          ok      ok       refused
registrar-team  ok    ok       ok          ok      ok       refused
admin           ok    ok       ok          ok      ok       ok
auditor         scope scope    scope       scope   scope    scope
read-token      scope scope    scope       scope   scope    scope
`;
const [[, ...SPACES] = [], ...ROWS] = TABLE.trim()
  .split('\n')
  .map((line) => line.split(/\s+/));

const KINDS = ['Dataset', 'Transformation', 'Model', 'Deployment'] as const;
type Kind = (typeof KINDS)[number];

const register = (kind: Kind, namespace: string, name: string): string =>
  `made: register${kind}(input: { namespace: "${namespace}", name: "${name}"${kind === 'Deployment' ? ', environment: "test"' : ''} }) { ${kind.toLowerCase()} { id } }`;
const rename = (ref: string, namespace: string, name: string): string =>
  `made: renameAsset(input: { ref: "${ref}", namespace: "${namespace}", name: "${name}" }) { asset { id } }`;
const refusalFor = (namespace: string): string =>
  `You may not register names in the namespace "${namespace}". Its owners, or an administrator, can admit you with setNamespaceRegistration.`;

let server: TestWeftline;
/** The same database, where only administrators begin new namespaces. */
let strict: TestWeftline;
let spaces: Spaces;
let admin: Client;
let builder: Client;
let names = 0;

beforeAll(async () => {
  server = await startTestWeftline({ environment: { WEFTLINE_MAX_COST: '1000000' } });
  strict = await startTestWeftline({ environment: { WEFTLINE_NEW_NAMESPACES: 'administrators' } });
  [admin, builder] = [await server.user({ role: 'ADMIN' }), await server.user()];
  spaces = new Spaces(server, admin);
});
afterAll(() => Promise.all([server.stop(), strict.stop()]));

const at = (where: TestWeftline, { token, userId }: Client): Client => new Client(where.address, token, userId);

function outcomeOf({ errors }: GraphqlAnswer<unknown>, namespace: string): string {
  const [error] = errors ?? [];
  if (!error) return 'ok';
  if (error.extensions.code !== 'FORBIDDEN') return `${error.extensions.code}: ${error.message}`;
  return error.message === refusalFor(namespace) ? 'refused' : 'scope';
}

describe('Who may bring a name into a namespace', () => {
  const people = new Map<string, Client>();
  const namespaces = new Map<string, string>();
  /** Of each space but the unknown ones an asset of another, that all may edit. */
  const within = new Map<string, string>();

  beforeAll(async () => {
    for (const caller of ['stranger', 'asset-owner', 'steward', 'owner', 'owner-team', 'registrar', 'registrar-team'])
      people.set(caller, await server.user());
    const one = (caller: string): Client => people.get(caller) ?? server.anonymous;
    const [owners, registrars] = [await server.team(one('owner-team')), await server.team(one('registrar-team'))];
    await server.team(one('stranger'));
    people.set('teamless', await server.user());
    people.set('robot', await spaces.robot());
    people.set('owner-robot', await spaces.robot(owners));
    people.set('admin', admin);
    people.set('auditor', await server.user({ role: 'AUDITOR' }));
    people.set('read-token', await spaces.token(one('owner'), { scopes: ['READ'] }));
    const everyone = [builder, ...people.values()].map(({ userId }) => userId);
    for (const space of SPACES) {
      const namespace = spaces.fresh();
      namespaces.set(space, namespace);
      if (space.startsWith('unknown')) continue;
      const asset = await new Seed(builder, namespace).dataset('there');
      const owning = [...new Set(everyone)].map((owner) => ({
        owner,
        role: owner === one('steward').userId ? 'STEWARD' : 'OWNER',
      }));
      await admin.data('mutation ($input: SetOwnersInput!) { setOwners(input: $input) { asset { id } } }', {
        input: { ref: asset.id, owners: owning },
      });
      within.set(space, asset.id);
      await spaces.owners(namespace, [one('owner').userId, owners]);
      await spaces.registration(namespace, { registrars: [one('registrar').userId, registrars] });
      if (space === 'restricted' || space === 'opened') await spaces.visibility(namespace, 'RESTRICTED');
      if (space === 'closed') await spaces.registration(namespace, { registration: 'OWNERS' });
      if (space === 'opened') await spaces.registration(namespace, { registration: 'OPEN' });
    }
  });

  it.for(ROWS.map(([caller = '', ...expected]) => ({ caller, expected })))(
    'is answered alike for every kind and for a rename: $caller',
    { timeout: 300_000 },
    async ({ caller, expected }) => {
      const answers = await Promise.all(
        SPACES.map(async (space) => {
          const client = at(space === 'unknown-strict' ? strict : server, people.get(caller) ?? server.anonymous);
          // Each uses an unknown namespace for the first time.
          const namespace = space.startsWith('unknown') ? spaces.fresh() : (namespaces.get(space) ?? '');
          const name = `by ${caller} ${++names}`;
          const outside = await new Seed(builder, spaces.fresh()).model(name, {
            owners: [{ owner: builder.userId }, { owner: client.userId }],
          });
          const ways = [
            ...KINDS.map((kind) => register(kind, namespace, `${name} ${kind}`)),
            rename(outside.id, namespace, `${name} moved`),
            ...(within.has(space) ? [rename(within.get(space) ?? '', namespace, `${name} within`)] : []),
          ];
          const outcomes: string[] = [];
          for (const way of ways) {
            outcomes.push(outcomeOf(await client.ask(`mutation { ${way} }`), namespace));
            if (space.startsWith('unknown') && outcomes.at(-1) !== 'ok')
              outcomes.push(`left ${await spaces.traces(namespace)}`);
          }
          return [...new Set(outcomes.filter((outcome) => outcome !== 'left 0'))].join(' and ');
        }),
      );
      expect(answers).toEqual(expected);
    },
  );

  it('needs no leave for the name an asset has: it is no new one', async () => {
    const [namespace, name] = [spaces.fresh(), 'kept'];
    const asset = await new Seed(builder, namespace).dataset(name);
    await spaces.registration(namespace, { registration: 'OWNERS' });
    expect(outcomeOf(await builder.ask(`mutation { ${rename(asset.id, namespace, name)} }`), namespace)).toBe('ok');
    const update = `mutation { updateAsset(input: { ref: "${asset.id}", description: "still mine" }) { asset { id } } }`;
    expect(outcomeOf(await builder.ask(update), namespace)).toBe('ok');
    const away = spaces.fresh();
    expect(outcomeOf(await builder.ask(`mutation { ${rename(asset.id, away, name)} }`), away)).toBe('ok');
    const back = `mutation { ${rename(asset.id, namespace, name)} }`;
    expect(outcomeOf(await builder.ask(back), namespace)).toBe('refused');
  });
});

describe('A refusal', () => {
  const WORDS = ['a', 'b', 'c'] as const;
  const content = fc.record({
    kind: fc.constantFrom(...KINDS),
    name: fc.constantFrom(...WORDS),
    visibility: fc.constantFrom('RESTRICTED', 'DISCOVERABLE', null),
    /** It was renamed to this, so that its first name is a former one. */
    then: fc.option(fc.constantFrom('d', 'e')),
  });
  const world = fc.record({
    /** null: nobody has used the namespace. */
    contents: fc.option(fc.uniqueArray(content, { selector: ({ kind, name }) => `${kind} ${name}`, maxLength: 4 })),
    closedBy: fc.constantFrom('registration', 'visibility'),
    owned: fc.boolean(),
  });
  const attempt = fc.record({
    way: fc.constantFrom(...KINDS, 'move'),
    name: fc.constantFrom(...WORDS, 'd', 'e', 'z'),
  });

  async function build(of: {
    contents: { kind: Kind; name: string; visibility: string | null; then: string | null }[] | null;
    closedBy: string;
    owned: boolean;
  }): Promise<string> {
    const namespace = spaces.fresh();
    if (of.contents === null) return namespace;
    for (const { kind, name, visibility, then } of of.contents) {
      const made = await new Seed(builder, namespace)[kind.toLowerCase() as Lowercase<Kind>](name, { visibility });
      if (then) await builder.ask(`mutation { ${rename(made.id, namespace, then)} }`);
    }
    if (of.owned) await spaces.owners(namespace, [builder.userId]);
    if (of.closedBy === 'visibility') await spaces.visibility(namespace, 'RESTRICTED');
    else await spaces.registration(namespace, { registration: 'OWNERS' });
    return namespace;
  }

  /** The answer as it went over the wire, and what was done for it; only the name of the namespace is taken out. */
  async function ask(client: Client, query: string, namespace: string): Promise<string> {
    strict.statements.length = 0;
    const response = await fetch(`${client.address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${client.token ?? ''}` },
      body: JSON.stringify({ query }),
    });
    const text = await response.text();
    // The token of a write stands for the entry about it, so it is another one each time.
    const told = text.replace(/"consistency":"[^"]*"/, '').replaceAll(namespace, '<namespace>');
    return [response.status, ...[...response.headers.keys()].sort(), told, ...strict.statements].join('\n');
  }

  it(
    'is the same byte by byte, after the same statements, whatever is in the namespace',
    { timeout: 600_000 },
    async () => {
      const stranger = at(strict, await server.user());
      const own = await new Seed(stranger, await strictlyOpen()).model('own');
      const seen = new Map<string, string>();
      await fc.assert(
        fc.asyncProperty(world, attempt, async (contents, { way, name }) => {
          const namespace = await build(contents);
          const before = await spaces.traces(namespace);
          const query = `mutation { ${way === 'move' ? rename(own.id, namespace, name) : register(way, namespace, name)} }`;
          const answer = await ask(stranger, query, namespace);
          expect(answer).toContain(`"code":"FORBIDDEN"`);
          expect(seen.get(`${way} ${name}`) ?? answer).toBe(answer);
          seen.set(`${way} ${name}`, answer);
          expect(await spaces.traces(namespace)).toBe(before);
        }),
        { numRuns: 40 },
      );
    },
  );

  /** A namespace in which everyone may register, where only administrators begin one. */
  async function strictlyOpen(): Promise<string> {
    const namespace = spaces.fresh();
    await spaces.registration(namespace, { registration: 'OPEN' });
    return namespace;
  }

  it('waits for nobody who is at work in the namespace, so that it does not tell that somebody is', async () => {
    const namespace = spaces.fresh();
    await spaces.registration(namespace, { registration: 'OWNERS' });
    const stranger = await server.user();
    const [query, refused] = [`mutation { ${register('Model', namespace, 'm')} }`, refusalFor(namespace)];
    await server.graph.write({ requestId: 'test', operation: 'test' }, async (tx) => {
      await tx.run('MATCH (n:Namespace {name: $namespace}) SET n.held = true REMOVE n.held', { namespace });
      // The lock is held until this is answered.
      expect((await stranger.error(query)).message).toBe(refused);
    });
  });

  it('keeps hundreds of names from who has no business there', { timeout: 300_000 }, async () => {
    const namespace = spaces.fresh();
    await new Seed(builder, namespace).dataset('wanted 0', { visibility: 'RESTRICTED' });
    await spaces.visibility(namespace, 'RESTRICTED');
    const stranger = await server.user();
    const before = await spaces.traces(namespace);
    const answers: string[] = [];
    for (let first = 0; first < 300; first += 20) {
      const tried = Array.from({ length: 20 }, (_, index) => register('Dataset', namespace, `wanted ${first + index}`));
      const refused = await Promise.all(tried.map((each) => stranger.error(`mutation { ${each} }`)));
      answers.push(...refused.map(({ message }) => message));
    }
    expect(answers).toHaveLength(300);
    expect([...new Set(answers)]).toEqual([refusalFor(namespace)]);
    expect(await spaces.traces(namespace)).toBe(before);
  });
});

describe('A namespace that is closed while assets come in', () => {
  it.each(['registration', 'visibility'] as const)(
    'lets none in once that was answered, by its %s',
    { timeout: 300_000 },
    async (by) => {
      const [one, two] = [await server.user(), await server.user()];
      for (let round = 0; round < 3; round++) {
        const namespace = spaces.fresh();
        await new Seed(builder, namespace).dataset('first');
        const outside = await new Seed(one, spaces.fresh()).model('outside');
        const all = [
          ...Array.from({ length: 16 }, (_, index) =>
            (index % 2 ? one : two).ask(
              `mutation { ${register(KINDS[index % 4] ?? 'Dataset', namespace, `n${index}`)} }`,
            ),
          ),
          one.ask(`mutation { ${rename(outside.id, namespace, 'moved')} }`),
        ];
        await Promise.race(all);
        if (by === 'visibility') await spaces.visibility(namespace, 'RESTRICTED');
        else await spaces.registration(namespace, { registration: 'OWNERS' });
        const count = await spaces.traces(namespace);
        const outcomes = (await Promise.all(all)).map((answer) => outcomeOf(answer, namespace));
        // The namespace itself and the first asset were there.
        expect(await spaces.traces(namespace)).toBe(count);
        expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(count - 2);
        expect(outcomes.filter((outcome) => outcome !== 'ok' && outcome !== 'refused')).toEqual([]);
      }
    },
  );
});
