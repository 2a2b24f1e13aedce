import { Client, type GraphqlAnswer } from '../client.js';
import type { TestWeftline } from '../weftline.js';

/** One sample operation, asked by one person. */
interface Step {
  file: string;
  /** Whose token: a key of `Recording.tokens`. */
  as: string;
  variables: Record<string, unknown>;
  /** Of a subscription: what is done once it is open, so that it has something to tell. */
  events?: { as: string; query: string; variables: Record<string, unknown> }[];
}

/** What an older version answered on its graph. */
export interface Recording {
  /** The moment after the last write of the graph. */
  at: string;
  tokens: Record<string, string>;
  /** The samples as they stood then, by file. */
  texts: Record<string, string>;
  steps: Step[];
  /** The answer to each step, in words that do not depend on the time or on chance. */
  answers: unknown[];
}

/**
 * Asks all steps of a server in their order. `known`: all texts of the graph as it was before; `sealed`: once what earlier steps did has
 * its number in the audit log, however busy the machine is.
 */
export async function replay(
  { tokens, texts, steps, at }: Omit<Recording, 'answers'>,
  { address, sealed }: Pick<TestWeftline, 'address' | 'sealed'>,
  known: ReadonlySet<string>,
): Promise<unknown[]> {
  const client = (as: string): Client => new Client(address, tokens[as] ?? null, '');
  const answers: unknown[] = [];
  for (const { file, as, variables, events } of steps) {
    const text = texts[file] ?? '';
    await sealed();
    const answer = events
      ? await firstEvent(client(as), text, variables, async () => {
          for (const event of events) await client(event.as).data(event.query, askedAgain(event.variables));
        })
      : await client(as).ask(text, askedAgain(variables));
    answers.push(told(answer, known, at));
  }
  return answers;
}

/** The graph holds what was asked for in the recording, and the very same asked for twice is one: another purpose makes it another. */
const AGAIN = ' (asked again)';

function askedAgain(variables: Record<string, unknown>): Record<string, unknown> {
  const input = variables['input'] as { purpose?: string } | undefined;
  return input?.purpose === undefined
    ? variables
    : { ...variables, input: { ...input, purpose: `${input.purpose}${AGAIN}` } };
}

async function firstEvent(
  client: Client,
  text: string,
  variables: Record<string, unknown>,
  happen: () => Promise<void>,
): Promise<GraphqlAnswer<unknown>> {
  const gone = new AbortController();
  const { events } = await client.open(text, variables, gone.signal);
  await happen();
  const heard = await firstOfPeople(events);
  gone.abort();
  // The stream of a job that has ended tells nothing more.
  return heard.done ? { data: '<the stream has ended>' } : heard.value;
}

/** An entry is told once it is sealed: of the questions that auditors asked before, one may come after the subscription began. */
async function firstOfPeople(events: Events): Promise<IteratorResult<GraphqlAnswer<unknown>, unknown>> {
  for (;;) {
    const heard = await events.next();
    if (heard.done || !JSON.stringify(heard.value).includes('"auditor:read"')) return heard;
  }
}

type Events = Awaited<ReturnType<Client['open']>>['events'];

/**
 * What differs each time one and the same version is asked, for a reason:
 * - ids and times that came into being as it was asked, and secrets, are new each time;
 * - cursors are sealed with a fresh nonce; the launchers of tests have a name of their own in each run;
 * - the audit log goes on being sealed meanwhile, and the entries of these questions have new ids: its size, its hashes and
 *   its checkpoints depend on both;
 * - a run that is finished in the replay lasted until then, and namespaces come in the order of ids, of which some are new.
 */
function told(answer: GraphqlAnswer<unknown>, known: ReadonlySet<string>, at: string): unknown {
  const { data, errors } = answer;
  return JSON.parse(JSON.stringify({ data, errors }), (key, value: unknown) => {
    if (value !== null && BY_CHANCE.has(key)) return `<${key}>`;
    if (typeof value === 'string') return textOf(value.replace(AGAIN, ''), known, at);
    if (key === 'finishRun') return lasting(value as FinishedRun);
    return key === 'namespaces' ? inOrderOfNames(value as Namespaces) : value;
  }) as unknown;
}

type FinishedRun = { run?: { durationSeconds?: number } } | null;
type Namespaces = { nodes?: { name: string }[] } | null;

function lasting(value: FinishedRun): unknown {
  return value?.run?.durationSeconds === undefined
    ? value
    : { ...value, run: { ...value.run, durationSeconds: '<until now>' } };
}

function inOrderOfNames(value: Namespaces): Namespaces {
  if (value?.nodes === undefined) return value;
  return { ...value, nodes: value.nodes.toSorted((one, other) => (one.name < other.name ? -1 : 1)) };
}

const BY_CHANCE = new Set([
  ...['cursor', 'startCursor', 'endCursor', 'secret', 'requestId'],
  // Kept anew once a token was not used for a while, which depends on how long all of this takes.
  'lastUsedAt',
  ...[
    'note',
    'root',
    'size',
    'treeSize',
    'seq',
    'proof',
    'consistencyProof',
    'checkpoint',
    'leafHash',
    'body',
    'sealed',
  ],
]);
const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT[\d:]+(?:\.\d+)?Z/g;

function textOf(text: string, known: ReadonlySet<string>, at: string): string {
  return text
    .replaceAll(ID, (id) => (known.has(id) ? id : '<new id>'))
    .replaceAll(TIME, (time) => (time > at && !known.has(time) ? '<later>' : time))
    .replaceAll(/\b(local|test|user|team)-[0-9a-f]{12}\b/g, (name, kind: string) =>
      known.has(name) ? name : `${kind}-…`,
    );
}

/** Every text in what a graph holds, and every id and time within one. */
export function textsIn(value: unknown, known = new Set<string>()): Set<string> {
  if (typeof value === 'string') {
    known.add(value);
    for (const pattern of [ID, TIME]) for (const [part] of value.matchAll(pattern)) known.add(part);
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) textsIn(item, known);
  }
  return known;
}
