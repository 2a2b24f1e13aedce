/** The file of rules for names (docs/openlineage.md): YAML, or JSON, which is YAML as well. */
import { z } from 'zod';
import { type ReadYaml, readYaml, readYamlFile, told, type YamlFault } from '../../disk/yaml-text.js';
import { SetupError } from '../../neo4j/setup-error.js';
import { invisibleIn } from '../../spelling.js';
import { namePattern, type NamePattern } from './name-pattern.js';
import { type Named, type NamingRule, NamingRules } from './naming-rules.js';

const MOST_BYTES = 1_048_576;
const MOST_RULES = 1_000;
const MOST_CHARACTERS = 1_000;

const pattern = z
  .string()
  .max(MOST_CHARACTERS)
  .transform((written, context): NamePattern => {
    const invisible = written.isWellFormed() ? invisibleIn(written) : 'is not valid Unicode';
    const made = invisible ?? namePattern(written);
    if (typeof made !== 'string') return made;
    context.issues.push({ code: 'custom', message: made, input: written });
    return z.NEVER;
  });

const rule = z
  .strictObject({
    namespace: pattern,
    name: pattern.optional(),
    of: z
      .array(z.enum(['datasets', 'jobs']))
      .min(1)
      .default(['datasets']),
    to: z.strictObject({ namespace: pattern, name: pattern.optional() }),
  })
  .superRefine(({ namespace, name, to }, context) => {
    const known = [...namesIn(namespace), ...namesIn(name)];
    const twice = known.find((each, index) => known.indexOf(each) !== index);
    if (twice !== undefined) context.addIssue({ code: 'custom', message: `has the placeholder {${twice}} twice` });
    for (const [at, made] of Object.entries(to)) {
      const unknown = namesIn(made).find((each) => !known.includes(each));
      if (unknown === undefined) continue;
      const message = `names {${unknown}}, which stands neither in \`namespace\` nor in \`name\` of the rule`;
      context.addIssue({ code: 'custom', message, path: ['to', at] });
    }
  });

const file = z.strictObject({ rules: z.array(rule).max(MOST_RULES) });

const namesIn = (made: NamePattern | undefined): string[] => made?.placeholders.map(({ name }) => name) ?? [];

/** The rules of the file. Throws SetupError with all that is wrong with it, each with its line. */
export const readNamingFile = (path: string): NamingRules => rulesIn(readYamlFile(path, MOST_BYTES), path);

/** The rules that the text holds. Throws SetupError; `path`: how it is called. */
export const namingRules = (text: string, path: string): NamingRules => rulesIn(readYaml(text), path);

function rulesIn(read: ReadYaml | { faults: YamlFault[] }, path: string): NamingRules {
  if ('faults' in read) return refuse(path, read.faults.map(told));
  const lineAt = (place: readonly PropertyKey[]): number => read.placeOf(place).line;
  const { data, error } = file.safeParse(read.value);
  if (error)
    return refuse(
      path,
      error.issues.map(({ path: place, message }) => `line ${lineAt(place)}: ${said(place)} ${message}`),
    );
  const rules = data.rules.map(({ of, name, namespace, to }, index): NamingRule => ({
    line: lineAt(['rules', index]),
    of: new Set(of.map((each): Named => (each === 'jobs' ? 'job' : 'dataset'))),
    ...{ namespace, name: name ?? null, to: { namespace: to.namespace, name: to.name ?? null } },
  }));
  const all = new NamingRules(rules);
  const endless = rules.flatMap((each) => (endsFor(all, each) ? [] : [`line ${each.line}: ${ENDLESS}`]));
  if (endless.length > 0) refuse(path, endless);
  return all;
}

const ENDLESS =
  'what this rule says is renamed again and again, by itself or by others. Let a rule before it say what shall stay, or name the namespace more closely';

/** Tried with names that the rule fits. */
function endsFor(rules: NamingRules, { of, namespace, name }: NamingRule): boolean {
  const sampled = ({ texts }: NamePattern): string => texts.join('x');
  const sample = { namespace: sampled(namespace), name: name ? sampled(name) : 'x' };
  return [...of].every((each) => rules.steps(each, sample) !== null);
}

function said(place: readonly PropertyKey[]): string {
  const name = place.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text === '' ? '' : `${text}.`}${String(step)}`),
    '',
  );
  return name === '' ? 'The file' : name;
}

const MOST_TOLD = 20;

function refuse(path: string, faults: readonly string[]): never {
  const rest = faults.length - MOST_TOLD;
  const some = [...faults.slice(0, MOST_TOLD), ...(rest > 0 ? [`and ${rest} more`] : [])];
  throw new SetupError(
    `The naming rules in ${path} cannot be used:\n${some.map((each) => `  ${each}`).join('\n')}\nMend the file; "npx weft naming check ${path}" tries it.`,
  );
}
