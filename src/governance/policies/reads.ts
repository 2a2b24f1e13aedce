import type { Expr, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

/** What a policy reads, and what in it would let something through that nobody knows. */
export interface Reads {
  /** Names of facts, as `labels.regions`, sorted. */
  facts: string[];
  faults: string[];
}

/** Deeper expressions come near to what breaks the engine. */
const MOST_DEPTH = 200;

const HAS =
  'uses `has`: a fact that nobody knows would count as one that is not so, and let through. Read the fact itself; who does not know it is refused.';
const IN =
  'uses `in` for who asks or what it is about, which belong to no group here, so it would never hold. Use `==`, or a fact.';
const WHOLE =
  'takes a whole record of facts as a value, of which a part may be unknown. Read the facts themselves, as context.labels.regions.';
const TAG = 'uses tags, which who asks and what it is about do not have. Use a fact.';

/** What the policy reads. `isFact`: whether a name is one of a fact, and not of a record of facts. */
export function readsOf({ conditions, principal, resource }: PolicyJson, isFact: (name: string) => boolean): Reads {
  const facts = new Set<string>();
  const faults = new Set<string>();
  for (const { op } of [principal, resource]) if (op === 'in') faults.add(IN);
  if ([principal, resource].some((scope) => scope.op === 'is' && scope.in !== undefined)) faults.add(IN);
  for (const { body } of conditions) visit(body, 0);
  return { facts: [...facts].sort(), faults: [...faults] };

  function visit(expression: Expr, depth: number): void {
    if (depth > MOST_DEPTH) {
      faults.add(`nests deeper than ${MOST_DEPTH} steps. Make several policies of it.`);
      return;
    }
    const path = pathOf(expression);
    if (path !== null) {
      if (isFact(path)) facts.add(path);
      else faults.add(WHOLE);
      return;
    }
    for (const [operator, operands] of Object.entries(expression)) {
      if (operator === 'has') {
        faults.add(HAS);
        continue;
      }
      if (operator === 'hasTag' || operator === 'getTag') faults.add(TAG);
      if (operator === 'in' && !isVariable((operands as { left: Expr }).left, 'action')) faults.add(IN);
      if (operator === 'is' && 'in' in (operands as object)) faults.add(IN);
      for (const operand of operandsOf(operator, operands)) visit(operand, depth + 1);
    }
  }
}

/** `labels.regions` of context.labels.regions; null: it is no such path. Empty: the context itself. */
function pathOf(expression: Expr): string | null {
  if (isVariable(expression, 'context')) return '';
  const step = (expression as { '.'?: { left: Expr; attr: string } })['.'];
  if (step === undefined) return null;
  const before = pathOf(step.left);
  return before === null ? null : before === '' ? step.attr : `${before}.${step.attr}`;
}

const isVariable = (expression: Expr, name: string): boolean => (expression as { Var?: string }).Var === name;

/** The expressions within; what is a literal or the name of an attribute has none. */
function operandsOf(operator: string, operands: unknown): Expr[] {
  if (['Value', 'Var', 'Slot'].includes(operator) || operands === null || typeof operands !== 'object') return [];
  if (Array.isArray(operands)) return operands as Expr[];
  return Object.values(operands).filter(
    (each): each is Expr => each !== null && typeof each === 'object' && !Array.isArray(each),
  );
}
