import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { type Seen, viewOf } from '../../../src/launchers/kubernetes/view.js';

const FIXTURES = join(import.meta.dirname, '../../../../shared/launcher-fixtures/k8s');
const NOW = new Date('2026-11-23T21:05:00Z');

/** With times as the client gives them. */
function recorded(file: string): unknown {
  const isTime = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*Z$/.test(value);
  const revive = (_: string, value: unknown): unknown => (isTime(value) ? new Date(value) : value);
  return JSON.parse(readFileSync(join(FIXTURES, file), 'utf8'), revive);
}

const jobOf = (name: string): V1Job => recorded(`job-${name}.json`) as V1Job;
const podsOf = (name: string): V1Pod[] => (recorded(`pods-${name}.json`) as { items: V1Pod[] }).items;

const see = (job: V1Job, pods: V1Pod[] = [], hindrance: string | null = null): Seen =>
  viewOf({ job, pods, hindrance, now: NOW, startPatienceSeconds: 60 });

const withStatus = (name: string, status: NonNullable<V1Job['status']>): V1Job =>
  Object.assign(jobOf(name), { status });

const failedWith = (reason: string, message: string): V1Job =>
  withStatus('fail', { conditions: [{ type: 'Failed', status: 'True', reason, message, lastTransitionTime: NOW }] });

describe('what is seen of a Job, as a real cluster recorded it', () => {
  it.each([
    ['ok', { state: 'ENDED', end: { state: 'SUCCEEDED', exitCode: 0, failure: null } }],
    ['fail', { state: 'ENDED', end: { state: 'FAILED', exitCode: 7, failure: { code: 'EXIT_CODE' } } }],
    ['long', { state: 'RUNNING', end: null, startedAt: new Date('2026-11-23T21:00:31Z') }],
    ['big', { state: 'QUEUED', message: expect.stringContaining('Insufficient nvidia.com/gpu') as string, end: null }],
  ])('"%s"', (name, view) => expect(see(jobOf(name), podsOf(name))).toMatchObject({ view, giveUp: null }));

  it('takes the forerunner of a failure for no end', () => {
    const first = jobOf('fail').status?.conditions?.slice(0, 1) ?? [];
    expect(see(withStatus('fail', { conditions: first }), podsOf('fail')).view.state).toBe('RUNNING');
  });

  it('keeps the exit code though the pod is gone', () => {
    expect(see(jobOf('fail')).view.end).toMatchObject({ state: 'FAILED', exitCode: 7, failure: { code: 'EXIT_CODE' } });
  });
});

describe('what is seen of a Job that ended oddly', () => {
  it.each([
    ['PodFailurePolicy', 'Pod jobs/a-1 has condition DisruptionTarget matching FailJob rule at index 0', 'FAILED', 'PREEMPTED', true],
    ['BackoffLimitExceeded', 'Job has reached the specified backoff limit', 'LOST', 'BACKEND_LOST', true],
    ['DeadlineExceeded', 'Job was active longer than specified deadline', 'TIMED_OUT', 'RUN_TIMEOUT', false],
  ])('%s: %s', (reason, message, state, code, retryable) => {
    expect(see(failedWith(reason, message)).view.end).toMatchObject({ state, failure: { code, retryable } });
  }); // prettier-ignore

  it('says what to do about a pod whose node is gone, and does not call it ended', () => {
    const [pod] = podsOf('long');
    if (pod?.metadata === undefined) throw new Error('It has no pod.');
    pod.metadata.deletionTimestamp = NOW;
    pod.status?.conditions?.push({ type: 'DisruptionTarget', status: 'True', message: 'Taint manager: deleting' });
    const { view } = see(jobOf('long'), [pod]);
    expect(view).toMatchObject({ state: 'RUNNING', message: expect.stringContaining('Taint manager') as string });
  });

  it('lets a Job that somebody else suspended wait', () => {
    const job = jobOf('long');
    Object.assign(job.spec ?? {}, { suspend: true });
    expect(see(job).view).toMatchObject({
      state: 'QUEUED',
      message: expect.stringContaining('suspended') as string,
    });
  });

  it('passes on what an event said of a Job without a pod', () => {
    expect(see(withStatus('long', {}), [], 'exceeded quota').view).toMatchObject({ state: 'QUEUED', message: 'exceeded quota' }); // prettier-ignore
  });
});
