import { z } from 'zod';
import { decide } from './decide.js';
import { OUTCOMES, type PolicyFault, POLICY_VERDICTS, type PolicyRequest, type Verdict } from './engine.js';
import { faultAt, PolicyFaults } from './policy-faults.js';
import type { PolicySet } from './policy-set.js';
import { factFaults, type ReadFile, readShaped, requestParts, UNNAMED } from './request-file.js';

/** A test of policies: a request, and what is to come of it. */
export interface PolicyTest {
  file: string;
  line: number;
  name: string;
  request: PolicyRequest;
  expected: z.output<typeof expectation>;
}

/** What came of a test; no failures: what was expected. */
export interface PolicyTestResult {
  test: PolicyTest;
  verdict: Verdict;
  failures: string[];
}

const MOST_TESTS = 2_000;
const BASE = /^[A-Za-z0-9][\w.-]{0,100}\.request\.yaml$/;

const expectation = z.strictObject({
  outcome: z.enum(OUTCOMES),
  /** Policies that are to say just this; others may say what they like. */
  policies: z.record(z.string().max(100), z.enum(POLICY_VERDICTS)).default({}),
});
const { action, principal, resource, facts, unknown } = requestParts;
const request = z.strictObject({ action: action.optional(), principal, resource, facts, unknown });
const testFile = z.strictObject({
  base: z.string().regex(BASE, 'is to be the name of a file beside this one, as allowed.request.yaml').optional(),
  tests: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(500),
        ...{ action: action.optional(), principal, resource, facts, unknown, expect: expectation },
      }),
    )
    .max(MOST_TESTS),
});

/** Requests that tests begin from end so; every other file is one of tests. */
const isBase = (file: string): boolean => file.endsWith('.request.yaml');

/** All tests of a folder. Throws PolicyFaults: each with its file, line and column. */
export function readPolicyTests(files: Readonly<Record<string, string>>, set: PolicySet): PolicyTest[] {
  const faults: PolicyFault[] = [];
  const tests = Object.keys(files)
    .filter((file) => !isBase(file))
    .sort()
    .flatMap((file) => {
      try {
        return testsOf(file, files, set);
      } catch (error) {
        if (!(error instanceof PolicyFaults)) throw error;
        faults.push(...error.faults);
        return [];
      }
    });
  if (faults.length > 0) throw new PolicyFaults(faults);
  return tests;
}

/** Decides a request, and compares. */
export function runPolicyTest(set: PolicySet, test: PolicyTest): PolicyTestResult {
  const verdict = decide(set, test.request);
  const { outcome, policies } = test.expected;
  const said = new Map<string, string>(verdict.policies.map(({ id, verdict: each }) => [id, each]));
  const failures = Object.entries(policies)
    .filter(([id, expected]) => said.get(id) !== expected)
    .map(
      ([id, expected]) =>
        `${id} is to say ${expected} and ${said.has(id) ? `says ${said.get(id)}` : 'says nothing: it is not about this, or not there'}.`,
    );
  if (verdict.outcome !== outcome)
    failures.unshift(`The outcome is to be ${outcome} and is ${verdict.outcome}. ${verdict.reasons.join(' ')}`.trim());
  return { test, verdict, failures };
}

function testsOf(file: string, files: Readonly<Record<string, string>>, set: PolicySet): PolicyTest[] {
  const { value, lineOf } = readShaped(file, files[file] ?? '', testFile);
  const base = value.base === undefined ? null : baseOf(file, value.base, files, lineOf);
  const faults: PolicyFault[] = [];
  const tests = value.tests.map((each, index): PolicyTest => {
    const asked = each.action ?? base?.action;
    const place = lineOf(['tests', index]);
    if (asked === undefined)
      throw new PolicyFaults([faultAt(file, place, `the test ${JSON.stringify(each.name)} has no action.`)]);
    const known = { ...merged(base?.facts ?? {}, each.facts), unknown: [...(base?.unknown ?? []), ...each.unknown] };
    const within = (path: readonly PropertyKey[]) => lineOf(['tests', index, ...path]);
    faults.push(...factFaults(file, set.factsOf(asked), known, within));
    return {
      ...{ file, line: place.line, name: each.name, expected: each.expect },
      request: {
        ...{ action: asked, principal: each.principal ?? base?.principal ?? UNNAMED.principal },
        ...{ resource: each.resource ?? base?.resource ?? UNNAMED.resource, facts: known },
      },
    };
  });
  if (faults.length > 0) throw new PolicyFaults(faults);
  return tests;
}

function baseOf(
  file: string,
  name: string,
  files: Readonly<Record<string, string>>,
  lineOf: ReadFile<unknown>['lineOf'],
) {
  const path = `${file.slice(0, file.lastIndexOf('/') + 1)}${name}`;
  const text = files[path];
  if (text === undefined) throw new PolicyFaults([faultAt(file, lineOf(['base']), `there is no file ${path}.`)]);
  return readShaped(path, text, request).value;
}

type Given = Readonly<Record<string, unknown>>;

/** The facts of a test over those it begins from: records go into one another, everything else is replaced. */
function merged(base: Given, over: Given): Given {
  const entries = Object.entries(over).map(([name, value]): [string, unknown] => {
    const under = Object.hasOwn(base, name) ? base[name] : undefined;
    return [name, isRecord(under) && isRecord(value) ? merged(under, value) : value];
  });
  return { ...base, ...Object.fromEntries(entries) };
}

const isRecord = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
