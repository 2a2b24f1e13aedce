import { InvalidKey, newSigningKey } from '../audit/checkpoints/checkpoint.js';
import { discardSync } from '../disk/leftovers.js';
import { createFileSync } from '../disk/whole-file.js';
import { type Command, EXIT, readOptions, required, UsageError, withFile } from './calling/command.js';

/** `npx weft audit keygen`: a key pair for the checkpoints of a log. */
export const auditKeygen: Command = {
  usage: `npx weft audit keygen --name NAME --out FILE

Makes a key pair that signs checkpoints of the audit log. FILE is the secret key, which only you can
read; FILE.pub checks what it signs, and is for auditors.

  --name NAME   name of the log, such as weftline.example.org/audit: no white space, no plus sign
  --out FILE    where to write it; a file that is there already is not overwritten

Exit code: 0 the pair was made, 1 it could not be, 2 wrong usage.`,

  async run(args) {
    const options = readOptions(args, { name: { type: 'string' }, out: { type: 'string' } });
    const file = required(options.out, '--out');
    const { signer, verifier } = makeKey(required(options.name, '--name'));
    await create(file, `${signer}\n`, 0o600);
    try {
      await create(`${file}.pub`, `${verifier}\n`, 0o644);
    } catch (error) {
      // A key without its other half is of no use, and would be in the way of the next try.
      discardSync(file);
      throw error;
    }
    process.stdout.write(`${file} signs: keep it secret. ${file}.pub checks: hand it to auditors.\n${verifier}\n`);
    return EXIT.DONE;
  },
};

/** Whole or not at all, and never over another. */
async function create(file: string, text: string, mode: number): Promise<void> {
  if (!(await withFile(file, () => createFileSync(file, text, { mode })))) {
    throw new UsageError(`${file}: this file is there already, and is not overwritten.`);
  }
}

function makeKey(name: string): ReturnType<typeof newSigningKey> {
  try {
    return newSigningKey(name);
  } catch (error) {
    if (error instanceof InvalidKey)
      throw new UsageError(`--name ${name}: a name has no white space and no plus sign.`);
    throw error;
  }
}
