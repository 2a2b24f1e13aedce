import { type Checkpoint, InvalidCheckpoint, openCheckpoint, type Verifier } from './checkpoint.js';
import type { Hash } from '../sealing/merkle.js';

/** A signed note, and where it was found, for messages. */
export interface NamedNote {
  name: string;
  note: string;
}

export interface NamedCheckpoint extends Checkpoint {
  name: string;
}

/** Opens each note. What is forged, or signed over something else at the same size, goes to `onProblem`. */
export function openAll(
  notes: readonly NamedNote[],
  verifiers: readonly Verifier[],
  onProblem: (problem: string) => void,
): NamedCheckpoint[] {
  const opened: NamedCheckpoint[] = [];
  for (const { name, note } of notes) {
    try {
      opened.push({ name, ...openCheckpoint(note, verifiers) });
    } catch (error) {
      if (!(error instanceof InvalidCheckpoint)) throw error;
      onProblem(`${capital(name)} is not to be trusted. ${error.message}`);
    }
  }
  return opened.sort((a, b) => a.size - b.size);
}

/** Compares the tree of an export, as it grows, with the checkpoints that were signed over it. */
export class CheckpointComparison {
  /** The largest checkpoint that the tree fits before the first that it does not; null: none. */
  #fits: NamedCheckpoint | null = null;
  #misfit: NamedCheckpoint | null = null;
  /** One after that which it fits all the same: then somebody who has the key signed two logs. */
  #fitsAgain: NamedCheckpoint | null = null;
  #compared = 0;

  /** How many checkpoints the tree was compared with. */
  get compared(): number {
    return this.#compared;
  }

  /** Whether the tree of just this size has the root of the checkpoint. The smaller ones come first. */
  compare(checkpoint: NamedCheckpoint, root: Hash): void {
    this.#compared += 1;
    const fits = root.equals(checkpoint.root);
    if (!fits) this.#misfit ??= checkpoint;
    else if (this.#misfit === null) this.#fits = checkpoint;
    else this.#fitsAgain = checkpoint;
  }

  /** Which entries were changed, as narrowly as the checkpoints tell. null: all fit. */
  problem(): string | null {
    if (this.#misfit === null) return null;
    const twin = this.#fits?.size === this.#misfit.size ? this.#fits : this.#fitsAgain;
    if (twin !== null)
      return `The log fits ${shown(twin)}, and not ${shown(this.#misfit)}, and both are signed: there are two logs under one name.`;
    const [from, to] = [this.#fits?.size ?? 0, this.#misfit.size - 1];
    const since = this.#fits ? `The log fits ${shown(this.#fits)}, and not ` : 'The log does not fit ';
    const among = from >= to ? `Entry ${from} is` : `Among the entries ${from} to ${to} are some that are`;
    return `${among} not as the log had it when it was signed. ${since}${shown(this.#misfit)}.`;
  }
}

function shown({ name, size }: NamedCheckpoint): string {
  return `${name} (size ${size})`;
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
