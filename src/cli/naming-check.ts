import { parseArgs } from 'node:util';
import { readNamingFile } from '../openlineage/naming/naming-file.js';
import { type Command, EXIT, UsageError, withFile } from './calling/command.js';

/** `npx weft naming check`: whether a file of rules for names can be used, and what it makes of a name. */
export const namingCheck: Command = {
  usage: `npx weft naming check FILE [NAMESPACE NAME] [--job]

Reads a file of rules for names, as WEFTLINE_NAMING_RULES names one, and says what is wrong with it. With a namespace
and a name it says what these become, rule by rule.

  --job   the name is that of a job; of a data set where it is not said

Exit code: 0 the file can be used, 1 it cannot, or the name goes round without end, 2 wrong usage.`,

  async run(args) {
    const { file, given, isJob } = calledWith(args);
    const rules = await withFile(file, () => readNamingFile(file));
    if (!given) {
      process.stdout.write(`${file}: ${rules.rules.length} rules, all of them can be used.\n`);
      return EXIT.DONE;
    }
    const steps = rules.steps(isJob ? 'job' : 'dataset', given);
    if (!steps) {
      process.stdout.write(`${shown(given)} is renamed without end, so it stays as it is.\n`);
      return EXIT.PROBLEMS;
    }
    if (steps.length === 0) process.stdout.write(`${shown(given)} stays as it is: no rule changes it.\n`);
    for (const { to, rule } of steps) process.stdout.write(`line ${rule.line}: ${shown(to)}\n`);
    return EXIT.DONE;
  },
};

function calledWith(args: string[]) {
  const { values, positionals } = parsed(args);
  const [file, namespace, name, ...more] = positionals;
  if (file === undefined) throw new UsageError('The file is missing.');
  if (more.length > 0 || (namespace !== undefined && name === undefined))
    throw new UsageError('A name is a namespace and a name, in quotes where they have spaces.');
  const given = namespace === undefined || name === undefined ? null : { namespace, name };
  return { file, given, isJob: values.job === true };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: { job: { type: 'boolean' } }, strict: true, allowPositionals: true });
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) throw new UsageError(error.message);
    throw error;
  }
}

/** As JSON, so that whatever a name holds stays on its line. */
const shown = ({ namespace, name }: { namespace: string; name: string }): string =>
  `${JSON.stringify(namespace)} ${JSON.stringify(name)}`;
