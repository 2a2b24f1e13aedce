import type { DenialReason } from '../../access/explanation/denial.js';
import type { Resources } from '../jobs/job.js';

export const QUOTA_PERIODS = ['DAY', 'WEEK', 'MONTH'] as const;
export type QuotaPeriod = (typeof QUOTA_PERIODS)[number];

const HOUR = 3600;

/** What the jobs charged to a team may take. */
export interface Quota {
  teamId: string;
  /** Name of the launcher it is for; null: all launchers together. */
  launcher: string | null;
  /** GPUs of open jobs; null: no limit. */
  runningGpus: number | null;
  /** GPU-hours in a period; null: no limit. */
  gpuHours: number | null;
  period: QuotaPeriod;
  changedAt: Date;
}

/** What is taken of a quota at a time. */
interface QuotaUse {
  from: Date;
  until: Date;
  /** GPUs of jobs that are open. */
  openGpus: number;
  /** By jobs that ended in the period and by earlier attempts of open ones. */
  usedGpuSeconds: number;
  /** What open jobs may still use. */
  reservedGpuSeconds: number;
}

export type QuotaStanding = Quota & { teamName: string; use: QuotaUse };

/** What a launch would take of the quotas of its team. */
export interface Demand {
  gpus: number;
  gpuSeconds: number;
  timeoutSeconds: number | null;
}

/** The period the time lies in, in UTC: a day from midnight, a week from Monday, a month from its first. */
export function periodAround(period: QuotaPeriod, time: Date): { from: Date; until: Date } {
  const [year, month, day] = [time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate()];
  if (period === 'MONTH')
    return { from: new Date(Date.UTC(year, month, 1)), until: new Date(Date.UTC(year, month + 1, 1)) };
  const first = period === 'WEEK' ? day - ((time.getUTCDay() + 6) % 7) : day;
  const days = period === 'WEEK' ? 7 : 1;
  return { from: new Date(Date.UTC(year, month, first)), until: new Date(Date.UTC(year, month, first + days)) };
}

export function demandOf(resources: Pick<Resources, 'gpus'>, timeoutSeconds: number | null): Demand {
  return { gpus: resources.gpus, gpuSeconds: resources.gpus * (timeoutSeconds ?? 0), timeoutSeconds };
}

/** What is left; null where there is no limit. Never below 0: a quota may have been lowered below what was taken. */
export function leftOf({ runningGpus, gpuHours, use }: QuotaStanding): {
  gpus: number | null;
  gpuHours: number | null;
} {
  const hours = (use.usedGpuSeconds + use.reservedGpuSeconds) / HOUR;
  return {
    gpus: runningGpus === null ? null : Math.max(0, runningGpus - use.openGpus),
    gpuHours: gpuHours === null ? null : Math.max(0, gpuHours - hours),
  };
}

/** The quota once the demand was reserved. */
export function withDemand(quota: QuotaStanding, { gpus, gpuSeconds }: Demand): QuotaStanding {
  const { use } = quota;
  const reservedGpuSeconds = use.reservedGpuSeconds + gpuSeconds;
  return { ...quota, use: { ...use, openGpus: use.openGpus + gpus, reservedGpuSeconds } };
}

/** Why the demand does not fit into the quotas; [] when it does. What asks for nothing always fits. */
export function quotaDenials(quotas: readonly QuotaStanding[], demand: Demand): DenialReason[] {
  return quotas.flatMap((quota) => [...gpusDenied(quota, demand), ...hoursDenied(quota, demand)]);
}

function gpusDenied(quota: QuotaStanding, demand: Demand): DenialReason[] {
  const left = leftOf(quota).gpus;
  if (left === null || demand.gpus <= left || demand.gpus === 0) return [];
  const message = `The team "${quota.teamName}" may hold ${quota.runningGpus ?? 0} GPU(s) at a time${where(quota)}: ${quota.use.openGpus} are held by its open jobs, ${demand.gpus} were asked for, ${left} are left. They come free as jobs end; the quota itself has no end.`;
  return [{ rule: 'QUOTA', asset: null, message }];
}

function hoursDenied(quota: QuotaStanding, demand: Demand): DenialReason[] {
  const left = leftOf(quota).gpuHours;
  // Compared as shown: a quota is not missed by the last bit of a sum.
  if (left === null || demand.gpuSeconds === 0 || demand.gpuSeconds / HOUR <= left + 1e-9) return [];
  const { use, period, gpuHours } = quota;
  const asked = `${hours(demand.gpuSeconds)} were asked for (${demand.gpus} GPU(s) for ${demand.timeoutSeconds ?? 0} s)`;
  const message = `The team "${quota.teamName}" may use ${shown(gpuHours ?? 0)} GPU-hours a ${period}${where(quota)}: ${hours(use.usedGpuSeconds)} are used, ${hours(use.reservedGpuSeconds)} are reserved by open jobs, ${asked}, ${shown(left)} are left. The period ends at ${use.until.toISOString()}. Ask for less, or again then.`;
  return [{ rule: 'QUOTA', asset: null, message }];
}

function where({ launcher }: Quota): string {
  return launcher === null ? '' : ` on the launcher "${launcher}"`;
}

const hours = (seconds: number): string => shown(seconds / HOUR);
const shown = (number: number): string => String(Math.round(number * 1000) / 1000);
