import { createHash } from 'node:crypto';
import type { AuthorizationAnswer, SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import { canonicalJson } from '../../audit/record/canonical-json.js';
import { askCedar } from './cedar.js';
import { type EngineCall, EngineSlot } from './engine-slot.js';
import { type Policy, type PolicyFault, SCHEMA_FILE } from './engine.js';
import { type FactKinds, factsSchema, kindsOf, withOptionalFacts } from './facts-schema.js';
import { MOST_BRACKETS, readPolicyFile } from './policy-file.js';
import { faultAt, MOST_FAULTS, PolicyFaults, faultsOf } from './policy-faults.js';
import { deepest, placeAt } from './source.js';
import { atOnce, inTurns } from '../../turn.js';

/** What a set is made of. */
export interface PolicyTexts {
  /** By the names of their files, which end in .cedar. */
  policies: Readonly<Record<string, string>>;
  /** null: that of Weftline. */
  schema: string | null;
}

const MOST_FILES = 200;
const MOST_CHARACTERS = 524_288;
/** All of them are asked whenever something is decided. */
const MOST_POLICIES = 500;
const MOST_CHARACTERS_OF_SCHEMA = 32_768;

/** Policies that may be decided by: each is right by its schema, has an id and a reason, and reads facts alone. */
export class PolicySet {
  private readonly slot: EngineSlot;
  private readonly kinds = new Map<string, FactKinds>();

  private constructor(
    readonly policies: readonly Policy[],
    /** SHA-256 over the files and the schema, as canonical JSON. */
    readonly digest: string,
    private readonly schema: SchemaJson<string>,
  ) {
    this.slot = new EngineSlot(digest, withOptionalFacts(schema), policies);
  }

  /** Throws PolicyFaults with all that is wrong: files, lines, columns. A set without a policy is none of that: it denies all. */
  static load(texts: PolicyTexts): PolicySet {
    return atOnce(PolicySet.read(texts));
  }

  /** The same, with the turns of others in between: where requests wait. */
  static loadInTurns(texts: PolicyTexts): Promise<PolicySet> {
    return inTurns(PolicySet.read(texts));
  }

  private static *read({ policies: texts, schema: given }: PolicyTexts): Generator<undefined, PolicySet, undefined> {
    const faults = boundFaults(texts);
    if (faults.length > 0) throw new PolicyFaults(faults);
    const text = given ?? factsSchema();
    const schema = readSchema(text);
    yield;
    const policies: Policy[] = [];
    for (const file of Object.keys(texts).sort()) {
      const read = yield* readPolicyFile(file, texts[file] ?? '', schema);
      policies.push(...read.policies);
      faults.push(...read.faults);
      if (policies.length > MOST_POLICIES) faults.push(tooMany(file));
      if (faults.length >= MOST_FAULTS || policies.length > MOST_POLICIES) break;
    }
    const all = [...faults, ...twiceNamed(policies)];
    if (all.length > 0) throw new PolicyFaults(all.slice(0, MOST_FAULTS));
    return new PolicySet(policies, digestOf(texts, text), schema);
  }

  /** The facts that its schema declares for an action. */
  factsOf(action: string): FactKinds {
    let kinds = this.kinds.get(action);
    if (!kinds) this.kinds.set(action, (kinds = kindsOf(this.schema, action)));
    return kinds;
  }

  /** Lets the engine read it now, and not with the first request. Throws CedarBroke. */
  readAhead(): void {
    this.slot.readAhead();
  }

  /** What the engine says. Throws CedarBroke. */
  authorize(which: 'all' | 'permits', call: EngineCall): AuthorizationAnswer {
    return this.slot.authorize(which, call);
  }
}

const tooMany = (file: string): PolicyFault =>
  faultAt(file, null, `with this file there are more than ${MOST_POLICIES} policies; so many are allowed.`);

function readSchema(text: string): SchemaJson<string> {
  const fault = boundSchema(text);
  if (fault !== null) throw new PolicyFaults([fault]);
  const answer = (() => {
    try {
      return askCedar((cedar) => cedar.schemaToJsonWithResolvedTypes(text));
    } catch {
      throw new PolicyFaults([
        faultAt(SCHEMA_FILE, null, 'the policy engine breaks at this schema: it nests too deep.'),
      ]);
    }
  })();
  if (answer.type === 'failure') throw new PolicyFaults(faultsOf(SCHEMA_FILE, text, answer.errors));
  return answer.json;
}

function boundSchema(text: string): PolicyFault | null {
  const said = (what: string, at: number | null = null): PolicyFault =>
    faultAt(SCHEMA_FILE, at === null ? null : placeAt(text, at), what);
  if (text.length > MOST_CHARACTERS_OF_SCHEMA)
    return said(`the schema has ${text.length} characters; ${MOST_CHARACTERS_OF_SCHEMA} are allowed.`);
  const { depth, at } = deepest(text);
  return depth > MOST_BRACKETS ? said(`brackets are ${depth} deep; ${MOST_BRACKETS} are allowed.`, at) : null;
}

/** Over files and schema: the same policies under other file names are another set, as their faults would be. */
function digestOf(policies: Readonly<Record<string, string>>, schema: string): string {
  return createHash('sha256').update(canonicalJson({ policies, schema })).digest('hex');
}

function boundFaults(texts: Readonly<Record<string, string>>): PolicyFault[] {
  const files = Object.entries(texts);
  const strange = files.find(([file]) => !/^[A-Za-z0-9][\w.-]{0,190}\.cedar$/.test(file));
  if (strange)
    return [
      faultAt(
        strange[0].slice(0, 200),
        null,
        'a file of policies is called as residency.cedar: letters, digits, - and _.',
      ),
    ];
  if (files.length > MOST_FILES)
    return [faultAt('.', null, `there are ${files.length} files; ${MOST_FILES} are allowed.`)];
  const characters = files.reduce((sum, [, text]) => sum + text.length, 0);
  if (characters > MOST_CHARACTERS)
    return [faultAt('.', null, `the policies have ${characters} characters; ${MOST_CHARACTERS} are allowed.`)];
  const broken = files.find(([, text]) => !text.isWellFormed());
  return broken ? [faultAt(broken[0], null, 'is not valid Unicode.')] : [];
}

/** Each id tells one policy. */
function twiceNamed(policies: readonly Policy[]): PolicyFault[] {
  const seen = new Map<string, Policy>();
  return policies.flatMap((policy) => {
    const first = seen.get(policy.id);
    seen.set(policy.id, first ?? policy);
    if (!first || policy.id === '') return [];
    return [
      faultAt(
        policy.file,
        { line: policy.line, column: 1 },
        `the id ${policy.id} is taken by ${first.file}:${first.line}.`,
      ),
    ];
  });
}
