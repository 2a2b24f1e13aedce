/** What keeps the container of a pod from starting, and when to stop waiting. */
import type { V1Pod } from '@kubernetes/client-node';
import type { StopReason } from './job.js';

const IMAGE_REASONS = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
];
const CONFIG_REASONS = ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'];
/** Waiting does not mend these. */
const HOPELESS = ['InvalidImageName', 'ErrImageNeverPull'];

export interface BlockedStart {
  message: string;
  /** Null while there is patience left: registries come back, secrets are created late. */
  giveUp: StopReason | null;
}

/** Null when nothing is wrong: the image is being pulled, a volume mounted. */
export function blockedStart(
  pod: V1Pod,
  { now, patienceSeconds }: { now: Date; patienceSeconds: number },
): BlockedStart | null {
  const [status] = pod.status?.containerStatuses ?? [];
  const waiting = status?.state?.waiting;
  const reason = waiting?.reason ?? '';
  const isImage = IMAGE_REASONS.includes(reason);
  if (!isImage && !CONFIG_REASONS.includes(reason)) return null;
  const words = waiting?.message ?? 'it says no more';
  const message = isImage
    ? `The image "${pod.spec?.containers[0]?.image ?? ''}" cannot be pulled (${reason}): ${words}`
    : `The container cannot be created (${reason}): ${words}`;
  const advice = isImage
    ? 'Check its name, and that the cluster may pull it.'
    : 'Ask who runs the cluster to put there what is missing.';
  const since = pod.status?.startTime ?? pod.metadata?.creationTimestamp ?? now;
  const isOver = HOPELESS.includes(reason) || now.getTime() - since.getTime() >= patienceSeconds * 1000;
  const code = isImage ? 'IMAGE_PULL' : isMissingSecret(words) ? 'SECRET_MISSING' : 'START_FAILED';
  const giveUp = { state: 'FAILED', code, message: `${message}. ${advice}`, retryable: false, at: now } as const;
  return { message, giveUp: isOver ? giveUp : null };
}

/** The words of the kubelet: `secret "hub" not found`, `couldn't find key token in Secret jobs/hub`. */
function isMissingSecret(words: string): boolean {
  return /^secret "[^"]*" not found|find key \S+ in Secret /.test(words);
}
