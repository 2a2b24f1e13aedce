import type { FastifyRequest } from 'fastify';
import { badInput } from '../errors.js';
import { beyondExact, inexactIn } from '../json/exact-numbers.js';
import type { Asked } from '../graphql/door/door.js';

/** What a request to a GraphQL route asks: of a GET its address, of a POST its body. Throws BAD_USER_INPUT. */
export function askedBy(request: FastifyRequest): Asked {
  return request.method === 'GET' ? askedByAddress(request.url) : askedByBody(request);
}

function askedByAddress(url: string): Asked {
  const start = url.indexOf('?');
  const parameters = new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
  const single = (name: string): string | undefined => {
    const [value, ...more] = parameters.getAll(name);
    if (more.length > 0) throw badInput(`The address has \`${name}\` ${more.length + 1} times. Give it once.`);
    return value;
  };
  const json = (name: string): unknown => {
    const text = single(name);
    if (text === undefined) return undefined;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw badInput(`\`${name}\` in the address is no JSON. Give a JSON object, percent-encoded.`);
    }
    const fault = inexactIn(text);
    if (fault !== null) throw badInput(`The number at /${name}${fault.at} ${beyondExact(fault.digits)}`);
    return value;
  };
  return asked({
    query: single('query'),
    operationName: single('operationName'),
    variables: json('variables'),
    extensions: json('extensions'),
  });
}

function askedByBody({ headers, body }: FastifyRequest): Asked {
  // What a form of another page could send is read as text, and is no JSON whatever it holds.
  if (!/^\s*application\/json\s*(;|$)/i.test(headers['content-type']?.slice(0, 200) ?? '')) {
    throw badInput('A POST to GraphQL is JSON: send "content-type: application/json".');
  }
  if (Array.isArray(body))
    throw badInput('Several operations in one request are not served. Send one after the other.');
  if (!isObject(body)) throw badInput('The body of a POST to GraphQL is a JSON object with `query`.');
  // Within variables it is a key like others; what reads the body itself would take it for the prototype.
  if (Object.hasOwn(body, '__proto__'))
    throw badInput('The body has a member "__proto__", which GraphQL does not know.');
  return asked(body);
}

function asked({ query, operationName, variables, extensions }: Readonly<Record<string, unknown>>): Asked {
  if (typeof query !== 'string' || query === '') {
    throw badInput('`query` is missing, or no text. Give the GraphQL document as `query`.');
  }
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    throw badInput('`operationName` is no text. Give the name of one operation of the document, or leave it out.');
  }
  return {
    query,
    operationName: operationName ?? null,
    variables: objectOf('variables', variables),
    extensions: objectOf('extensions', extensions),
  };
}

function objectOf(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (isObject(value)) return value;
  throw badInput(`\`${name}\` is no JSON object. Give an object, or leave it out.`);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
