import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { type PolicyFolder, readPolicyFolder } from '../../governance/policies/policy-folder.js';
import { PolicyFaults } from '../../governance/policies/policy-faults.js';
import { PolicySet } from '../../governance/policies/policy-set.js';
import { EXIT, UsageError, withFile } from '../calling/command.js';
import { type Output, outputOf, written } from '../reports/report.js';
import type { Report, ReportResult } from '../reports/result.js';

/** What the commands about policies exit with beside EXIT: a policy, or a test of one, says no. */
export const POLICY_FAIL = 3;

export const POLICY_EXITS = `--output table|json|junit|sarif   how it is told; a table where it is not said

Exit code: 0 all is well, 1 it could not be done, 2 wrong usage, 3 a policy says no.`;

/** What a command about policies was called with. */
export interface PolicyCall {
  paths: string[];
  output: Output;
}

/** The options, and exactly as many arguments as are named. Throws UsageError. */
export function policyCall(args: string[], names: readonly string[]): PolicyCall {
  const { values, positionals } = parsed(args);
  const missing = names[positionals.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing.`);
  const another = positionals[names.length];
  if (another !== undefined) throw new UsageError(`${another} is one argument too many.`);
  return { paths: positionals, output: outputOf(values.output) };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: { output: { type: 'string' } }, strict: true, allowPositionals: true });
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) throw new UsageError(error.message);
    throw error;
  }
}

/** A folder and the set it holds; what is wrong with it is thrown as PolicyFaults, with the folder before each file. */
export async function policyFolder(folder: string): Promise<{ texts: PolicyFolder; set: PolicySet }> {
  const texts = await withFile(folder, () => readPolicyFolder(folder));
  return within(folder, () => ({ texts, set: PolicySet.load(texts) }));
}

/** What is done with the files of a folder: its faults are told by the paths they have from here. */
export function within<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PolicyFaults)) throw error;
    throw new PolicyFaults(error.faults.map((fault) => ({ ...fault, file: join(folder, fault.file) })));
  }
}

/**
 * Does the work and tells its report. What is wrong with policies, tests or requests is told as a report as well, with
 * every place, and answered with `onFaults`.
 */
export async function reported(
  { command, output, onFaults }: { command: string; output: Output; onFaults: number },
  work: () => Promise<{ report: Report; exit: number }>,
): Promise<number> {
  try {
    const { report, exit } = await work();
    process.stdout.write(written(report, output));
    return exit;
  } catch (error) {
    if (!(error instanceof PolicyFaults)) throw error;
    process.stdout.write(written(reportOfFaults(command, error), output));
    return onFaults;
  }
}

function reportOfFaults(command: string, { faults }: PolicyFaults): Report {
  const results = faults.map(({ file, line, column, message }): ReportResult => ({
    ...{ rule: 'policy-fault', name: 'fault', status: 'fail', message, place: { file, line, column } },
  }));
  const summary = [
    `${faults.length === 1 ? '1 fault' : `${faults.length} faults`}: nothing can be decided by these policies.`,
  ];
  return { command, results, summary, rules: new Map([['policy-fault', FAULT]]), json: { command, faults } };
}

const FAULT = 'A policy, its schema, a test or a request is not right.';

export const EMPTY = 'There is no policy in this folder: everything is denied.';

/** All is well, or a policy says no. */
export const exitOf = (isWell: boolean): number => (isWell ? EXIT.DONE : POLICY_FAIL);
