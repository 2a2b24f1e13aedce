/**
 * A stand-in for a Kubernetes 1.34 cluster of one node with made-up GPUs, built from what a real one answered. Its HTTP is
 * real, its containers are processes of this machine; what a test cannot bring about from outside has a method here.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster } from './kubernetes-double-cluster.js';
import type { Secrets } from './kubernetes-double-kubelet.js';
import { detailsOf, jobObject, type JobObject, type PodObject, statusObject } from './kubernetes-double-objects.js';

interface Answer {
  code: number;
  body: object;
}

const JOBS = /^\/apis\/batch\/v1\/namespaces\/([^/]+)\/jobs(?:\/([^/]+))?$/;
const CORE = /^\/api\/v1\/namespaces\/([^/]+)\/(pods|events)$/;

export class KubernetesDouble {
  readonly token = 'a-token-of-the-double';
  /** All bodies that were sent, for the search for secrets. */
  readonly bodies: string[] = [];
  /** While set, each request is answered with this status, not at all, or by the page of a proxy in between. */
  outage: number | 'silence' | 'page' | null = null;
  /** "create jobs" and the like: what the account may not do. */
  readonly forbidden = new Set<string>();
  private dropping = 0;
  private port = 0;

  private constructor(
    readonly cluster: Cluster,
    private readonly namespaces: readonly string[],
    private readonly directory: string,
    private readonly server: Server,
  ) {}

  static async open({ gpus = 2, namespaces = ['default'] } = {}): Promise<KubernetesDouble> {
    const directory = await mkdtemp(join(tmpdir(), 'weftline-kubernetes-'));
    const server = createServer();
    const double = new KubernetesDouble(new Cluster(gpus), namespaces, directory, server);
    server.on('request', (request, response) => void double.serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    double.port = (server.address() as AddressInfo).port;
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The path of a kubeconfig with this token. */
  async kubeconfig(token = this.token): Promise<string> {
    const path = join(this.directory, `kubeconfig-${token.length}`);
    // The client refuses to speak HTTP without TLS unless it is told not to care.
    const cluster = { name: 'double', cluster: { server: this.url, 'insecure-skip-tls-verify': true } };
    const user = { name: 'weftline', user: { token } };
    const context = { name: 'double', context: { cluster: 'double', user: 'weftline' } };
    const whole = { apiVersion: 'v1', kind: 'Config', clusters: [cluster], users: [user], contexts: [context] };
    await writeFile(path, JSON.stringify({ ...whole, 'current-context': 'double' }));
    return path;
  }

  setSecrets(secrets: Secrets, namespace = 'default'): void {
    this.cluster.secrets.set(namespace, secrets);
  }

  job(name: string, namespace = 'default'): JobObject {
    const job = this.cluster.jobs.get(`${namespace}/${name}`);
    if (job === undefined) throw new Error(`There is no job "${name}".`);
    return job;
  }

  /** Does what the next request asks, and breaks the connection instead of answering. */
  dropNextAnswer(): void {
    this.dropping++;
  }

  async close(): Promise<void> {
    await this.cluster.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.directory, { recursive: true, force: true });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const text = await textOf(request);
    if (text !== '') this.bodies.push(text);
    if (url.searchParams.get('watch') === '1' && request.headers.authorization === `Bearer ${this.token}`) {
      this.watch(url, response);
      return;
    }
    if (this.outage === 'silence') return;
    if (this.outage === 'page') {
      response.writeHead(404, { 'Content-Type': 'text/html' }).end('<h1>404 page not found</h1>');
      return;
    }
    const { code, body } = this.answer(request, url, text);
    if (this.dropping > 0) {
      this.dropping--;
      request.socket.destroy();
      return;
    }
    response.writeHead(code, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  }

  private answer(request: IncomingMessage, url: URL, text: string): Answer {
    if (typeof this.outage === 'number') return failed(this.outage, 'InternalError', 'etcdserver: request timed out');
    if (request.headers.authorization !== `Bearer ${this.token}`) return failed(401, 'Unauthorized', 'Unauthorized');
    const [, namespace = '', name] = JOBS.exec(url.pathname) ?? [];
    const [, place = '', kind] = CORE.exec(url.pathname) ?? [];
    const method = request.method ?? '';
    const verb = VERBS[method] ?? 'list';
    const resource = kind ?? 'jobs';
    if (this.forbidden.has(`${verb} ${resource}`))
      return forbidden(verb, resource, namespace === '' ? place : namespace);
    if (kind === 'pods') return this.list('PodList', 'v1', [...this.cluster.pods.values()], place, url);
    if (kind === 'events') return this.listEvents(place, url);
    if (namespace === '') return failed(404, 'NotFound', 'the server could not find the requested resource');
    if (name !== undefined) return this.answerOne(method, `${namespace}/${name}`, text, request);
    if (method === 'POST') return this.create(namespace, text, url);
    return this.list('JobList', 'batch/v1', [...this.cluster.jobs.values()], namespace, url);
  }

  private create(namespace: string, text: string, url: URL): Answer {
    const sent = JSON.parse(text) as JobObject;
    const { name } = sent.metadata;
    if (!this.namespaces.includes(namespace)) {
      return failed(404, 'NotFound', `namespaces "${namespace}" not found`, { name: namespace, kind: 'namespaces' });
    }
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
      const rule = 'a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, \'-\' or \'.\', and must start and end with an alphanumeric character'; // prettier-ignore
      const message = `Job.batch "${name}" is invalid: metadata.name: Invalid value: "${name}": ${rule}`;
      return failed(422, 'Invalid', message, detailsOf(name));
    }
    const there = this.cluster.jobs.get(`${namespace}/${name}`);
    if (there !== undefined) {
      const state = there.metadata.deletionTimestamp === undefined ? '' : 'object is being deleted: ';
      return failed(409, 'AlreadyExists', `${state}jobs.batch "${name}" already exists`, detailsOf(name));
    }
    const job = jobObject(sent, namespace);
    if (url.searchParams.get('dryRun') !== 'All') this.cluster.add(job);
    return { code: 201, body: structuredClone(job) };
  }

  private answerOne(method: string, key: string, text: string, request: IncomingMessage): Answer {
    const job = this.cluster.jobs.get(key);
    const name = key.slice(key.indexOf('/') + 1);
    if (job === undefined) return failed(404, 'NotFound', `jobs.batch "${name}" not found`, detailsOf(name));
    if (method === 'GET') return { code: 200, body: job };
    if (method === 'PATCH') return this.patch(job, text, request);
    const { propagationPolicy, preconditions } = JSON.parse(text === '' ? '{}' : text) as DeleteOptions;
    const { uid } = job.metadata;
    if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
      const message = `Operation cannot be fulfilled on jobs.batch "${name}": the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
      return failed(409, 'Conflict', message, detailsOf(name));
    }
    this.cluster.remove(job, propagationPolicy);
    const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };
    return { code: 200, body: { ...head, details: { ...detailsOf(name), uid } } };
  }

  private patch(job: JobObject, text: string, request: IncomingMessage): Answer {
    if (request.headers['content-type'] !== 'application/merge-patch+json') {
      return failed(415, 'UnsupportedMediaType', 'the double takes merge patches only');
    }
    const { metadata, spec } = JSON.parse(text) as { metadata?: Partial<JobObject['metadata']>; spec?: { suspend?: boolean } }; // prettier-ignore
    const { name, uid } = job.metadata;
    if (metadata?.uid !== undefined && metadata.uid !== uid) {
      const message = `Operation cannot be fulfilled on jobs.batch "${name}": Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`;
      return failed(409, 'Conflict', message, detailsOf(name));
    }
    job.metadata.annotations = { ...job.metadata.annotations, ...metadata?.annotations };
    if (spec?.suspend === true && !job.spec.suspend) this.cluster.suspend(job);
    else this.cluster.tell('MODIFIED', job);
    return { code: 200, body: structuredClone(job) };
  }

  private list(kind: string, apiVersion: string, all: (JobObject | PodObject)[], namespace: string, url: URL): Answer {
    const wanted = (url.searchParams.get('labelSelector') ?? '').split(',').filter((pair) => pair !== '');
    const fits = ({ metadata }: JobObject | PodObject): boolean =>
      wanted.every((pair) => metadata.labels?.[pair.split('=')[0] ?? ''] === pair.split('=')[1]);
    const items = all.filter((item) => item.metadata.namespace === namespace && fits(item));
    return {
      code: 200,
      body: { kind, apiVersion, metadata: { resourceVersion: this.cluster.resourceVersion }, items },
    };
  }

  private listEvents(namespace: string, url: URL): Answer {
    const uid = /involvedObject\.uid=([^,]+)/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1];
    const items = this.cluster.events.filter(({ involvedObject }) => involvedObject.uid === uid && involvedObject.namespace === namespace); // prettier-ignore
    return { code: 200, body: { kind: 'EventList', apiVersion: 'v1', metadata: {}, items } };
  }

  private watch(url: URL, response: ServerResponse): void {
    const since = Number(url.searchParams.get('resourceVersion') ?? this.cluster.resourceVersion);
    response.writeHead(200, { 'Content-Type': 'application/json' }).flushHeaders();
    const send = ({ type, object }: { type: string; object: object }): void =>
      void response.write(`${JSON.stringify({ type, object })}\n`);
    this.cluster.changes.filter(({ version }) => version > since).forEach(send);
    response.once('close', this.cluster.onChange(send));
  }
}

interface DeleteOptions {
  propagationPolicy?: string;
  preconditions?: { uid?: string };
}

const VERBS: Readonly<Record<string, string>> = { POST: 'create', PATCH: 'patch', DELETE: 'delete' };

function failed(code: number, reason: string, message: string, details?: object): Answer {
  return { code, body: statusObject(code, reason, message, details) };
}

function forbidden(verb: string, resource: string, namespace: string): Answer {
  const [name, group] = resource === 'jobs' ? ['jobs.batch', 'batch'] : [resource, ''];
  const message = `${name} is forbidden: User "system:serviceaccount:weftline:weftline" cannot ${verb} resource "${resource}" in API group "${group}" in the namespace "${namespace}"`;
  return failed(403, 'Forbidden', message, { group, kind: resource });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
