/** What the log promises at a time, signed: that it has this many entries, and this root over them (c2sp.org/tlog-checkpoint). */
import type { Hash } from '../sealing/merkle.js';
import { InvalidCheckpoint, openNote, signNote, type Signer, type Verifier } from './signed-note.js';

export {
  InvalidCheckpoint,
  InvalidKey,
  newSigningKey,
  readSigner,
  readVerifier,
  type Signer,
  type Verifier,
  verifierOf,
} from './signed-note.js';

export interface Checkpoint {
  /** Which log it is about: one line, unique among logs. */
  origin: string;
  /** Number of entries. */
  size: number;
  /** Root of the tree over them. */
  root: Hash;
}

/** The checkpoint as a signed note. Throws InvalidCheckpoint for an origin that is not one line, and for no size or root. */
export function signCheckpoint(checkpoint: Checkpoint, signer: Signer): string {
  const text = `${checkpoint.origin}\n${checkpoint.size}\n${checkpoint.root.toString('base64')}\n`;
  const read = readText(text);
  if (read.origin !== checkpoint.origin) throw new InvalidCheckpoint('The origin of a checkpoint is one line.');
  return signNote(text, signer);
}

/** What the note says, when one of the keys signed it. Throws InvalidCheckpoint with the reason otherwise. */
export function openCheckpoint(note: string, verifiers: readonly Verifier[]): Checkpoint {
  return readText(openNote(note, verifiers));
}

/** Lines after the third are for other people's extensions; the log writes none. */
function readText(text: string): Checkpoint {
  const [origin = '', size = '', root = '', ...rest] = text.split('\n');
  if (origin === '') throw new InvalidCheckpoint('A checkpoint begins with the origin of the log.');
  if (!/^(0|[1-9][0-9]*)$/.test(size) || !Number.isSafeInteger(Number(size)))
    throw new InvalidCheckpoint(`The size of the log is a whole number, and not ${JSON.stringify(size)}.`);
  const hash = Buffer.from(root, 'base64');
  if (hash.length !== 32 || hash.toString('base64') !== root)
    throw new InvalidCheckpoint('The root of the log is 32 bytes in base64.');
  if (rest.pop() !== '' || rest.includes('')) throw new InvalidCheckpoint('A checkpoint has no empty lines.');
  return { origin, size: Number(size), root: hash };
}
