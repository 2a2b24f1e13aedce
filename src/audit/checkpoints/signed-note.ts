/**
 * Signed notes of C2SP (c2sp.org/signed-note), with Ed25519, and their keys as Go's sumdb/note writes them: a text, an
 * empty line, and lines of signatures. The log uses them for its checkpoints, so that other people's tools can open them.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

/** A note, or what it says, is not to be trusted. The message says why. */
export class InvalidCheckpoint extends Error {
  override readonly name = 'InvalidCheckpoint';
}

/** A text is no key. The message never holds the text: it may be a secret. */
export class InvalidKey extends Error {
  override readonly name = 'InvalidKey';
}

/** Who signs: the name of the log, and its secret. */
export interface Signer {
  readonly name: string;
  /** The first four bytes of the hash of name and public key, in hex: tells keys of one name apart. */
  readonly id: string;
  readonly secret: KeyObject;
  /** 32 bytes. */
  readonly publicKey: Buffer;
}

/** Whom a reader trusts. */
export interface Verifier {
  readonly name: string;
  readonly id: string;
  readonly key: KeyObject;
}

const ED25519 = Buffer.of(1);
// What DER puts before the 32 bytes of an Ed25519 key.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const MAX_SIGNATURES = 100;

/** A new key pair. Throws InvalidKey when the name is empty or holds white space or a plus sign. */
export function newSigningKey(name: string): { signer: string; verifier: string } {
  const secret = generateKeyPairSync('ed25519').privateKey;
  const seed = secret.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8.length);
  const id = keyId(name, publicBytes(secret));
  const signer = `PRIVATE+KEY+${name}+${id}+${Buffer.concat([ED25519, seed]).toString('base64')}`;
  return { signer, verifier: verifierOf(readSigner(signer)) };
}

/** Reads `PRIVATE+KEY+<name>+<id>+<base64>`; space around it is no matter. Throws InvalidKey. */
export function readSigner(text: string): Signer {
  const rest = /^PRIVATE\+KEY\+(.*)$/s.exec(text.trim())?.[1];
  if (rest === undefined) throw new InvalidKey('A signing key begins with PRIVATE+KEY+, and this text does not.');
  const { name, id, bytes } = readKey(rest);
  const secret = createPrivateKey({ key: Buffer.concat([PKCS8, bytes]), format: 'der', type: 'pkcs8' });
  const signer = { name, id, secret, publicKey: publicBytes(secret) };
  requireId(signer.id, keyId(name, signer.publicKey));
  return signer;
}

/** Reads `<name>+<id>+<base64>`; space around it is no matter. Throws InvalidKey. */
export function readVerifier(text: string): Verifier {
  if (text.trim().startsWith('PRIVATE+KEY+'))
    throw new InvalidKey(
      'This is the secret signing key. Use the key for checking, which is in the .pub file beside it.',
    );
  const { name, id, bytes } = readKey(text.trim());
  requireId(id, keyId(name, bytes));
  return { name, id, key: createPublicKey({ key: Buffer.concat([SPKI, bytes]), format: 'der', type: 'spki' }) };
}

/** The text of the key that checks what this one signs: no secret, to be handed to auditors. */
export function verifierOf(signer: Signer): string {
  return `${signer.name}+${signer.id}+${Buffer.concat([ED25519, signer.publicKey]).toString('base64')}`;
}

/** The text and its signature. Throws InvalidCheckpoint when the text cannot be a note: it ends with a line feed. */
export function signNote(text: string, signer: Signer): string {
  if (!isNoteText(text)) throw new InvalidCheckpoint('A note is lines of text without control characters.');
  const signature = sign(null, Buffer.from(text), signer.secret);
  const signed = Buffer.concat([Buffer.from(signer.id, 'hex'), signature]).toString('base64');
  return `${text}\n— ${signer.name} ${signed}\n`;
}

/** The text of a note that one of the keys signed. Throws InvalidCheckpoint otherwise, also when a known key's signature is wrong. */
export function openNote(note: string, verifiers: readonly Verifier[]): string {
  const { text, signatures } = splitNote(note);
  let trusted = false;
  for (const { name, bytes } of signatures) {
    const id = bytes.subarray(0, 4).toString('hex');
    const known = verifiers.filter((each) => each.name === name && each.id === id);
    if (known.length === 0) continue;
    const fits = known.some(({ key }) => verify(null, Buffer.from(text), key, bytes.subarray(4)));
    if (!fits)
      throw new InvalidCheckpoint(`The signature of ${name}+${id} does not fit the text: one of them was changed.`);
    trusted = true;
  }
  if (trusted) return text;
  const by = signatures.map(({ name, bytes }) => `${name}+${bytes.subarray(0, 4).toString('hex')}`).join(', ');
  const keys = verifiers.map(({ name, id }) => `${name}+${id}`).join(', ');
  throw new InvalidCheckpoint(`It is signed by ${by}, and not by a key that is trusted here (${keys || 'none'}).`);
}

function splitNote(note: string): { text: string; signatures: { name: string; bytes: Buffer }[] } {
  const end = note.lastIndexOf('\n\n');
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2).split('\n');
  if (end < 0 || lines.pop() !== '' || !isNoteText(note))
    throw notANote('lines of text, an empty line, and signatures');
  if (lines.length === 0 || lines.length > MAX_SIGNATURES) throw notANote(`1 to ${MAX_SIGNATURES} signatures`);
  const signatures = lines.map((line) => {
    const [, name = '', base64 = ''] = /^— ([^\s+]+) (\S+)$/u.exec(line) ?? [];
    const bytes = fromBase64(base64);
    if (bytes === null || bytes.length < 5) throw notANote('"— name base64" as its signature');
    return { name, bytes };
  });
  return { text, signatures };
}

function notANote(wanted: string): InvalidCheckpoint {
  return new InvalidCheckpoint(`It is no signed note: it takes ${wanted}.`);
}

function isNoteText(text: string): boolean {
  const lineFeed = 10;
  const printable = [...text].every((char) => char >= ' ' || char.charCodeAt(0) === lineFeed);
  return printable && text.endsWith('\n') && text.isWellFormed();
}

function readKey(text: string): { name: string; id: string; bytes: Buffer } {
  const [, name = '', id = '', base64 = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? [];
  requireName(name);
  const bytes = fromBase64(base64);
  if (bytes?.length !== 33 || bytes[0] !== ED25519[0])
    throw new InvalidKey('A key is <name>+<id>+<base64> of Ed25519.');
  return { name, id, bytes: bytes.subarray(1) };
}

function keyId(name: string, publicKey: Buffer): string {
  requireName(name);
  return createHash('sha256').update(`${name}\n`).update(ED25519).update(publicKey).digest('hex').slice(0, 8);
}

function requireId(found: string, made: string): void {
  if (found !== made) throw new InvalidKey(`The key does not fit its id ${found}: a part of it was changed or lost.`);
}

function requireName(name: string): void {
  if (/^[^\s+]+$/u.test(name) && name.isWellFormed()) return;
  throw new InvalidKey('A key is <name>+<id>+<base64>, its name without white space and plus signs.');
}

function publicBytes(secret: KeyObject): Buffer {
  return createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
}

/** null: not the one way to write these bytes. */
function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}
