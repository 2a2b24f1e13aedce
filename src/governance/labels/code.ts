import { createHash } from 'node:crypto';
import { COMMAND_FACET } from '../../lineage/runs/run.js';

/** What says which code a run was: where it is from, the image, and the command, where Weftline launched it. */
export interface CodeFacts {
  repository: string | null;
  revision: string | null;
  path: string | null;
  image: string | null;
  command: readonly string[] | null;
}

const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const PINNED = /@sha256:[0-9a-f]{64}$/;

/**
 * The digest of exactly this code; null: nothing says exactly which it is, neither a whole commit nor an image by its digest, and
 * what may move under its name is no code that somebody can have approved.
 */
export function codeDigestOf({ repository, revision, path, image, command }: CodeFacts): string | null {
  const isExact = (revision !== null && COMMIT.test(revision)) || (image !== null && PINNED.test(image));
  if (!isExact) return null;
  return `sha256:${createHash('sha256')
    .update(JSON.stringify([repository, revision, path, image, command]))
    .digest('hex')}`;
}

/** Of a run by what was kept with it, and what that leaves out by what its transformation named when it was recorded. */
export function codeOfRun(
  facets: Readonly<Record<string, unknown>>,
  then: Readonly<Record<string, unknown>>,
): CodeFacts {
  const location = objectIn(facets['sourceCodeLocation']);
  const launched = objectIn(facets[COMMAND_FACET]);
  const command = launched['command'];
  const isListed = Array.isArray(command) && command.every((part): part is string => typeof part === 'string');
  return {
    repository: textIn(location['url']) ?? textIn(then['repository']),
    revision: textIn(location['version']) ?? textIn(then['revision']),
    path: textIn(location['path']) ?? textIn(then['path']),
    image: textIn(launched['image']) ?? textIn(then['image']),
    command: isListed ? command : null,
  };
}

const textIn = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const objectIn = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
