import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolderSync } from '../../disk/make-folder.js';
import { isThere } from '../../disk/presence.js';
import { WatchedFolder } from '../../disk/watched-folder.js';
import { createFileSync, replaceFileSync, UNFINISHED } from '../../disk/whole-file.js';
import { newSigningKey, readSigner, readVerifier, type Signer, type Verifier, verifierOf } from './checkpoint.js';

/** What is being written is younger. */
const UNFINISHED_MS = 10 * 60_000;
/** An empty file that stays, hidden from who copies checkpoints. */
const MARKED = '.entries-are-marked';
const NAME = /^checkpoint-(\d{12,16})$/;

/** Signed checkpoints in a folder outside the database, one file each: what proves that the database was not rewritten. */
export class CheckpointFiles {
  private readonly folder: WatchedFolder;

  constructor(
    readonly directory: string,
    minFreeBytes = 0,
  ) {
    const name = 'The folder for checkpoints of the audit log';
    this.folder = new WatchedFolder({ path: directory, name, minFreeBytes });
  }

  /** Why no checkpoint can be kept now, in words for anyone; null when one can. */
  whyNotWritten(): Promise<string | null> {
    return this.folder.whyNot();
  }

  /** The note of the largest checkpoint; null when there is none. */
  newest(): { file: string; note: string } | null {
    if (!isThere(this.directory)) return null;
    const size = (name: string): number => Number(NAME.exec(name)?.[1]);
    const names = readdirSync(this.directory).filter((name) => NAME.test(name));
    const name = names.sort((a, b) => size(a) - size(b)).at(-1);
    if (name === undefined) return null;
    const file = join(this.directory, name);
    return { file, note: readFileSync(file, 'utf8') };
  }

  /** The sizes that there are checkpoints of, the smallest first. */
  async sizes(): Promise<number[]> {
    const names = await readdir(this.directory).catch(noneIfMissing);
    const sizes = names.map((name) => NAME.exec(name)?.[1]).filter((size) => size !== undefined);
    return sizes.map(Number).sort((a, b) => a - b);
  }

  /** The note of a checkpoint. */
  note(size: number): Promise<string> {
    return readFile(this.pathOf(size), 'utf8');
  }

  private pathOf(size: number): string {
    return join(this.directory, `checkpoint-${String(size).padStart(12, '0')}`);
  }

  /** Whether this machine has started a server that marks what it writes: since then, nothing without a mark is believed. */
  get hasMarked(): boolean {
    return isThere(join(this.directory, MARKED));
  }

  /** Whole or not at all: a mark left by a start that failed would let the next one believe nothing that is older. */
  noteMarked(): void {
    makeFolderSync(this.directory);
    createFileSync(join(this.directory, MARKED), '');
  }

  /** Keeps a note, whole or not at all: it is written beside and renamed. */
  write(size: number, note: string): void {
    makeFolderSync(this.directory);
    replaceFileSync(join(this.directory, `checkpoint-${String(size).padStart(12, '0')}`), note, { mode: 0o644 });
  }

  /** Removes what servers that were killed have left unfinished. */
  sweep(): void {
    if (!isThere(this.directory)) return;
    const before = Date.now() - UNFINISHED_MS;
    for (const name of readdirSync(this.directory)) {
      if (!name.startsWith('checkpoint-') || !name.endsWith(UNFINISHED)) continue;
      const file = join(this.directory, name);
      const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
      if (written !== undefined && written < before) rmSync(file, { force: true });
    }
  }
}

export interface AuditKey {
  signer: Signer;
  /** What checks its checkpoints, and those of keys that were there before. */
  verifiers: Verifier[];
  /** Made by this call; otherwise it was there. */
  fresh: boolean;
}

/**
 * The key that signs checkpoints: read from the file, or made when there is none. The key that checks them lies beside
 * it as `<file>.pub`, followed by those of earlier keys, one a line: so a key is replaced by moving its file away.
 * Throws InvalidKey for a file that holds no key.
 */
export function auditKey(file: string, name: string): AuditKey {
  const fresh = !isThere(file);
  if (fresh) {
    makeFolderSync(dirname(file));
    // Another server that shares the folder may be making it too: who comes first makes it.
    createFileSync(file, `${newSigningKey(name).signer}\n`);
  }
  const signer = readSigner(readFileSync(file, 'utf8'));
  return { signer, verifiers: keepVerifier(`${file}.pub`, verifierOf(signer)).map(readVerifier), fresh };
}

/** Makes the key the first of those in the file. */
function keepVerifier(file: string, key: string): string[] {
  const kept = isThere(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const keys = [key, ...kept.map((line) => line.trim()).filter((line) => line !== '' && line !== key)];
  if (keys.join() !== kept.filter((line) => line !== '').join()) {
    replaceFileSync(file, `${keys.join('\n')}\n`, { mode: 0o644 });
  }
  return keys;
}

function noneIfMissing(error: unknown): string[] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}
