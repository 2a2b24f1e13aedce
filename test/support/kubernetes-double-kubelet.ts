/** Runs the container of a pod as a process of this machine, and reports what a kubelet would. Volumes are where they are anyway. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Condition, type ContainerStatus, nowText, type PodObject } from './kubernetes-double-objects.js';

const LAST_WORDS = 2048;
const RETRY_MS = 100;

export type Secrets = Readonly<Record<string, Readonly<Record<string, string>>>>;

export class Kubelet {
  private readonly containers = new Map<string, { child: ChildProcess; isOutOfMemory: boolean }>();
  private readonly stopped = new Set<string>();

  constructor(
    private readonly secretsOf: (namespace: string) => Secrets,
    private readonly changed: (pod: PodObject) => void,
  ) {}

  /** Sees a pod through that was bound to this node. */
  async run(pod: PodObject): Promise<void> {
    pod.status = { ...pod.status, startTime: nowText(), hostIP: '127.0.0.1' };
    this.wait(pod, 'ContainerCreating');
    await delay(20);
    const environment = await this.prepare(pod);
    if (environment === null) return;
    await this.start(pod, environment);
  }

  /** SIGTERM to the first process, SIGKILL to all after the grace, as a container runtime does. */
  async stop(pod: PodObject, graceSeconds: number): Promise<void> {
    this.stopped.add(pod.metadata.uid);
    const child = this.containers.get(pod.metadata.uid)?.child;
    if (child?.pid === undefined || isOver(child)) return;
    child.kill('SIGTERM');
    const end = Date.now() + graceSeconds * 1000;
    while (!isOver(child) && Date.now() < end) await delay(10);
    if (!isOver(child)) killTree(child.pid);
    while (!isOver(child)) await delay(10);
    // The events of its end come after.
    await delay(10);
  }

  /** The kernel kills all processes of a container that used up its memory. */
  killForMemory(pod: PodObject): void {
    const container = this.containers.get(pod.metadata.uid);
    if (container?.child.pid === undefined) throw new Error('The pod does not run.');
    container.isOutOfMemory = true;
    killTree(container.child.pid);
  }

  private async prepare(pod: PodObject): Promise<Record<string, string> | null> {
    const image = pod.spec.containers[0]?.image ?? '';
    for (let tries = 0; !this.stopped.has(pod.metadata.uid); tries++) {
      const problem = imageProblem(image, tries);
      if (problem !== null) this.wait(pod, problem.reason, problem.message);
      else {
        const resolved = resolveEnvironment(pod, this.secretsOf(pod.metadata.namespace));
        if (typeof resolved !== 'string') return resolved;
        this.wait(pod, 'CreateContainerConfigError', resolved);
      }
      await delay(RETRY_MS);
    }
    return null;
  }

  private async start(pod: PodObject, environment: Record<string, string>): Promise<void> {
    const [command = '', ...args] = (pod.spec.containers[0]?.command ?? []).map((part) => part.replaceAll('$$', '$'));
    const startedAt = nowText();
    const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const container = { child, isOutOfMemory: false };
    this.containers.set(pod.metadata.uid, container);
    let words = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => (words = (words + data.toString()).slice(-LAST_WORDS)));
    }
    child.once('spawn', () => {
      this.show(pod, 'Running', { running: { startedAt } }, ['Ready', 'ContainersReady']);
    });
    const end = await endOf(child);
    const finishedAt = nowText();
    if (end instanceof Error) {
      const message = `failed to create containerd task: failed to create shim task: exec: "${command}": executable file not found in $PATH: unknown`;
      this.show(pod, 'Failed', { terminated: { exitCode: 128, reason: 'StartError', message, startedAt, finishedAt } });
      return;
    }
    const reason = container.isOutOfMemory ? 'OOMKilled' : end === 0 ? 'Completed' : 'Error';
    const message = end === 0 || words === '' ? {} : { message: words };
    const terminated = { exitCode: end, reason, ...message, startedAt, finishedAt };
    this.show(pod, end === 0 ? 'Succeeded' : 'Failed', { terminated });
  }

  private wait(pod: PodObject, reason: string, message?: string): void {
    this.show(pod, 'Pending', { waiting: { reason, ...(message === undefined ? {} : { message }) } });
  }

  private show(pod: PodObject, phase: string, state: ContainerStatus['state'], ready: string[] = []): void {
    const { name = '', image = '' } = pod.spec.containers[0] ?? {};
    const isReady = ready.length > 0;
    const condition = (type: string): Condition => {
      const over = phase === 'Succeeded' || phase === 'Failed' ? { reason: 'PodCompleted' } : {};
      return { type, status: isReady ? 'True' : 'False', lastProbeTime: null, lastTransitionTime: nowText(), ...over };
    };
    const kept = (pod.status.conditions ?? []).filter(({ type }) => type === 'DisruptionTarget');
    const address = phase === 'Pending' ? {} : { podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] };
    const status = {
      name,
      state,
      lastState: {},
      ready: isReady,
      restartCount: 0,
      image,
      imageID: '',
      started: isReady,
    };
    const conditions = [...(isReady ? ready : ['Ready']).map(condition), ...kept];
    pod.status = { ...pod.status, ...address, phase, conditions, containerStatuses: [status] };
    this.changed(pod);
  }
}

function imageProblem(image: string, tries: number): { reason: string; message: string } | null {
  if (/[A-Z ]/.test(image.split(/[:@]/)[0] ?? '')) {
    const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`;
    return { reason: 'InvalidImageName', message };
  }
  if (!image.startsWith('missing/')) return null;
  if (tries % 2 === 1) return { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` };
  const message = `failed to pull and unpack image "docker.io/${image}": failed to resolve reference "docker.io/${image}": docker.io/${image}: not found`;
  return { reason: 'ErrImagePull', message };
}

/** Of the environment of this process nothing passes but where programs are. A text says which secret is missing. */
function resolveEnvironment(pod: PodObject, secrets: Secrets): Record<string, string> | string {
  const { PATH = '/usr/bin:/bin', HOME = '/root' } = process.env;
  const environment: Record<string, string> = { PATH, HOME, HOSTNAME: pod.metadata.name };
  for (const { name, value, valueFrom } of pod.spec.containers[0]?.env ?? []) {
    const reference = valueFrom?.secretKeyRef;
    if (reference === undefined) {
      environment[name] = (value ?? '').replaceAll('$$', '$');
      continue;
    }
    const secret = secrets[reference.name];
    if (secret === undefined) return `secret "${reference.name}" not found`;
    const found = secret[reference.key];
    if (found === undefined) {
      return `couldn't find key ${reference.key} in Secret ${pod.metadata.namespace}/${reference.name}`;
    }
    environment[name] = found;
  }
  return environment;
}

async function endOf(child: ChildProcess): Promise<number | Error> {
  return await new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

const isOver = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** With the first process of a container all others end. */
function killTree(root: number): void {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const isWithin = (pid: number): boolean => pid === root || (parents.has(pid) && isWithin(parents.get(pid) ?? 0));
  for (const pid of [...parents.keys()].filter(isWithin)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}
