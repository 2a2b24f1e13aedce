/**
 * The one door of both GraphQL routes. What a request asks is parsed, validated, given its variables and measured here,
 * with the same bounds, the same rules and the same words, whether it then goes to Apollo (/graphql) or to a stream
 * (/graphql/stream). Neither of them reads a document that has not come through here.
 */
import type { GraphQLError } from 'graphql';
import {
  type DocumentNode,
  getOperationAST,
  type GraphQLFormattedError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { badInput, ErrorCode, limitExceeded, WeftlineError } from '../../errors.js';
import { type DocumentRules, readDocument } from './document.js';
import { presentError } from './errors.js';
import { boundInput, shorten } from '../limits/input-bounds.js';
import { checkOperation, type OperationLimits } from '../limits/limits.js';
import { coerceVariables } from '../limits/variables.js';

/** What a request asks, in the shape that GraphQL over HTTP gives it and with nothing of it checked. */
export interface Asked {
  query: string;
  operationName: string | null;
  variables: Readonly<Record<string, unknown>>;
  extensions: Readonly<Record<string, unknown>>;
}

export interface Admitted extends Asked {
  document: DocumentNode;
  operation: OperationDefinitionNode;
}

/** Thrown for what is not let in; `errors` are as the client gets them. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly errors: readonly GraphQLFormattedError[],
    readonly status: 400 | 405,
    /** The request was read and is well-formed; what it asks is not. GraphQL over HTTP tells these apart by the status. */
    readonly isWellFormed: boolean,
  ) {
    super(errors[0]?.message);
  }
}

/** Documents kept that were validated, and the longest of them in characters: people ask the same few again and again. */
const KEPT_DOCUMENTS = 500;
const LONGEST_KEPT = 10_000;

export class Door {
  private readonly documents = new Map<string, DocumentNode>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly rules: DocumentRules,
    private readonly limits: OperationLimits,
  ) {}

  /**
   * Lets in what may be executed as it is. Throws Refused.
   *
   * @param kinds the operations that the route serves by this method.
   */
  admit(asked: Asked, kinds: readonly OperationTypeNode[]): Admitted {
    try {
      boundInput('variables', asked.variables);
      boundInput('extensions', asked.extensions);
      const document = this.documentOf(asked.query);
      const operation = operationOf(document, asked.operationName);
      if (!kinds.includes(operation.operation)) throw servedElsewhere(operation.operation);
      const coerced = coerceVariables(this.schema, operation, asked.variables, this.rules.introspection);
      if ('faults' in coerced) throw refused(coerced.faults, ErrorCode.BAD_USER_INPUT);
      const fault = checkOperation(this.schema, document, asked.operationName, coerced.values, this.limits);
      if (fault) throw refused([fault]);
      return { ...asked, document, operation };
    } catch (error) {
      throw asRefused(error);
    }
  }

  private documentOf(text: string): DocumentNode {
    const known = this.documents.get(text);
    if (known) {
      // Put last again: the first is the one that was asked longest ago.
      this.documents.delete(text);
      this.documents.set(text, known);
      return known;
    }
    const read = readDocument(this.schema, text, this.rules);
    if ('faults' in read) throw refused(read.faults, 'GRAPHQL_VALIDATION_FAILED');
    if (text.length <= LONGEST_KEPT) this.documents.set(text, read.document);
    const [oldest] = this.documents.keys();
    if (this.documents.size > KEPT_DOCUMENTS && oldest !== undefined) this.documents.delete(oldest);
    return read.document;
  }
}

function operationOf(document: DocumentNode, name: string | null): OperationDefinitionNode {
  const operation = getOperationAST(document, name);
  if (operation) return operation;
  throw badInput(
    name === null
      ? 'Which operation is meant cannot be told: give `operationName`.'
      : `The document has no operation named "${shorten(name, 60)}". Give the \`operationName\` of one that it has.`,
  );
}

function servedElsewhere(kind: OperationTypeNode): Refused {
  const message =
    kind === OperationTypeNode.SUBSCRIPTION
      ? 'Subscriptions are served at /graphql/stream, as server-sent events (graphql-sse).'
      : 'Mutations are served by POST to /graphql, and nowhere else.';
  return new Refused([{ message, extensions: { code: ErrorCode.BAD_USER_INPUT } }], 405, false);
}

function refused(faults: readonly GraphQLError[], code?: string): Refused {
  const errors = faults.map((fault) => presentError(fault, code));
  return new Refused(
    errors,
    400,
    errors.every(({ extensions }) => extensions?.['code'] === ErrorCode.BAD_USER_INPUT),
  );
}

function asRefused(error: unknown): unknown {
  if (error instanceof WeftlineError) {
    return new Refused([{ message: error.message, extensions: { code: error.code } }], 400, false);
  }
  // No bound of ours should let the stack overflow; if one does, the request is too deep, whatever it is.
  return error instanceof RangeError
    ? asRefused(limitExceeded('The request nests deeper than can be read. Ask for less at once.'))
    : error;
}
