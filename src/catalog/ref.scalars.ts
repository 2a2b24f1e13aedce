import { GraphQLScalarType, Kind } from 'graphql';
import { invalid } from '../graphql/scalars.js';
import { canonicalUrn } from './urn.js';

export const Urn = new GraphQLScalarType<string, string>({
  name: 'Urn',
  description:
    'The natural key of an asset: urn:weft:<kind>:<namespace>:<name>, namespace and name percent-encoded; kind is dataset, transformation, model or deployment.',
  serialize: String,
  parseValue: (value) => (typeof value === 'string' ? canonicalUrn(value) : invalid('Urn', value)),
  parseLiteral: (node) => (node.kind === Kind.STRING ? canonicalUrn(node.value) : invalid('Urn', node.kind)),
});

export const AssetRef = new GraphQLScalarType<string, string>({
  name: 'AssetRef',
  description: 'Names an asset: its id or its urn. A former urn of a renamed asset still resolves.',
  serialize: String,
  parseValue: readRef,
  parseLiteral: (node) => (node.kind === Kind.STRING ? readRef(node.value) : invalid('AssetRef', node.kind)),
});

function readRef(value: unknown): string {
  if (typeof value !== 'string' || value === '') return invalid('AssetRef', value);
  return value.startsWith('urn:') ? canonicalUrn(value) : value;
}
