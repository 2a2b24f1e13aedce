import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { LAUNCH, launch, LEAVES_A_MODEL, node, Workbench } from '../support/training.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

// Nothing here is to run for long: another file's worker may pick these jobs up, the database being one for all.
const COMMAND = node(LEAVES_A_MODEL);

let server: TestWeftline;

beforeAll(async () => {
  server = await startTestWeftline();
});

afterAll(() => server.stop());

/** Somebody with a transformation and a model of their own, who has no right to the data of the bench. */
async function stranger(name: string): Promise<{ client: Client; transformation: string; output: string }> {
  const bench = await Workbench.open(server, name);
  return { client: bench.owner, transformation: bench.trainer.id, output: bench.model.id };
}

describe('the right to launch', () => {
  it('is denied without a grant, given with one, and denied again once that is revoked', async () => {
    const bench = await Workbench.open(server, 'granted');
    const { client, ...own } = await stranger('granted-to');
    const input = (key: string) => ({ ...bench.order(COMMAND, own), idempotencyKey: key });

    const denied = await launch(client, input('a'));
    expect(denied.__typename).toBe('LaunchDenied');
    expect(denied.reasons).toMatchObject([{ rule: 'ACTION_NOT_GRANTED', asset: { id: bench.data.id } }]);
    expect(denied.reasons?.[0]?.message).toContain('requestAccess');
    const grant = await bench.grant(client);
    expect((await launch(client, input('b'))).__typename).toBe('TrainingJob');
    await bench.revoke(grant);
    expect((await launch(client, input('c'))).__typename).toBe('LaunchDenied');
  });

  it('ends when the grant does', async () => {
    const bench = await Workbench.open(server, 'expired');
    const { client, ...own } = await stranger('expired-to');
    await bench.grant(client, new Date(Date.now() + 3_600_000));
    const later = await startTestWeftline({ now: () => new Date(Date.now() + 3_700_000) });
    const denied = await launch(new Client(later.address, client.token, client.userId), bench.order(COMMAND, own));
    await later.stop();
    expect(denied.reasons?.map((reason) => reason.rule)).toEqual(['ACTION_NOT_GRANTED']);
  });

  it('is not shown again to who lost sight of the transformation, also when they repeat their key', async () => {
    const bench = await Workbench.open(server, 'lost');
    const helper = await server.user();
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const grant = async (asset: string, actions: string): Promise<string> => {
      const input = `{ asset: "${asset}", grantee: "${helper.userId}", actions: [${actions}], purpose: "to help", until: "${until}" }`;
      const query = `mutation { grantAccess(input: ${input}) { grant { id } } }`;
      return (await bench.owner.data<{ grantAccess: { grant: { id: string } } }>(query)).grantAccess.grant.id;
    };
    await grant(bench.data.id, 'USE_FOR_TRAINING');
    await grant(bench.model.id, 'EDIT');
    const sight = await grant(bench.trainer.id, 'EDIT');
    const input = { ...bench.order(COMMAND), idempotencyKey: 'again' };
    expect((await launch(helper, input)).__typename).toBe('TrainingJob');
    const restrict = `mutation { updateAsset(input: { ref: "${bench.trainer.id}", visibility: RESTRICTED }) { asset { id } } }`;
    await bench.owner.data(restrict);
    await bench.revoke(sight);
    expect(await helper.code(LAUNCH, { input })).toBe('NOT_FOUND');
  });

  it('needs EDIT on the model that gets the version', async () => {
    const bench = await Workbench.open(server, 'output');
    const { output } = await stranger('output-of');
    const denied = await launch(bench.owner, bench.order(COMMAND, { output }));
    expect(denied.reasons).toMatchObject([{ rule: 'ACTION_NOT_GRANTED', asset: { id: output } }]);
    expect(denied.reasons?.[0]?.message).toContain('EDIT');
  });

  it('is denied for a version of a retired data set', async () => {
    const bench = await Workbench.open(server, 'retired');
    const retire = 'mutation ($input: RetireAssetInput!) { retireAsset(input: $input) { asset { id } } }';
    await bench.owner.data(retire, { input: { ref: bench.data.id } });
    const denied = await launch(bench.owner, bench.order(COMMAND));
    expect(denied.reasons?.map(({ rule, asset }) => [rule, asset.id])).toEqual([['ASSET_RETIRED', bench.data.id]]);
  });

  it('leaves each denial in the audit log, for the owner of the data too', async () => {
    const bench = await Workbench.open(server, 'audited');
    const { client, ...own } = await stranger('audited-by');
    await launch(client, bench.order(COMMAND, own));
    const query = `query ($actor: ID!) { audit(filter: { actions: ["training:launch"], actor: $actor, outcome: DENIED }) {
      nodes { outcome targetId after } } }`;
    const [mine, theirs] = await Promise.all(
      [client, bench.owner].map((as) => as.data<{ audit: { nodes: unknown[] } }>(query, { actor: client.userId })),
    );
    const entry = {
      outcome: 'DENIED',
      targetId: own.transformation,
      after: { reasons: [{ rule: 'ACTION_NOT_GRANTED', asset: bench.data.urn }] },
    };
    expect(mine?.audit.nodes).toEqual([entry]);
    expect(theirs?.audit.nodes).toEqual([entry]);
  });

  it('speaks of a hidden version as of one that does not exist', async () => {
    const bench = await Workbench.open(server, 'hidden');
    const { client, ...own } = await stranger('hidden-from');
    const secret = await bench.seed.dataset('hidden.secret', { visibility: 'RESTRICTED' });
    const hidden = await bench.seed.datasetVersion(secret.id);
    const unknown = `${hidden.slice(0, -4)}0000`;
    const answers = await Promise.all(
      [hidden, unknown].map((version) =>
        client.error(LAUNCH, { input: bench.order(COMMAND, { ...own, inputs: [version] }) }),
      ),
    );
    expect(answers.map((error) => error.extensions.code)).toEqual(['NOT_FOUND', 'NOT_FOUND']);
    expect(answers[0]?.message.replace(hidden, '')).toBe(answers[1]?.message.replace(unknown, ''));
  });
});

describe('a launch that is not well formed', () => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await Workbench.open(server, 'malformed');
  });

  const faults: [string, Record<string, unknown>, string][] = [
    ['no input', { inputs: [] }, '`inputs`'],
    ['an empty command', { command: [] }, '`command`'],
    ['no command', { command: null }, '`command`'],
    ['an environment variable that is an object', { environment: { LEVEL: { deep: 1 } } }, 'LEVEL'],
    ['an environment variable of Weftline', { environment: { WEFTLINE_JOB_ID: 'x' } }, 'WEFTLINE_JOB_ID'],
    ['an environment variable that has no name', { environment: { 'A B': 'x' } }, '"A B"'],
    ['a negative number of GPUs', { resources: { gpus: -1 } }, '`resources.gpus`'],
    ['no memory', { resources: { memoryBytes: 0 } }, '`resources.memoryBytes`'],
    ['two machines', { resources: { nodes: 2 } }, '`resources.nodes`'],
    ['an image for a local launcher', { image: 'docker.io/library/python:3' }, '`image`'],
    ['no time', { timeoutSeconds: 0 }, '`timeoutSeconds`'],
    ['too many retries', { maxRetries: 11 }, '`maxRetries`'],
    ['an unknown launcher', { launcher: 'moon' }, '"moon"'],
    ['no key', { idempotencyKey: ' ' }, '`idempotencyKey`'],
  ];
  it.each(faults)('is refused by name: %s', async (_, more, named) => {
    const { message, extensions } = await bench.owner.error(LAUNCH, { input: bench.order(COMMAND, more) });
    expect(extensions.code).toBe('BAD_USER_INPUT');
    expect(message).toContain(named);
  });

  it('is told apart from a machine that has fewer GPUs', async () => {
    const answer = await launch(bench.owner, bench.order(COMMAND, { resources: { gpus: 1000 } }));
    expect(answer.__typename).toBe('LauncherUnavailable');
    expect(answer.message).toContain('1000');
  });

  it('is refused when a data set should train or be trained', async () => {
    const swapped = [{ transformation: bench.data.id }, { output: bench.data.id }];
    for (const more of swapped) {
      expect(await bench.owner.code(LAUNCH, { input: bench.order(COMMAND, more) })).toBe('BAD_USER_INPUT');
    }
  });
});

describe('the idempotency key', () => {
  it('gives the same job again, and a conflict with that job for another body', async () => {
    const bench = await Workbench.open(server, 'keyed');
    const input = bench.order(COMMAND, { parameters: { rate: 0.1, layers: [1, 2] } });
    const first = await launch(bench.owner, input);
    const reordered = { ...input, parameters: { layers: [1, 2], rate: 0.1 } };
    expect((await launch(bench.owner, reordered)).id).toBe(first.id);
    const other = await launch(bench.owner, { ...input, parameters: { rate: 0.2, layers: [1, 2] } });
    expect(other).toMatchObject({ __typename: 'LaunchConflict', job: { id: first.id } });
  });

  it('is a key of one person: two with the same one launch two jobs', async () => {
    const [mine, theirs] = await Promise.all([Workbench.open(server, 'mine'), Workbench.open(server, 'theirs')]);
    const [a, b] = await Promise.all([mine, theirs].map((bench) => bench.launch(COMMAND, { idempotencyKey: 'same' })));
    expect(a).not.toBe(b);
  });

  it('lets one of eight racing launches make the job', async () => {
    const bench = await Workbench.open(server, 'raced');
    const input = bench.order(COMMAND);
    const answers = await Promise.all(Array.from({ length: 8 }, () => launch(bench.owner, input)));
    expect(answers.map((answer) => answer.__typename)).toEqual(Array(8).fill('TrainingJob'));
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
  });
});
