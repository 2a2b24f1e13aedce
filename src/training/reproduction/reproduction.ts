import type { Asset } from '../../catalog/model/asset.js';
import type { Version } from '../../catalog/versions/version.js';
import type { InputCheck } from '../../lineage/runs/input-check.js';
import type { TrainingJob } from '../jobs/job.js';
import { textOf, type TrainingRecord } from './training-record.js';

export const REPRODUCTION_PARTS = [
  'JOB', 'COMMAND', 'CODE_REVISION', 'IMAGE_DIGEST', 'PACKAGE_LOCK', 'SEED', 'HARDWARE', 'INPUT', 'TRANSFORMATION', 'MODEL', 'LAUNCHER', 'SECRET',
] as const; // prettier-ignore
export type ReproductionPart = (typeof REPRODUCTION_PARTS)[number];

export interface MissingPart {
  part: ReproductionPart;
  message: string;
}

/** How to make a model version again. */
export interface Reproduction {
  version: Version;
  /** A ready LaunchTrainingInput; null when nothing is known that could be launched. */
  input: Record<string, unknown> | null;
  missing: MissingPart[];
}

/** What is now there of what the job needed. */
export interface Standing {
  inputs: Version[];
  /** What was found of each of the inputs when the job read it. */
  checks: InputCheck[];
  hiddenInputs: number;
  assets: ReadonlyMap<string, Asset>;
  launcherKnown: boolean;
}

/** The launch as it was, pinned as far as the record tells. `key`: what makes its key a new one, for the old one would give the old job. */
export function toLaunchInput({ version, job, environment }: TrainingRecord, standing: Standing, key: string) {
  const { order, resources } = job;
  const visible = new Set(standing.inputs.map(({ id }) => id));
  const { queue, secrets } = order;
  return {
    idempotencyKey: `reproduce ${version.id} ${key}`,
    transformation: job.transformationId,
    inputs: job.inputIds.filter((id) => visible.has(id)),
    output: job.outputId,
    command: [...order.command],
    image: pinned(order.image, textOf(environment['imageDigest'])),
    environment: order.environment,
    parameters: order.parameters,
    resources: { ...resources, memoryBytes: resources.memoryBytes === null ? null : String(resources.memoryBytes) },
    launcher: standing.launcherKnown ? job.launcher : null,
    timeoutSeconds: order.limits.runSeconds,
    maxRetries: job.maxRetries,
    retryOnExitCodes: [...job.policy.retryOnExitCodes],
    queueTimeoutSeconds: job.policy.queueSeconds,
    queue,
    // Who makes it again is charged, by the team that is theirs.
    team: null,
    secrets: Object.keys(secrets).length === 0 ? null : secrets,
    purpose: job.purpose,
    dryRun: false,
  };
}

/** The same for who is not told what the program was told: an input that they have to complete. */
export function withoutWords(input: ReturnType<typeof toLaunchInput>): Record<string, unknown> {
  return { ...input, command: null, image: null, environment: {}, secrets: null, purpose: null };
}

/** The same as `missingOf`, without a word of command, image and secrets. */
export function missingWithoutWords(record: TrainingRecord, standing: Standing): MissingPart[] {
  const message =
    'Command, image, environment, secrets and purpose are for who launched the job, and who may EDIT its transformation or its output model. Ask their owners with requestAccess.';
  return [
    { part: 'COMMAND', message },
    ...missingCode(record, standing),
    ...missingInputs(standing),
    ...missingAssets(record.job, standing),
  ];
}

/** All that keeps the launch from being surely the same again, in the order of the parts. */
export function missingOf(record: TrainingRecord, standing: Standing): MissingPart[] {
  return [
    ...missingCode(record, standing),
    ...missingEnvironment(record),
    ...missingInputs(standing),
    ...missingAssets(record.job, standing),
    ...secretsOf(record.job),
  ];
}

function missingCode({ job, codeRef }: TrainingRecord, { assets }: Standing): MissingPart[] {
  if (codeRef?.revision == null) {
    const message =
      'No revision of the code was recorded. Give the transformation a `codeRef` with a revision, or name "code" in the manifest.';
    return [{ part: 'CODE_REVISION', message }];
  }
  const now = assets.get(job.transformationId)?.codeRef?.revision ?? null;
  if (now === null || now === codeRef.revision) return [];
  const message = `The code was at revision ${codeRef.revision}; the transformation now names ${now}. The command must run the former.`;
  return [{ part: 'CODE_REVISION', message }];
}

function missingEnvironment({ image, environment, seeds, hardware }: TrainingRecord): MissingPart[] {
  const missing: MissingPart[] = [];
  const imageDigest = textOf(environment['imageDigest']);
  if (imageDigest === null && !image?.includes('@sha256:')) {
    const what = image === null ? 'It ran without a container image' : `Its image ${image} is named without a digest`;
    const message = `${what}: what was installed there may have changed. Name "environment.imageDigest" in the manifest.`;
    missing.push({ part: 'IMAGE_DIGEST', message });
  }
  if (textOf(environment['packageLockDigest']) === null) {
    const message = 'No digest of a package lock was recorded. Name "environment.packageLockDigest" in the manifest.';
    missing.push({ part: 'PACKAGE_LOCK', message });
  }
  if (Object.keys(seeds).length === 0) {
    const message =
      'No seed was recorded: what is drawn at random may come out otherwise. Name "seeds" in the manifest.';
    missing.push({ part: 'SEED', message });
  }
  if (Object.keys(hardware).length === 0) {
    const message = 'The hardware was not recorded. Name "hardware" in the manifest.';
    missing.push({ part: 'HARDWARE', message });
  }
  return missing;
}

function missingInputs({ inputs, checks, hiddenInputs, assets }: Standing): MissingPart[] {
  const missing = inputs.flatMap((version, index): MissingPart[] => {
    const asset = assets.get(version.assetId);
    const what = `The input ${asset?.urn ?? version.assetId}@${version.version}`;
    const faults = [
      ...(asset?.retiredAt ? [`${what} is retired: a launch with it is denied.`] : []),
      ...(version.digest === null ? [`${what} has no digest: whether it is still the same cannot be told.`] : []),
      ...(version.uri === null ? [`${what} has no uri: where it lies is not known.`] : []),
    ];
    const check = checks[index];
    if (version.digest !== null && version.uri !== null && check?.state !== 'VERIFIED')
      faults.push(`${what} was not verified when the job read it. ${check?.note ?? ''}`.trimEnd());
    return faults.map((message) => ({ part: 'INPUT', message }));
  });
  if (hiddenInputs === 0) return missing;
  const message = `${hiddenInputs} of its inputs you may not see; the launch input leaves them out.`;
  return [...missing, { part: 'INPUT', message }];
}

function missingAssets(job: TrainingJob, { assets, launcherKnown }: Standing): MissingPart[] {
  const missing: MissingPart[] = [];
  const retired = (part: ReproductionPart, id: string): void => {
    const asset = assets.get(id);
    if (asset?.retiredAt) missing.push({ part, message: `${asset.urn} is retired: a launch with it is denied.` });
  };
  retired('TRANSFORMATION', job.transformationId);
  retired('MODEL', job.outputId);
  if (!launcherKnown) {
    const message = `The launcher "${job.launcher}" is no longer configured; the launch input leaves the choice open.`;
    missing.push({ part: 'LAUNCHER', message });
  }
  return missing;
}

function secretsOf({ order }: TrainingJob): MissingPart[] {
  return [...new Set(Object.values(order.secrets))].map((name) => ({
    part: 'SECRET',
    message: `The secret "${name}" is given by its name alone: whether its value is still the same cannot be told.`,
  }));
}

/** The image by its digest, under its own name without a tag. */
function pinned(image: string | null, digest: string | null): string | null {
  if (image === null || digest === null || image.includes('@')) return image;
  return `${image.replace(/:[^:/]+$/, '')}@${digest.slice(digest.indexOf('sha256:'))}`;
}
