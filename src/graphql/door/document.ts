import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Lexer,
  NoSchemaIntrospectionCustomRule,
  parse,
  Source,
  specifiedRules,
  TokenKind,
  validate,
} from 'graphql';
import { badInput, limitExceeded } from '../../errors.js';
import { MAX_NESTING } from '../limits/input-bounds.js';
import { comparisonsOf } from '../limits/repetition.js';

/** Validation stops with this many faults: who sends thousands reads none of them. */
const MAX_FAULTS = 20;
/** See `comparisonsOf`, for each token that a document may have: one of ours has a few hundred of its 20,000. */
const COMPARISONS_A_TOKEN = 10;

export interface DocumentRules {
  maxTokens: number;
  /** Whether the schema may be asked for, and faults may name what in it is like a name that it does not have. */
  introspection: boolean;
}

/**
 * The document of a request, or its faults. Throws LIMIT_EXCEEDED, or BAD_USER_INPUT for a value within, for one that would take long to read: its tokens and its
 * nesting are counted before it is parsed, what validation would have to compare before it is validated.
 */
export function readDocument(
  schema: GraphQLSchema,
  text: string,
  { maxTokens, introspection }: DocumentRules,
): { document: DocumentNode } | { faults: readonly GraphQLError[] } {
  const parsed = parsedOrFault(text, maxTokens);
  if (parsed instanceof GraphQLError) return { faults: [parsed] };
  const maxComparisons = COMPARISONS_A_TOKEN * maxTokens;
  if (comparisonsOf(parsed, maxComparisons) >= maxComparisons) {
    throw limitExceeded(
      'The document selects the same fields too many times, once its fragments are written out. Select each field once, or send several operations.',
    );
  }
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const faults = validate(schema, parsed, rules, { maxErrors: MAX_FAULTS, hideSuggestions: !introspection });
  return faults.length > 0 ? { faults: faults.slice(0, MAX_FAULTS) } : { document: parsed };
}

function parsedOrFault(text: string, maxTokens: number): DocumentNode | GraphQLError {
  try {
    countTokens(text, maxTokens);
    return parse(text, { maxLexicalTokens: maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

/** The lexer goes from token to token, where the parser goes down into what is nested, and overflows the stack at 2,000 levels. */
function countTokens(text: string, maxTokens: number): void {
  const lexer = new Lexer(new Source(text));
  let depth = 0;
  let parentheses = 0;
  for (let count = 0; lexer.advance().kind !== TokenKind.EOF; count++) {
    if (count >= maxTokens) {
      throw limitExceeded(
        `The document has more than ${maxTokens} tokens. Send less at once: values belong into variables.`,
      );
    }
    depth += STEP[lexer.token.kind] ?? 0;
    if (lexer.token.kind === TokenKind.PAREN_L) parentheses += 1;
    if (lexer.token.kind === TokenKind.PAREN_R) parentheses -= 1;
    if (depth > MAX_NESTING) {
      const fault = `The document nests brackets deeper than ${MAX_NESTING}.`;
      // Within parentheses stands a value, as a JSON literal; elsewhere it is what is asked for.
      throw parentheses > 0
        ? badInput(`${fault} Send a flatter value.`)
        : limitExceeded(`${fault} Ask for the deeper part in a query of its own.`);
    }
  }
}

const STEP: Readonly<Record<string, number>> = {
  [TokenKind.BRACE_L]: 1,
  [TokenKind.BRACKET_L]: 1,
  [TokenKind.PAREN_L]: 1,
  [TokenKind.BRACE_R]: -1,
  [TokenKind.BRACKET_R]: -1,
  [TokenKind.PAREN_R]: -1,
};
