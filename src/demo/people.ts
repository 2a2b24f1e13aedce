import { readFileSync } from 'node:fs';
import { isThere } from '../disk/presence.js';
import { replaceFileSync } from '../disk/whole-file.js';
import { DemoClient } from './client.js';

interface Person {
  name: string;
  handle: string;
  team: 'data' | 'science';
  userId: string;
  client: DemoClient;
}

/** Who takes part; the tokens are kept in a file only its owner can read, so that a second run signs the same people in. */
export interface Cast {
  /** Decides for the data team. */
  dana: Person;
  /** Trains and deploys for the science team. */
  sami: Person;
  /** Looks on from the science team. */
  noor: Person;
  teams: { data: string; science: string };
}

const CAST = {
  dana: { name: 'Dana Okafor', handle: 'demo-dana', team: 'data' },
  sami: { name: 'Sami Lindqvist', handle: 'demo-sami', team: 'science' },
  noor: { name: 'Noor Haddad', handle: 'demo-noor', team: 'science' },
} as const;

const TEAMS = { data: 'Demo data team', science: 'Demo science team' } as const;

type Kept = Record<string, { userId: string; token: string } | undefined>;

interface Principal {
  __typename: string;
  id: string;
  name: string;
  handle?: string;
  members?: { id: string }[];
}

/** Finds the people and teams of the demo, or makes them as the administrator. `made`: a person or a token is new. */
export async function gatherCast(admin: DemoClient, file: string): Promise<{ cast: Cast; made: boolean }> {
  const kept = readKept(file);
  let made = false;
  const gather = async ({ name, handle, team }: (typeof CAST)[keyof typeof CAST]): Promise<Person> => {
    let known = kept[handle];
    if (!known || !(await new DemoClient(admin.address, known.token).works())) {
      const userId = (await findPrincipal(admin, handle, 'User'))?.id ?? (await createUser(admin, name, handle));
      known = { userId, token: await createToken(admin, userId) };
      kept[handle] = known;
      // At once: a run that is interrupted now does not lose the token.
      keep(file, kept);
      made = true;
    }
    return { name, handle, team, userId: known.userId, client: new DemoClient(admin.address, known.token) };
  };
  const people = { dana: await gather(CAST.dana), sami: await gather(CAST.sami), noor: await gather(CAST.noor) };
  const members = (team: Person['team']): string[] =>
    Object.values(people).flatMap((person) => (person.team === team ? [person.userId] : []));
  const teams = {
    data: await gatherTeam(admin, TEAMS.data, members('data')),
    science: await gatherTeam(admin, TEAMS.science, members('science')),
  };
  return { cast: { ...people, teams }, made };
}

function readKept(file: string): Kept {
  return isThere(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept) : {};
}

/** Written aside and renamed: whenever a run is killed, the file is whole. */
function keep(file: string, kept: Kept): void {
  replaceFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
}

async function findPrincipal(admin: DemoClient, name: string, type: 'User' | 'Team'): Promise<Principal | null> {
  const query = `query ($name: String) { principals(nameContains: $name, first: 200) {
    nodes { __typename id name ... on User { handle } ... on Team { members { id } } }
  } }`;
  const { principals } = await admin.ask<{ principals: { nodes: Principal[] } }>(query, { name });
  return principals.nodes.find((each) => each.__typename === type && (each.handle ?? each.name) === name) ?? null;
}

async function createUser(admin: DemoClient, name: string, handle: string): Promise<string> {
  const query = 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }';
  const { createUser } = await admin.ask<{ createUser: { user: { id: string } } }>(query, { input: { name, handle } });
  return createUser.user.id;
}

async function createToken(admin: DemoClient, user: string): Promise<string> {
  const query = 'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret } }';
  const input = { name: 'demo', user, scopes: ['READ', 'WRITE', 'LAUNCH'] };
  return (await admin.ask<{ createApiToken: { secret: string } }>(query, { input })).createApiToken.secret;
}

/** The team with these people in it; whoever was added since stays. Its id. */
async function gatherTeam(admin: DemoClient, name: string, wanted: readonly string[]): Promise<string> {
  const team = await findPrincipal(admin, name, 'Team');
  if (team === null) {
    const query = 'mutation ($input: CreateTeamInput!) { createTeam(input: $input) { team { id } } }';
    const input = { name, members: wanted };
    return (await admin.ask<{ createTeam: { team: { id: string } } }>(query, { input })).createTeam.team.id;
  }
  const present = (team.members ?? []).map((member) => member.id);
  if (!wanted.every((id) => present.includes(id))) {
    const query = 'mutation ($input: SetTeamMembersInput!) { setTeamMembers(input: $input) { team { id } } }';
    await admin.ask(query, { input: { team: team.id, members: [...new Set([...present, ...wanted])] } });
  }
  return team.id;
}
