import { GraphQLError, type DocumentNode, type GraphQLSchema } from 'graphql';
import { ErrorCode } from '../../errors.js';
import { analyseOperation, type OperationAnalysis, type PageFault } from './limits-analysis.js';

export interface OperationLimits {
  maxDepth: number;
  maxAliases: number;
  maxRootFields: number;
  maxCost: number;
  maxPageSize: number;
  defaultPageSize: number;
  /** Most bytes an answer may have as an estimate; the answer itself is counted as it is written. */
  maxBytes?: number;
}

/** How much an operation asks for, every fragment written out; what is selected twice counts twice. */
export interface OperationMeasure {
  /** Fields on the longest way down: `{ viewer { name } }` is 2. Inside `__schema` and `__type` nothing is counted. */
  depth: number;
  aliases: number;
  rootFields: number;
  /** Objects the answer may hold, by page sizes; leaf fields are free. Stops at 2^53 - 1. */
  cost: number;
}

/** The standard introspection query is 15 deep; ten `ofType` unwrap any type a schema could sensibly have. */
const MAX_INTROSPECTION_DEPTH = 20;

/**
 * Measures the operation that would be executed. Zeros when the document holds no such operation, which execution
 * refuses itself. Variables count with their values and defaults, conditional selections (`@skip`) as if selected.
 *
 * @param variables as execution reads them, defaults included.
 */
export function measureOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Record<string, unknown>,
  limits: OperationLimits,
): OperationMeasure {
  const { depth, aliases, rootFields, cost } = analyseOperation(schema, document, operationName, variables, limits);
  return { depth, aliases, rootFields, cost };
}

/**
 * The first limit the operation breaks, as the error to answer with, before anything is executed; null when it may run.
 * LIMIT_EXCEEDED carries `limit` (its name), `maximum` and `actual` in its extensions; a page size below 1 is
 * BAD_USER_INPUT. Both are HTTP 400.
 */
export function checkOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Record<string, unknown>,
  limits: OperationLimits,
): GraphQLError | null {
  const analysis = analyseOperation(schema, document, operationName, variables, limits);
  if (analysis.pageFault) return pageError(analysis.pageFault);
  const broken = rulesFor(analysis, limits).find(({ actual, maximum }) => actual > maximum);
  if (!broken) return null;
  const { limit, maximum, actual, found, advice } = broken;
  const message = `The operation ${found}; at most ${maximum} is allowed. ${advice}`;
  return refusal(ErrorCode.LIMIT_EXCEEDED, message, { limit, maximum, actual });
}

interface LimitRule {
  limit: string;
  maximum: number;
  actual: number;
  /** Completes "The operation …". */
  found: string;
  advice: string;
}

function rulesFor(analysis: OperationAnalysis, limits: OperationLimits): LimitRule[] {
  const { depth, introspectionDepth, aliases, rootFields, fields, cost, bytes } = analysis;
  return [
    {
      limit: 'depth',
      maximum: limits.maxDepth,
      actual: depth,
      found: `nests fields ${depth} deep`,
      advice: 'Ask for the deeper part in a query of its own, starting from the id of what you have found.',
    },
    {
      limit: 'introspectionDepth',
      maximum: MAX_INTROSPECTION_DEPTH,
      actual: introspectionDepth,
      found: `nests introspection fields ${introspectionDepth} deep`,
      advice: 'Use the standard introspection query.',
    },
    {
      limit: 'aliases',
      maximum: limits.maxAliases,
      actual: aliases,
      found: `uses ${aliases} aliases`,
      advice: 'Send several operations instead.',
    },
    {
      limit: 'rootFields',
      maximum: limits.maxRootFields,
      actual: rootFields,
      found: `has ${rootFields} top-level fields`,
      advice: 'Send several operations instead.',
    },
    {
      // A bomb of leaf fields, which are free, would pass without this. No honest operation selects more fields than
      // it may answer objects, so the bound of the cost serves.
      limit: 'fields',
      maximum: limits.maxCost,
      actual: fields,
      found: `selects ${fields} fields once its fragments are written out`,
      advice: 'Spread fewer fragments, or send several operations.',
    },
    {
      limit: 'cost',
      maximum: limits.maxCost,
      actual: cost,
      found: `may answer ${cost} objects`,
      advice: 'Ask for smaller pages with "first", or for fewer lists inside lists.',
    },
    {
      limit: 'bytes',
      maximum: limits.maxBytes ?? Number.MAX_SAFE_INTEGER,
      actual: bytes,
      found: `may answer about ${bytes} bytes`,
      advice: 'Ask for smaller pages with "first", or for fewer long texts.',
    },
  ];
}

function pageError({ node, field, argument, size, maximum }: PageFault): GraphQLError {
  const asked = `"${argument}" of ${field} is ${size}; a page holds 1 to ${maximum} items.`;
  if (size < 1) return refusal(ErrorCode.BAD_USER_INPUT, `${asked} Ask for at least 1.`, {}, node);
  return refusal(
    ErrorCode.LIMIT_EXCEEDED,
    `${asked} Ask for ${maximum} or fewer and read on with "${argument === 'last' ? 'before' : 'after'}".`,
    { limit: 'pageSize', maximum, actual: size },
    node,
  );
}

const refusal = (
  code: ErrorCode,
  message: string,
  facts: Record<string, unknown>,
  node?: PageFault['node'],
): GraphQLError =>
  new GraphQLError(message, { nodes: node ?? null, extensions: { code, ...facts, http: { status: 400 } } });
