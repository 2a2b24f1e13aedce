/** Holds the double to what a Kubernetes 1.34.4 API server answered (../shared/launcher-fixtures/k8s). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KubernetesDouble } from '../../support/kubernetes-double.js';

const FIXTURES = join(import.meta.dirname, '../../../../shared/launcher-fixtures/k8s');
const JOBS = '/apis/batch/v1/namespaces/default/jobs';

const recorded = (file: string): unknown => JSON.parse(readFileSync(join(FIXTURES, file), 'utf8'));

describe('the double of Kubernetes, beside a real API server', () => {
  let double: KubernetesDouble;
  beforeAll(async () => (double = await KubernetesDouble.open()));
  afterAll(async () => await double.close());

  const ask = async (method: string, path: string, body?: unknown): Promise<{ code: number; body: unknown }> => {
    const headers = { Authorization: `Bearer ${double.token}`, 'Content-Type': 'application/json' };
    const payload = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(double.url + path, { method, headers, ...payload });
    return { code: response.status, body: await response.json() };
  };

  const untilSame = async (path: string, file: string): Promise<void> => {
    const wanted = stripped(recorded(file));
    for (let tries = 0; tries < 300; tries++) {
      if (JSON.stringify(sorted(stripped((await ask('GET', path)).body))) === JSON.stringify(sorted(wanted))) return;
      await delay(20);
    }
    expect(stripped((await ask('GET', path)).body)).toEqual(wanted);
  };

  it.each(['ok', 'fail', 'long', 'big'])(
    'answers the creation of "%s" alike, then its end and its pods',
    async (name) => {
      const created = await ask('POST', JOBS, recorded(`create-${name}.request.json`));
      expect(created.code).toBe(201);
      expect(stripped(created.body)).toEqual(stripped(recorded(`create-${name}.response.json`)));
      await untilSame(`${JOBS}/${name}`, `job-${name}.json`);
      const pods = `/api/v1/namespaces/default/pods?labelSelector=job-name%3D${name}`;
      await untilSame(pods, `pods-${name}.json`);
    },
  );

  it('refuses a second one of the name, and knows nothing of others', async () => {
    const conflict = await ask('POST', JOBS, recorded('create-ok.request.json'));
    expect(conflict).toEqual({ code: 409, body: recorded('create-conflict.response.json') });
    expect(await ask('GET', `${JOBS}/nope`)).toEqual({ code: 404, body: recorded('unknown.json') });
  });

  it('shows a watcher the job going, and answers its deletion', async () => {
    const headers = { Authorization: `Bearer ${double.token}` };
    const abort = new AbortController();
    const watch = await fetch(`${double.url}${JOBS}?watch=1`, { headers, signal: abort.signal });
    const reader = (watch.body as ReadableStream<Uint8Array>).getReader();
    const answer = await ask('DELETE', `${JOBS}/long`, { propagationPolicy: 'Background' });
    expect(answer.code).toBe(200);
    expect(stripped(answer.body)).toEqual(stripped(recorded('delete.json')));
    const { value } = await reader.read();
    const line = JSON.parse(new TextDecoder().decode(value)) as unknown;
    expect(stripped(line)).toEqual(stripped(recorded('watch.jsonl')));
    abort.abort();
  });

  it('refuses a token it does not know', async () => {
    const response = await fetch(double.url + JOBS, { headers: { Authorization: 'Bearer another' } });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'Unauthorized' });
  });
});

/** Without what differs from one run to the next: ids, versions, times, who wrote which field. */
function stripped(value: unknown): unknown {
  if (typeof value === 'string') {
    return value
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
      .replaceAll(/\b(ok|fail|long|big)-[a-z0-9]{5}\b/g, '$1-POD');
  }
  if (Array.isArray(value)) return value.map(stripped);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== 'managedFields' && key !== 'resourceVersion');
  return Object.fromEntries(kept.map(([key, it]) => [key, stripped(it)]));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, it]) => [key, sorted(it)])); // prettier-ignore
}
