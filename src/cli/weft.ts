import { type Command, EXIT, UsageError } from './calling/command.js';
import { explain, failWhenOutputIsLost } from '../run-main.js';

/** The commands of `npx weft`: what each does in a line, and where it is. Loaded when called, so each starts quickly. */
const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  'audit export': {
    summary: 'fetches the audit log from a server',
    load: async () => (await import('./audit-export.js')).auditExport,
  },
  'audit verify': {
    summary: 'checks an exported audit log, offline',
    load: async () => (await import('./audit-verify.js')).auditVerify,
  },
  'audit keygen': {
    summary: 'makes a key pair that signs the audit log',
    load: async () => (await import('./audit-keygen.js')).auditKeygen,
  },
  'check asset': {
    summary: 'says what stands against an asset of a server',
    load: async () => (await import('./checks/check-asset.js')).checkAsset,
  },
  'check plan': {
    summary: 'says whether a server would do what a file plans',
    load: async () => (await import('./checks/check-plan.js')).checkPlan,
  },
  'export openlineage': {
    summary: 'fetches the lineage of an asset, as events',
    load: async () => (await import('./export-openlineage.js')).exportOpenlineage,
  },
  'import dbt': {
    summary: 'brings in what dbt wrote into its target folder',
    load: async () => (await import('./import-dbt.js')).importDbt,
  },
  'import files': {
    summary: 'brings in CSV, Parquet and JSON files',
    load: async () => (await import('./import-files.js')).importFiles,
  },
  'import mlflow': {
    summary: 'brings in experiments, runs and models of an MLflow server',
    load: async () => (await import('./import-mlflow.js')).importMlflow,
  },
  'import postgres': {
    summary: 'brings in the tables and views of a PostgreSQL database',
    load: async () => (await import('./import-postgres.js')).importPostgres,
  },
  'naming check': {
    summary: 'tries a file of rules for names',
    load: async () => (await import('./naming-check.js')).namingCheck,
  },
  'policy validate': {
    summary: 'says what is wrong with a folder of policies, offline',
    load: async () => (await import('./policies/policy-validate.js')).policyValidate,
  },
  'policy test': {
    summary: 'tries policies by their tests, offline',
    load: async () => (await import('./policies/policy-test.js')).policyTest,
  },
  'policy explain': {
    summary: 'says which policies decide a request, offline',
    load: async () => (await import('./policies/policy-explain.js')).policyExplain,
  },
  'policy diff': {
    summary: 'says what two folders of policies decide otherwise, offline',
    load: async () => (await import('./policies/policy-diff.js')).policyDiff,
  },
  'policy rehearse': {
    summary: 'says what of a server a folder of policies would decide otherwise',
    load: async () => (await import('./policies/policy-rehearse.js')).policyRehearse,
  },
};

const USAGE = `npx weft COMMAND

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(20)} ${summary}`)
  .join('\n')}

npx weft COMMAND --help says how each is called.`;

async function main(args: string[]): Promise<number> {
  const asksHelp = args.includes('--help') || args.includes('-h');
  const called = COMMANDS[args.slice(0, 2).join(' ')];
  if (!called) {
    if (asksHelp) return show(USAGE);
    const words = args.filter((arg) => !arg.startsWith('-')).join(' ');
    return refuse(words === '' ? 'A command is missing.' : `There is no command ${words}.`, USAGE);
  }
  const command = await called.load();
  if (asksHelp) return show(command.usage);
  try {
    return await command.run(args.slice(2));
  } catch (error) {
    if (error instanceof UsageError) return refuse(error.message, command.usage);
    throw error;
  }
}

function show(text: string): number {
  process.stdout.write(`${text}\n`);
  return EXIT.DONE;
}

function refuse(message: string, usage: string): number {
  process.stderr.write(`${message}\n\nUsage: ${usage}\n`);
  return EXIT.USAGE;
}

failWhenOutputIsLost();
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = EXIT.PROBLEMS;
}
