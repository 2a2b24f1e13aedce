import { urnOf } from '../../src/catalog/model/urn.js';
import type { openDriver } from '../../src/neo4j/graph.js';
import type { GraphqlClient } from '../lineage/http.js';
import { type Measured, measure } from '../load.js';
import { Events } from './events.js';
import type { Sender } from './sender.js';

const READ = `query ($urn: AssetRef!) { asset(ref: $urn) { id urn description lineage(direction: UPSTREAM, depth: 2) { totalCount nodes { asset { urn } } } } }`;
const VERSIONS = `query ($urn: AssetRef!) { asset(ref: $urn) { ... on Dataset { versions(first: 1) { edges { node { version } } } } } }`;
const READS_AFTER = 50;

/** A read, alone and while batches come in. */
export async function measureReads(
  client: GraphqlClient,
  send: Sender,
  seconds: number,
): Promise<{ alone: Measured; beside: Measured }> {
  const events = new Events('reads', 'repeated');
  const next = (): ReturnType<Events['nextRun']>[number][] => Array.from({ length: 50 }, () => events.nextRun()).flat();
  await send.batch(next());
  const read = (): Promise<unknown> =>
    client.ask(READ, { urn: urnOf('DATASET', events.namespace, 'shop.public.joined_0') });
  const bounds = { callers: 1, requests: Infinity, seconds: seconds * 2 };
  const alone = await measure(read, bounds);
  const over = new AbortController();
  const sending = (async () => {
    while (!over.signal.aborted) await send.batch(next());
  })();
  const beside = await measure(read, bounds).finally(() => over.abort());
  await sending;
  return { alone, beside };
}

/** Reads right after each event that was answered. Throws when one does not see it; how often it was asked. */
export async function findsWhatWasAnswered(client: GraphqlClient, send: Sender): Promise<number> {
  const events = new Events('answered', 'repeated');
  for (let turn = 0; turn < READS_AFTER; turn++) {
    const [start, complete] = events.nextRun();
    await send.one(start);
    await send.one(complete);
    const { run, outputs } = complete as { run: { runId: string }; outputs: [{ namespace: string; name: string }] };
    const answer = JSON.stringify(
      await client.ask(VERSIONS, { urn: urnOf('DATASET', outputs[0].namespace, outputs[0].name) }),
    );
    if (!answer.includes(run.runId)) throw new Error(`The run ${run.runId} was answered, and is not seen: ${answer}`);
  }
  return READS_AFTER;
}

/** Throws unless all that was answered is there, each once. */
export async function checkWhatCame(
  driver: ReturnType<typeof openDriver>,
  reporter: string,
  sent: number,
): Promise<void> {
  const { records } = await driver.executeQuery(
    `CALL () { MATCH (e:ReportedEvent {source: $reporter}) RETURN count(e) AS events, count(DISTINCT e.key) AS keys }
     CALL () { MATCH (r:Run {reportedBy: $reporter}) WHERE NOT r.reportKey CONTAINS ' copy ' RETURN count(r) AS runs, count(DISTINCT r.reportKey) AS runKeys }
     RETURN events, keys, runs, runKeys`,
    { reporter },
    { database: 'neo4j' },
  );
  const found = records[0]?.toObject() as { events: bigint; runs: bigint } | undefined;
  if (Number(found?.events) < sent || Number(found?.runs) * 2 < sent)
    throw new Error(
      `${sent} events were answered; the graph has ${JSON.stringify(found, (_, value: unknown) => String(value))}.`,
    );
}
