import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { badInput, WeftlineError } from '../../errors.js';
import { invalid } from '../../graphql/scalars.js';
import { canonicalUrn } from './urn.js';

/** Of a urn whose namespace and name are as long as they may be, of emoji, percent-encoded: 12 characters for each. */
const LONGEST_REF = 20_000;
const LIMIT = `At most ${LONGEST_REF.toLocaleString('en-US')} characters.`;

export const Urn = new GraphQLScalarType<string, string>({
  name: 'Urn',
  description: `The natural key of an asset: urn:weft:<kind>:<namespace>:<name>, namespace and name percent-encoded; kind is dataset, transformation, model or deployment. ${LIMIT}`,
  serialize: String,
  parseValue: (value) => (typeof value === 'string' ? readUrn(value) : invalid('Urn', value)),
  parseLiteral: (node) => (node.kind === Kind.STRING ? readUrn(node.value) : invalid('Urn', node.kind)),
});

export const AssetRef = new GraphQLScalarType<string, string>({
  name: 'AssetRef',
  description: `Names an asset: its id or its urn. A former urn of a renamed asset still resolves. ${LIMIT}`,
  serialize: String,
  parseValue: readRef,
  parseLiteral: (node) => (node.kind === Kind.STRING ? readRef(node.value) : invalid('AssetRef', node.kind)),
});

function readRef(value: unknown): string {
  if (typeof value !== 'string' || value === '') return invalid('AssetRef', value);
  if (value.length > LONGEST_REF) return tooLong('AssetRef', value);
  if (!value.isWellFormed()) return invalid('AssetRef', value.toWellFormed());
  return value.startsWith('urn:') ? spelt(value) : value;
}

const readUrn = (value: string): string => (value.length > LONGEST_REF ? tooLong('Urn', value) : canonicalUrn(value));

function tooLong(scalar: string, { length }: string): never {
  throw refused(badInput(`${scalar} cannot have ${length} characters; at most ${LONGEST_REF} are possible.`));
}

function spelt(urn: string): string {
  try {
    return canonicalUrn(urn);
  } catch (error) {
    throw error instanceof WeftlineError ? refused(error) : error;
  }
}

/** With the code where graphql looks for it: it makes other errors of what a scalar throws. */
const refused = ({ message, code }: WeftlineError): GraphQLError => new GraphQLError(message, { extensions: { code } });
