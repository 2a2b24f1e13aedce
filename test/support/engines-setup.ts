import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the tests start of each engine, a program that is there when it is, and what installs it. */
const ENGINES = [
  { name: 'Slurm', program: 'slurmctld', flag: '-V', install: 'sudo .ci/install-slurm' },
  { name: 'munge, which Slurm needs', program: 'munged', flag: '--version', install: 'sudo .ci/install-slurm' },
  { name: 'Python with venv, for Ray', program: 'python3', flag: '-V', install: '.ci/install-ray' },
];

/** An engine that is missing ends the run before its first test, and says what to do. Ray itself is fetched by its tests. */
export default async function checkEngines(): Promise<void> {
  const found = await Promise.allSettled(ENGINES.map(({ program, flag }) => run(program, [flag])));
  const missing = ENGINES.filter((_, index) => found[index]?.status === 'rejected');
  if (missing.length === 0) return;
  const lines = missing.map(
    ({ name, program, install }) => `  ${name}: \`${program}\` does not run. Install it: ${install}`,
  );
  throw new Error(`The tests on real engines need what this machine lacks.\n${lines.join('\n')}`);
}
