import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DemoClient } from './client.js';

export interface Person {
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

const CAST = [
  { name: 'Dana Okafor', handle: 'demo-dana', team: 'data' },
  { name: 'Sami Lindqvist', handle: 'demo-sami', team: 'science' },
  { name: 'Noor Haddad', handle: 'demo-noor', team: 'science' },
] as const;

const TEAMS = { data: 'Demo data team', science: 'Demo science team' } as const;

type Kept = Record<string, { userId: string; token: string }>;

/** Finds the people and teams of the demo, or makes them as the administrator. Gives whether anything was made. */
export async function gatherCast(admin: DemoClient, file: string): Promise<{ cast: Cast; made: boolean }> {
  const kept: Kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept) : {};
  let made = false;
  const people: Person[] = [];
  for (const { name, handle, team } of CAST) {
    let known = kept[handle];
    if (!known || !(await new DemoClient(admin.address, known.token).works())) {
      const userId = (await findPrincipal(admin, handle, 'User')) ?? (await createUser(admin, name, handle));
      known = { userId, token: await createToken(admin, userId) };
      kept[handle] = known;
      made = true;
    }
    people.push({ name, handle, team, userId: known.userId, client: new DemoClient(admin.address, known.token) });
  }
  if (made) keep(file, kept);
  const teamOf = (team: 'data' | 'science'): Promise<string> =>
    gatherTeam(
      admin,
      TEAMS[team],
      people.filter((person) => person.team === team).map((person) => person.userId),
    );
  const [dana, sami, noor] = people;
  if (!dana || !sami || !noor) throw new Error('The cast is incomplete.');
  return { cast: { dana, sami, noor, teams: { data: await teamOf('data'), science: await teamOf('science') } }, made };
}

function keep(file: string, kept: Kept): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
}

async function findPrincipal(admin: DemoClient, name: string, type: 'User' | 'Team'): Promise<string | null> {
  const query =
    'query ($name: String) { principals(nameContains: $name) { __typename id name ... on User { handle } } }';
  const { principals } = await admin.ask<{
    principals: { __typename: string; id: string; name: string; handle?: string }[];
  }>(query, { name });
  return principals.find((each) => each.__typename === type && (each.handle ?? each.name) === name)?.id ?? null;
}

async function createUser(admin: DemoClient, name: string, handle: string): Promise<string> {
  const query = 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }';
  return (await admin.ask<{ createUser: { user: { id: string } } }>(query, { input: { name, handle } })).createUser.user
    .id;
}

async function createToken(admin: DemoClient, user: string): Promise<string> {
  const query = 'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret } }';
  const input = { name: 'demo', user, scopes: ['READ', 'WRITE', 'LAUNCH'] };
  return (await admin.ask<{ createApiToken: { secret: string } }>(query, { input })).createApiToken.secret;
}

async function gatherTeam(admin: DemoClient, name: string, members: string[]): Promise<string> {
  const team = await findPrincipal(admin, name, 'Team');
  if (team !== null) {
    await admin.ask('mutation ($input: SetTeamMembersInput!) { setTeamMembers(input: $input) { team { id } } }', {
      input: { team, members },
    });
    return team;
  }
  const query = 'mutation ($input: CreateTeamInput!) { createTeam(input: $input) { team { id } } }';
  return (await admin.ask<{ createTeam: { team: { id: string } } }>(query, { input: { name, members } })).createTeam
    .team.id;
}
