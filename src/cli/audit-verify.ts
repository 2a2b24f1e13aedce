import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidKey, readVerifier, type Verifier } from '../audit/checkpoints/checkpoint.js';
import { readExport } from '../audit/verification/log-export.js';
import { type Verdict, verifyExport } from '../audit/verification/log-verify.js';
import type { NamedNote } from '../audit/checkpoints/trusted-checkpoints.js';
import { isThere } from '../disk/presence.js';
import { type Command, EXIT, readOptions, required, UsageError, withFile } from './calling/command.js';

/** `npx weft audit verify`: checks an exported audit log, without the server and without a network. */
export const auditVerify: Command = {
  usage: `npx weft audit verify --export FILE --key KEY [--key KEY]… [--checkpoint FILE_OR_FOLDER]…

Checks an exported audit log, offline, and names what was changed. See docs/audit-log.md.

  --export FILE                the exported log
  --key KEY                    the key that checks checkpoints: a file, or the key itself; give the old
                               ones too after a rotation
  --checkpoint FILE_OR_FOLDER  checkpoints collected before, of a folder its files checkpoint-*; only they
                               show that the end of the log was cut off

Exit code: 0 the log is intact, 1 problems were found or it could not be read, 2 wrong usage.`,

  async run(args) {
    const options = readOptions(args, {
      export: { type: 'string' },
      key: { type: 'string', multiple: true },
      checkpoint: { type: 'string', multiple: true },
    });
    const file = required(options.export, '--export');
    const keys = options.key ?? [];
    if (keys.length === 0) throw new UsageError('--key is missing: without a key, no checkpoint can be trusted.');
    const verifiers = (await Promise.all(keys.map(readKeys))).flat();
    const checkpoints = (await Promise.all((options.checkpoint ?? []).map(readNotes))).flat();
    const verdict = await withFile(file, () =>
      verifyExport(readExport(createReadStream(file, { highWaterMark: 2 ** 20 })), { verifiers, checkpoints }),
    );
    process.stdout.write(verdict.problemCount === 0 ? shownIntact(verdict) : shownProblems(verdict));
    return verdict.problemCount === 0 ? EXIT.DONE : EXIT.PROBLEMS;
  },
};

/** The keys in a file, one a line, or the one that was given itself. */
async function readKeys(key: string): Promise<Verifier[]> {
  const isFile = isThere(key);
  const text = isFile ? await withFile(key, () => readFileSync(key, 'utf8')) : key;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  try {
    if (lines.length === 0) throw new InvalidKey('There is no key in it.');
    return lines.map(readVerifier);
  } catch (error) {
    if (!(error instanceof InvalidKey)) throw error;
    const what = isFile ? `the file ${key}` : 'it is neither a file nor a key';
    throw new UsageError(`--key: ${what}: ${error.message}`);
  }
}

async function readNotes(path: string): Promise<NamedNote[]> {
  return withFile(path, () => {
    const isFolder = statSync(path).isDirectory();
    const names = isFolder ? readdirSync(path).filter((name) => /^checkpoint-[^.]+$/.test(name)) : [];
    const files = isFolder ? names.sort().map((name) => join(path, name)) : [path];
    if (files.length === 0) throw new UsageError(`--checkpoint: the folder ${path} has no files checkpoint-*.`);
    return files.map((file) => ({ name: `the checkpoint ${file}`, note: readFileSync(file, 'utf8') }));
  });
}

function shownIntact(verdict: Verdict): string {
  const { origin, entries, root, from, until, bodiesGone, valuesErased, compared } = verdict;
  return `The audit log ${origin ?? ''} is intact.
  entries               ${entries}
  root                  ${root}
  first entry           ${from ?? 'none'}
  last entry            ${until ?? 'none'}
  bodies past retention ${bodiesGone}
  values erased         ${valuesErased}
  checkpoints compared  ${compared}
`;
}

function shownProblems({ problems, problemCount }: Verdict): string {
  const more = problemCount - problems.length;
  const lines = more > 0 ? [...problems, `… and ${more} more.`] : problems;
  return `${lines.join('\n')}\n`;
}
