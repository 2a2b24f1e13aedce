import { describe, expect, it } from 'vitest';
import {
  InvalidCheckpoint,
  InvalidKey,
  newSigningKey,
  openCheckpoint,
  readSigner,
  readVerifier,
  signCheckpoint,
  verifierOf,
} from '../../../src/audit/checkpoints/checkpoint.js';
import { leafHash } from '../../../src/audit/sealing/merkle.js';
import { openNote, signNote } from '../../../src/audit/checkpoints/signed-note.js';

// The keys and the note that the tests of Go's golang.org/x/mod/sumdb/note have.
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PETER_SIGNS = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const ENOCH = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER_SIGNATURE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const ENOCH_SIGNATURE =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';

/** The text with the character at `at` replaced by the next one. */
const mangled = (text: string, at: number): string =>
  `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) + 1)}${text.slice(at + 1)}`;

describe('a signed note', () => {
  it('is the one that Go writes, to the byte', () => {
    expect(signNote(TEXT, readSigner(PETER_SIGNS))).toBe(`${TEXT}\n${PETER_SIGNATURE}`);
    expect(verifierOf(readSigner(PETER_SIGNS))).toBe(PETER);
  });

  it('opens with one of its signers, whoever else signed', () => {
    const note = `${TEXT}\n${PETER_SIGNATURE}${ENOCH_SIGNATURE}`;
    expect(openNote(note, [readVerifier(PETER)])).toBe(TEXT);
    expect(openNote(note, [readVerifier(ENOCH)])).toBe(TEXT);
    expect(openNote(note, [readVerifier(ENOCH), readVerifier(PETER)])).toBe(TEXT);
  });

  it('does not open without a trusted signer, and says who signed', () => {
    const note = `${TEXT}\n${PETER_SIGNATURE}`;
    expect(() => openNote(note, [readVerifier(ENOCH)])).toThrow(
      'It is signed by PeterNeumann+c74f20a3, and not by a key that is trusted here (EnochRoot+af0cfe78).',
    );
    expect(() => openNote(note, [])).toThrow('trusted here (none)');
  });

  it('does not open when a trusted signature is wrong, even beside a right one', () => {
    const wrong = ENOCH_SIGNATURE.replace('zmZa0S', 'zmZa1S');
    const keys = [readVerifier(PETER), readVerifier(ENOCH)];
    expect(() => openNote(`${TEXT}\n${PETER_SIGNATURE}${wrong}`, keys)).toThrow('The signature of EnochRoot+af0cfe78');
  });

  it('does not open with any character of it changed or cut off', () => {
    const note = `${TEXT}\n${PETER_SIGNATURE}`;
    for (let at = 0; at < note.length; at += 1) {
      expect(() => openNote(mangled(note, at), [readVerifier(PETER)])).toThrow(InvalidCheckpoint);
      expect(() => openNote(note.slice(0, at), [readVerifier(PETER)])).toThrow(InvalidCheckpoint);
    }
  });

  it.each([
    ['no signatures', `${TEXT}\n`],
    ['no empty line', `${TEXT}${PETER_SIGNATURE}`],
    ['a control character', `\u0001${TEXT}\n${PETER_SIGNATURE}`],
    ['another line at the end', `${TEXT}\n${PETER_SIGNATURE}Unexpected.\n`],
    ['a name with a space', `${TEXT}\n${PETER_SIGNATURE.replace('PeterN', 'Peter N')}`],
    ['101 signatures', `${TEXT}\n${PETER_SIGNATURE.repeat(101)}`],
  ])('is refused with %s', (_what, note) => {
    expect(() => openNote(note, [readVerifier(PETER)])).toThrow('It is no signed note');
  });
});

describe('a key', () => {
  it('is refused with any character changed, or any part missing', () => {
    for (const [text, read] of [
      [PETER, readVerifier],
      [PETER_SIGNS, readSigner],
    ] as const) {
      for (let at = 0; at < text.length; at += 1) {
        expect(() => read(mangled(text, at))).toThrow(InvalidKey);
        expect(() => read(text.slice(0, at))).toThrow(InvalidKey);
        expect(() => read(text.slice(at + 1))).toThrow(InvalidKey);
      }
    }
  });

  it('is refused when it is longer, or of another kind, though its id fits', () => {
    const long = 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==';
    const other = 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    for (const key of [long, other])
      expect(() => readVerifier(key)).toThrow('A key is <name>+<id>+<base64> of Ed25519.');
  });

  it('is told apart from the secret one, which no message shows', () => {
    expect(() => readVerifier(PETER_SIGNS)).toThrow('This is the secret signing key.');
    expect(() => readSigner(PETER)).toThrow('A signing key begins with PRIVATE+KEY+');
    expect(() => readSigner(`${PETER_SIGNS}AAAA`)).toThrow(/^(?!.*AYEKFALV)/s);
    expect(() => readSigner(PETER_SIGNS.replace('c74f', 'c74e'))).toThrow(/^(?!.*AYEKFALV)/s);
  });

  it('can be made new for a name, and for no name with a space or a plus sign', () => {
    const { signer, verifier } = newSigningKey('weftline.example/log');
    expect(verifierOf(readSigner(` ${signer}\n`))).toBe(verifier);
    expect(readVerifier(`${verifier}\n`).name).toBe('weftline.example/log');
    for (const name of ['', 'a b', 'a+b', 'a\nb']) expect(() => newSigningKey(name)).toThrow(InvalidKey);
  });
});

describe('a checkpoint', () => {
  const keys = newSigningKey('weftline.example/log');
  const [signer, verifier] = [readSigner(keys.signer), readVerifier(keys.verifier)];
  const checkpoint = { origin: 'weftline.example/log', size: 20852163, root: leafHash(Buffer.from('root')) };

  it('says after signing what it said before', () => {
    const note = signCheckpoint(checkpoint, signer);
    expect(note.split('\n').slice(0, 4)).toEqual([
      checkpoint.origin,
      '20852163',
      checkpoint.root.toString('base64'),
      '',
    ]);
    expect(openCheckpoint(note, [verifier])).toEqual(checkpoint);
    expect(openCheckpoint(signCheckpoint({ ...checkpoint, size: 0 }, signer), [verifier]).size).toBe(0);
  });

  it('opens with the old key among the trusted ones after a rotation', () => {
    const newer = readVerifier(newSigningKey('weftline.example/log').verifier);
    expect(openCheckpoint(signCheckpoint(checkpoint, signer), [newer, verifier])).toEqual(checkpoint);
    expect(() => openCheckpoint(signCheckpoint(checkpoint, signer), [newer])).toThrow('not by a key that is trusted');
  });

  it.each([
    ['size', '20852163', '20852164'],
    ['origin', 'weftline.example/log\n', 'weftline.example/lag\n'],
    ['root', checkpoint.root.toString('base64'), leafHash(Buffer.from('other')).toString('base64')],
  ])('does not open when its %s was changed', (_what, from, to) => {
    const note = signCheckpoint(checkpoint, signer).replace(from, to);
    expect(() => openCheckpoint(note, [verifier])).toThrow('does not fit the text: one of them was changed.');
  });

  it('may have lines of extensions, as others write them', () => {
    const note = signNote(`${checkpoint.origin}\n1\n${checkpoint.root.toString('base64')}\nextension\n`, signer);
    expect(openCheckpoint(note, [verifier])).toEqual({ ...checkpoint, size: 1 });
  });

  it.each([
    ['a size with a zero in front', 'log\n01\nROOT\n', 'The size of the log is a whole number, and not "01".'],
    ['a size beyond all', 'log\n9007199254740993\nROOT\n', 'The size of the log is a whole number'],
    ['a short root', 'log\n1\nAAAA\n', 'The root of the log is 32 bytes in base64.'],
    ['no origin', '\n1\nROOT\n', 'A checkpoint begins with the origin of the log.'],
    ['too few lines', 'log\n1\n', 'The root of the log is 32 bytes in base64.'],
    ['an empty line', 'log\n1\nROOT\n\nmore\n', 'A checkpoint has no empty lines.'],
  ])('is refused with %s, though the signature is right', (_what, text, message) => {
    const note = signNote(text.replace('ROOT', checkpoint.root.toString('base64')), signer);
    expect(() => openCheckpoint(note, [verifier])).toThrow(message);
  });

  it('is not signed for an origin of two lines, or a root that is none', () => {
    expect(() => signCheckpoint({ ...checkpoint, origin: 'log\n5' }, signer)).toThrow(InvalidCheckpoint);
    expect(() => signCheckpoint({ ...checkpoint, root: Buffer.alloc(31) }, signer)).toThrow(InvalidCheckpoint);
    expect(() => signCheckpoint({ ...checkpoint, size: 1.5 }, signer)).toThrow(InvalidCheckpoint);
  });
});
