export const HEALTH_STATES = ['HEALTHY', 'DEGRADED', 'FAILING'] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

/** What was last reported of how a deployment is. */
export interface Health {
  deploymentId: string;
  state: HealthState;
  /** When it was last reported. */
  at: Date;
  /** Since when it is in this state without a report of another. */
  since: Date;
  message: string | null;
  latencySeconds: number | null;
  /** 0 to 1. */
  errorRate: number | null;
  reportedById: string;
  /** What served there when it was reported; null when nothing did. */
  releaseId: string | null;
}

/** What a heartbeat says. */
export type Heartbeat = Pick<Health, 'state' | 'message' | 'latencySeconds' | 'errorRate'>;

/** Whether the last heartbeat is longer ago than one may be late. */
export function isStale({ at }: Health, now: Date, heartbeatSeconds: number): boolean {
  return now.getTime() - at.getTime() > heartbeatSeconds * 1000;
}
