/** What a site knows of names: that one which a producer gives is another one. */
import { spelt } from '../../spelling.js';
import { matchName, type NamePattern, writeName } from './name-pattern.js';

export interface AssetName {
  namespace: string;
  name: string;
}

/** What a name is of. */
export type Named = 'dataset' | 'job';

export interface NamingRule {
  /** Its line in the file. */
  line: number;
  of: ReadonlySet<Named>;
  namespace: NamePattern;
  /** null: any. */
  name: NamePattern | null;
  to: {
    namespace: NamePattern;
    /** null: it stays. */
    name: NamePattern | null;
  };
}

interface Renaming {
  to: AssetName;
  rule: NamingRule;
}

/** One rule after the other: a name that is not at its end by then goes round, and stays as it came. */
const MOST_STEPS = 16;
/** As names of assets (catalog/model/urn.ts), in characters of JavaScript. */
const MOST_OF = { namespace: 500, name: 1_000 } as const;

/**
 * Of the rules that fit a name the first counts, and what comes out is looked at again, until no rule changes it. So what is renamed is
 * renamed no more, and a name that would go round stays as it came.
 */
export class NamingRules {
  constructor(readonly rules: readonly NamingRule[] = []) {}

  get isEmpty(): boolean {
    return this.rules.length === 0;
  }

  /** The name that counts: the same object when no rule fits. */
  rename<T extends AssetName>(of: Named, given: T): T | (T & AssetName) {
    const steps = this.isEmpty ? [] : this.steps(of, given);
    const last = steps?.at(-1)?.to;
    return last ? { ...given, ...last } : given;
  }

  /** How a name becomes another one, rule by rule; null: without end. */
  steps(of: Named, given: AssetName): Renaming[] | null {
    const steps: Renaming[] = [];
    let current: AssetName = { namespace: spelt(given.namespace), name: spelt(given.name) };
    while (steps.length <= MOST_STEPS) {
      const next = this.next(of, current);
      if (!next) return steps;
      steps.push(next);
      current = next.to;
    }
    return null;
  }

  private next(of: Named, given: AssetName): Renaming | null {
    for (const rule of this.rules) {
      const to = rule.of.has(of) ? renamedBy(rule, given) : null;
      if (!to) continue;
      return to.namespace === given.namespace && to.name === given.name ? null : { to, rule };
    }
    return null;
  }
}

/** null: the rule does not fit, or what it says is no name. */
function renamedBy({ namespace, name, to }: NamingRule, given: AssetName): AssetName | null {
  const ofNamespace = matchName(namespace, given.namespace);
  const ofName = ofNamespace && (name ? matchName(name, given.name) : new Map<string, string>());
  if (!ofNamespace || !ofName) return null;
  const filled = new Map([...ofNamespace, ...ofName]);
  const made = {
    namespace: spelt(writeName(to.namespace, filled)),
    name: to.name ? spelt(writeName(to.name, filled)) : given.name,
  };
  const isName = made.name !== '' && made.name.length <= MOST_OF.name && made.namespace.length <= MOST_OF.namespace;
  return isName ? made : null;
}
