/** Where the server may read data that somebody names: nowhere, but where whoever runs it has said so. */
import { lstat, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, posix } from 'node:path';

export interface DataFolder {
  path: string;
  /** For data sets and models of this namespace alone; null: for all. */
  namespace: string | null;
}

/** Folders as they are written, `/data/shared,payments=/data/payments`; null for what is not written so. */
export function toDataFolders(text: string): DataFolder[] | null {
  const folders = text.split(',').map((entry): DataFolder | null => {
    const at = entry.indexOf('=/');
    const namespace = at > 0 ? entry.slice(0, at).trim() : null;
    const written = entry.slice(at > 0 ? at + 1 : 0).trim();
    const path = posix.normalize(written).replace(/\/$/, '');
    return isAbsolute(path) && path !== '/' ? { path, namespace } : null;
  });
  return folders.every((folder) => folder !== null) ? folders : null;
}

export class DataFolders {
  /** `closed`: what is never read, wherever it lies, for it holds what is the server's own. */
  constructor(
    private readonly folders: readonly DataFolder[],
    private readonly closed: readonly string[],
  ) {}

  get any(): boolean {
    return this.folders.length > 0;
  }

  /** Whether a path is one the namespace may name, by how it is written: nothing is looked at for one that is not. */
  mayName(path: string, namespace: string): boolean {
    return isOpen(path, namespace, this.folders, this.closed);
  }

  /** The same of where files really lie, once all links are followed. */
  async mayRead(namespace: string): Promise<(realPath: string) => boolean> {
    const folders = await Promise.all(this.folders.map(async (each) => ({ ...each, path: await real(each.path) })));
    const closed = await Promise.all(this.closed.map(real));
    return (path) => isOpen(path, namespace, folders, closed);
  }
}

/** Where a path leads that may be named. A link to elsewhere tells nothing of what is there, not even whether anything is. */
export async function leadsTo(
  path: string,
  mayRead: (realPath: string) => boolean,
): Promise<'OPEN' | 'CLOSED' | 'NOWHERE'> {
  for (let part = path; part !== dirname(part); part = dirname(part)) {
    const place = await realpath(part).catch(() => null);
    if (place !== null && part === path) return mayRead(place) ? 'OPEN' : 'CLOSED';
    // The folder for data may itself be gone: above it there is nothing to tell.
    if (place !== null) return mayRead(place) || !mayRead(part) ? 'NOWHERE' : 'CLOSED';
    // A link whose end is not there.
    if (
      await lstat(part).then(
        () => true,
        () => false,
      )
    )
      return 'CLOSED';
  }
  return 'NOWHERE';
}

/** The innermost folder that holds it decides: one for a namespace within one for all is for that namespace alone. */
function isOpen(path: string, namespace: string, folders: readonly DataFolder[], closed: readonly string[]): boolean {
  if (closed.some((each) => isIn(path, each))) return false;
  const holding = folders.filter((folder) => isIn(path, folder.path));
  const innermost = Math.max(...holding.map((folder) => folder.path.length));
  return holding.some((folder) => folder.path.length === innermost && [null, namespace].includes(folder.namespace));
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** One that is not there holds nothing. */
function real(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
