import type { Parameters, Statements } from './statements.js';

/** A value within a parameter that is looked up as its statement is sent, so that it is as old as the statement. */
export abstract class LateParameter {
  /**
   * What is sent. `statements` are of the transaction that the statement is sent in; `keeps`: nothing in it is written, so
   * what was read there may be kept for others.
   */
  abstract value(statements: Statements, keeps: boolean): Promise<unknown>;
}

/** The parameters with what was looked up in the place of late ones; the same parameters when there are none. */
export async function lookedUp(parameters: Parameters, statements: Statements, keeps: boolean): Promise<Parameters> {
  const late = Object.entries(parameters).flatMap(([name, value]) =>
    isMap(value) ? Object.entries(value).flatMap(([member, each]) => lateAt(name, member, each)) : [],
  );
  const found: Record<string, unknown> = { ...parameters };
  for (const { name, member, parameter } of late) {
    found[name] = { ...(found[name] as object), [member]: await parameter.value(statements, keeps) };
  }
  return late.length === 0 ? parameters : found;
}

function lateAt(name: string, member: string, parameter: unknown) {
  return parameter instanceof LateParameter ? [{ name, member, parameter }] : [];
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
