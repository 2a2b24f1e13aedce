import { randomUUID } from 'node:crypto';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attemptName } from '../../../src/launchers/port/attempt-name.js';
import type { Engine, EngineTask } from '../../../src/launchers/engine/engine.js';
import { type JobHandle, LauncherUnreachable } from '../../../src/launchers/port/launcher.js';
import { KubernetesWorkshop, openRealCluster } from '../../support/kubernetes-workshop.js';
import {
  orderOf,
  program,
  RUNS_LONG,
  runToEnd,
  submitNew,
  SUCCEEDS,
  untilLogged,
  untilOver,
  untilState,
} from '../../support/launcher-jobs.js';
import { describeLauncher } from '../../support/launcher-suite.js';
import { withGpus } from '../../support/local-workshop.js';

const SECRET = 'not-to-be-seen';

describeLauncher('Kubernetes', async () => {
  const workshop = await KubernetesWorkshop.open();
  return {
    launcher: workshop.launcher(),
    another: () => workshop.launcher(),
    tooManyGpus: 3,
    close: () => workshop.close(),
  };
});

const real = await openRealCluster();
if (real === null) {
  process.stdout.write('not run: the launcher suite on a real Kubernetes cluster (give KUBECONFIG)\n');
} else {
  const { launcher } = real;
  describeLauncher('real Kubernetes', async () => {
    const close = (): Promise<void> => Promise.resolve();
    return await Promise.resolve({ launcher: launcher(), another: launcher, tooManyGpus: 3, close });
  });
}

describe('the Kubernetes launcher', { concurrent: true }, () => {
  let workshop: KubernetesWorkshop;
  beforeAll(async () => {
    workshop = await KubernetesWorkshop.open({ startPatienceSeconds: 1 });
    workshop.double.setSecrets({ hub: { token: SECRET } });
  });
  afterAll(async () => await workshop.close());

  const nameOf = (handle: JobHandle): string => handle.attempt ?? '';

  it.each([
    ['that does not exist', 'missing/train:2', 'ErrImagePull|ImagePullBackOff'],
    ['whose name is none', 'Not An Image', 'InvalidImageName'],
  ])('gives up on an image %s, naming it, and leaves nothing that could start later', async (_, image, reason) => {
    const { handle, ...end } = await runToEnd(workshop.launcher(), orderOf(SUCCEEDS, { image }));
    expect(end).toMatchObject({ state: 'FAILED', failure: { code: 'IMAGE_PULL', retryable: false } });
    expect(end.failure?.message).toContain(`"${image}"`);
    expect(end.failure?.message).toMatch(new RegExp(reason));
    expect(workshop.double.job(nameOf(handle)).spec.suspend).toBe(true);
  });

  it('waits for an image with patience, and says why', async ({ expect }) => {
    const launcher = workshop.launcher({ startPatienceSeconds: 600 });
    const handle = await submitNew(launcher, orderOf(SUCCEEDS, { image: 'missing/late' }));
    expect((await untilState(launcher, handle, 'STARTING')).state).toBe('STARTING');
    await expect
      .poll(async () => await messageOf(workshop.engine({ startPatienceSeconds: 600 }), handle))
      .toMatch(/cannot be pulled/);
    await launcher.cancel(handle, { graceSeconds: 0 });
  });

  it('tells a program that used up its memory from one that was killed', async () => {
    const handle = await submitNew(workshop.launcher(), orderOf(RUNS_LONG));
    await untilLogged(workshop.launcher(), handle, 'ready');
    workshop.double.cluster.killForMemory(workshop.double.job(nameOf(handle)));
    expect(await untilOver(workshop.launcher(), handle)).toMatchObject({
      state: 'FAILED', failure: { code: 'OUT_OF_MEMORY', retryable: false, message: expect.stringContaining('OOMKilled') as string },
    }); // prettier-ignore
  });

  it.each([
    ['TerminationByKubelet', 'The node was low on resource: memory.', 'NODE_FAILURE'],
    ['EvictionByEvictionAPI', 'Eviction API: evicting', 'PREEMPTED'],
    ['PreemptionByScheduler', 'default-scheduler: preempting to accommodate a higher priority pod', 'PREEMPTED'],
  ])('says that a job may be tried again whose pod was taken away: %s', async (reason, message, code) => {
    const handle = await submitNew(workshop.launcher(), orderOf(RUNS_LONG));
    await untilLogged(workshop.launcher(), handle, 'ready');
    workshop.double.cluster.disrupt(workshop.double.job(nameOf(handle)), reason, message);
    const end = await untilOver(workshop.launcher(), handle);
    expect(end).toMatchObject({ state: 'FAILED', failure: { code, retryable: true } });
  });

  it('gives a program its secret, which stands in no Job, folder, or answer', async () => {
    const launcher = workshop.launcher({ secrets: { hub: { secretName: 'hub', key: 'token' } } });
    const source = program(`writeFileSync(output + '/model', process.env.HUB.toUpperCase());`);
    const { handle, ...end } = await runToEnd(launcher, orderOf(source, { secrets: { HUB: 'hub' } }));
    expect(end).toMatchObject({ state: 'SUCCEEDED' });
    const folder = join(workshop.directory, nameOf(handle));
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    const texts = await Promise.all(
      files.map(async (file) => await readFile(join(file.parentPath, file.name), 'utf8')),
    );
    expect(texts).toContain(SECRET.toUpperCase());
    const written = [...texts, ...workshop.double.bodies, JSON.stringify(end)].join('\n');
    expect(written).toContain('secretKeyRef');
    expect(written).not.toContain(SECRET);
  });

  it.each([
    ['that Kubernetes does not have', { secretName: 'gone', key: 'token' }, 'secret "gone" not found'],
    ['without that key', { secretName: 'hub', key: 'password' }, "couldn't find key password in Secret default/hub"],
  ])('names a secret %s', async (_, kept, words) => {
    const launcher = workshop.launcher({ secrets: { hub: kept } });
    const end = await runToEnd(launcher, orderOf(SUCCEEDS, { secrets: { HUB: 'hub' } }));
    expect(end).toMatchObject({ state: 'FAILED', failure: { code: 'SECRET_MISSING', retryable: false } });
    expect(end.failure?.message).toContain(words);
  });

  it('says what is wrong with an image that has no Node', async ({ expect }) => {
    const engine = workshop.engine();
    const task = {
      name: `${randomUUID()}-1`,
      command: ['no-node'],
      environment: { A: 'b' },
      folder: '/',
      spec: orderOf(''),
    };
    const submitted = await engine.submit(task);
    if (submitted.outcome !== 'accepted') throw new Error(submitted.message);
    const look = async (): Promise<unknown> => (await engine.look({ id: submitted.id, name: task.name }))?.end?.failure;
    await expect
      .poll(look)
      .toMatchObject({ code: 'START_FAILED', message: expect.stringContaining('Has it Node') as string });
  });

  it.each([
    ['no image', { image: null }, {}, 'NO_IMAGE'],
    ['a namespace that is none of its queues', {}, { queue: 'kube-system' }, 'UNKNOWN_QUEUE'],
    ['a namespace that does not exist', { namespaces: ['nowhere'] }, { queue: 'nowhere' }, 'UNKNOWN_QUEUE'],
  ])('refuses a job with %s', async (_, settings, order, code) => {
    const launcher = workshop.launcher(settings);
    const answer = await launcher.submit(orderOf(SUCCEEDS, order), { jobId: randomUUID(), attempt: 1 });
    expect(answer).toMatchObject({ outcome: 'rejected', code });
  });

  it('passes on a command and values as they are, dollars and all', async ({ expect }) => {
    const engine = workshop.engine();
    const source = `if (process.env.A !== 'a $(HOME) $$ $') process.exit(3); if (process.argv[1] !== '$(A) $$') process.exit(4);`;
    const command = [process.execPath, '--eval', source, '--', '$(A) $$'];
    const task = {
      name: `${randomUUID()}-1`,
      command,
      environment: { A: 'a $(HOME) $$ $' },
      folder: '/',
      spec: orderOf(''),
    };
    const submitted = await engine.submit(task);
    if (submitted.outcome !== 'accepted') throw new Error(submitted.message);
    const look = async (): Promise<unknown> => (await engine.look({ id: submitted.id, name: task.name }))?.end;
    await expect.poll(look).toMatchObject({ state: 'SUCCEEDED', exitCode: 0 });
  });

  it('lists the jobs of this installation and of no other', async ({ expect }) => {
    const mine = workshop.launcher({ instance: 'list' });
    const { handle } = await runToEnd(mine, orderOf(SUCCEEDS));
    await expect
      .poll(async () => await workshop.engine({ instance: 'list' }).list())
      .toEqual([{ id: handle.id, name: nameOf(handle), over: true }]);
    expect(await workshop.engine({ instance: 'nobody' }).list()).toEqual([]);
  });

  it('does not adopt a job of the same name that somebody else made, or for another order', async () => {
    const key = { jobId: randomUUID(), attempt: 1 };
    expect(await workshop.engine({ instance: 'other' }).submit(taskOf(attemptName(key)))).toMatchObject({
      outcome: 'accepted',
    });
    const answer = await workshop.launcher().submit(orderOf(SUCCEEDS), key);
    expect(answer).toMatchObject({ outcome: 'rejected', code: 'NAME_TAKEN' });
    const again = { ...taskOf(attemptName(key)), spec: orderOf('another') };
    expect(await workshop.engine({ instance: 'other' }).submit(again)).toMatchObject({ code: 'NAME_TAKEN' });
    expect(await workshop.launcher().find(key)).toBeNull();
  });

  it('takes a job that was deleted at the cluster for lost, and not a later one of its name for it', async () => {
    const engine = workshop.engine();
    const task = taskOf(`${randomUUID()}-1`);
    const submitted = await engine.submit(task);
    if (submitted.outcome !== 'accepted') throw new Error(submitted.message);
    workshop.double.cluster.remove(workshop.double.job(task.name), 'Background');
    await engine.submit(task);
    expect(await engine.look({ id: submitted.id, name: task.name })).toBeNull();
    expect(await engine.find(task.name)).not.toBe(submitted.id);
  });
});

const taskOf = (name: string): EngineTask => ({
  name, command: [process.execPath, '--eval', ''], environment: { A: 'b' }, folder: '/', spec: orderOf(''),
}); // prettier-ignore

async function messageOf(engine: Engine, handle: JobHandle): Promise<string | null> {
  return (await engine.look({ id: handle.id, name: handle.attempt ?? '' }))?.message ?? null;
}

describe('a cluster that is full, or does not answer', () => {
  let workshop: KubernetesWorkshop;
  beforeAll(async () => (workshop = await KubernetesWorkshop.open({ requestTimeoutSeconds: 5 })));
  afterAll(async () => await workshop.close());

  it('lets a third job wait for two GPUs, says why, and never starts one that is cancelled meanwhile', async ({
    expect,
  }) => {
    const launcher = workshop.launcher();
    const busy = [];
    for (let i = 0; i < 2; i++) busy.push(await submitNew(launcher, orderOf(RUNS_LONG, withGpus(1))));
    for (const handle of busy) await untilState(launcher, handle, 'RUNNING');
    const third = await submitNew(launcher, orderOf(SUCCEEDS, withGpus(1)));
    const fourth = await submitNew(launcher, orderOf(SUCCEEDS, withGpus(1)));
    await expect.poll(async () => await messageOf(workshop.engine(), third)).toContain('Insufficient nvidia.com/gpu');
    expect((await launcher.observe(third)).state).toBe('QUEUED');
    await launcher.cancel(third, { graceSeconds: 0 });
    expect(await untilOver(launcher, third)).toMatchObject({ state: 'CANCELLED', startedAt: null });
    for (const handle of busy) await launcher.cancel(handle, { graceSeconds: 1 });
    for (const handle of busy) await untilOver(launcher, handle);
    expect((await untilOver(launcher, fourth)).state).toBe('SUCCEEDED');
  });

  it('tells of a quota that is used up, which only an event does', async ({ expect }) => {
    workshop.double.cluster.fullNamespaces.add('default');
    const handle = await submitNew(workshop.launcher(), orderOf(SUCCEEDS));
    await expect.poll(async () => await messageOf(workshop.engine(), handle)).toContain('exceeded quota');
    expect((await workshop.launcher().observe(handle)).state).toBe('QUEUED');
    workshop.double.cluster.fullNamespaces.clear();
  });

  it('adopts a job whose creation was not answered', async () => {
    const key = { jobId: randomUUID(), attempt: 1 };
    workshop.double.dropNextAnswer();
    await expect(workshop.launcher().submit(orderOf(SUCCEEDS), key)).rejects.toThrow(LauncherUnreachable);
    const answer = await workshop.launcher().submit(orderOf(SUCCEEDS), key);
    expect(answer).toMatchObject({ outcome: 'accepted', adopted: true });
    if (answer.outcome !== 'accepted') throw new Error(answer.message);
    expect((await untilOver(workshop.launcher(), answer.handle)).state).toBe('SUCCEEDED');
  });

  it('changes nothing about a job while the API answers 500, and goes on afterwards', async () => {
    const launcher = workshop.launcher();
    const handle = await submitNew(launcher, orderOf(RUNS_LONG));
    await untilLogged(launcher, handle, 'ready');
    workshop.double.outage = 500;
    await expect(launcher.observe(handle)).rejects.toThrow(/answered 500: etcdserver: request timed out/);
    await expect(launcher.find({ jobId: randomUUID(), attempt: 1 })).rejects.toThrow(LauncherUnreachable);
    expect(await launcher.capabilities()).toMatchObject({ available: false });
    workshop.double.outage = null;
    expect((await launcher.observe(handle)).state).toBe('RUNNING');
    await launcher.cancel(handle, { graceSeconds: 1 });
    expect((await untilOver(launcher, handle)).state).toBe('CANCELLED');
  });

  it('takes neither silence nor the page of a proxy for the state of a job', async () => {
    const handle = await submitNew(workshop.launcher(), orderOf(RUNS_LONG));
    await untilLogged(workshop.launcher(), handle, 'ready');
    workshop.double.outage = 'page';
    await expect(workshop.launcher().observe(handle)).rejects.toThrow(/answered 404: it says no more/);
    workshop.double.outage = 'silence';
    const impatient = workshop.launcher({ requestTimeoutSeconds: 1 });
    await expect(impatient.observe(handle)).rejects.toThrow(/did not answer within 1 s/);
    workshop.double.outage = null;
    await workshop.launcher().cancel(handle, { graceSeconds: 1 });
    expect((await untilOver(workshop.launcher(), handle)).state).toBe('CANCELLED');
  });

  it('shows nothing of a kubeconfig that it cannot read', async () => {
    const kubeconfig = join(workshop.directory, 'broken');
    await writeFile(kubeconfig, 'users:\n  - user:\n      token: not-to-be-seen\n     oops: [\n');
    const { available, message } = await workshop.launcher({ kubeconfig }).capabilities();
    expect(available).toBe(false);
    expect(message).toContain('bad indentation of a mapping entry (4:6)');
    expect(message).not.toContain('not-to-be-seen');
  });

  it('reads its kubeconfig again when its token is not known any more', async () => {
    const kubeconfig = await workshop.double.kubeconfig('an-old-token');
    const launcher = workshop.launcher({ kubeconfig });
    expect((await launcher.capabilities()).available).toBe(false);
    await copyFile(await workshop.double.kubeconfig(), kubeconfig);
    expect((await launcher.capabilities()).available).toBe(true);
  });

  it('says that its token is not known, and does not print it', async () => {
    const kubeconfig = await workshop.double.kubeconfig('a-wrong-token');
    const launcher = workshop.launcher({ kubeconfig });
    const answer = launcher.submit(orderOf(SUCCEEDS), { jobId: randomUUID(), attempt: 1 });
    await expect(answer).rejects.toThrow(/401.*token/);
    await expect(answer).rejects.not.toThrow(/a-wrong-token/);
    expect(await launcher.capabilities()).toMatchObject({
      available: false,
      message: expect.stringContaining('401') as string,
    });
  });

  it('says which right is missing, which file, and which context', async () => {
    workshop.double.forbidden.add('create jobs');
    const { message } = await workshop.launcher().capabilities();
    expect(message).toContain('cannot create resource "jobs"');
    workshop.double.forbidden.clear();
    expect(await workshop.launcher({ kubeconfig: '/nowhere' }).capabilities()).toMatchObject({
      available: false,
      message: expect.stringContaining('/nowhere') as string,
    });
    const elsewhere = await workshop.launcher({ context: 'elsewhere' }).capabilities();
    expect(elsewhere.message).toContain('no context "elsewhere"; it has: double');
    expect(await workshop.launcher().capabilities()).toMatchObject({ available: true, gpus: 2, queues: ['default'] });
  });

  it('removes the record of a job it stopped once that is old, which Kubernetes does for others', async ({
    expect,
  }) => {
    const launcher = workshop.launcher({ instance: 'old', keepFinishedSeconds: 1 });
    const handle = await submitNew(launcher, orderOf(SUCCEEDS, withGpus(2)));
    await workshop.engine({ instance: 'old' }).stop({ id: handle.id, name: handle.attempt ?? '' }, { graceSeconds: 0 });
    await delay(1100);
    const list = async (): Promise<unknown> =>
      await workshop.engine({ instance: 'old', keepFinishedSeconds: 1 }).list();
    await expect.poll(list).toEqual([]);
  });
});
