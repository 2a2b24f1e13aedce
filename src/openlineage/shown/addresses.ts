/**
 * An address without what may be a secret in it: who signs in there, and all parameters. Drivers write passwords behind a question mark
 * or a semicolon, and tools a token before the host.
 */
export function withoutSecrets(address: string): string {
  const [place = ''] = address.split(/[?;]/, 1);
  const begin = place.indexOf('//');
  if (begin < 0) return place;
  const rest = place.slice(begin + 2);
  const end = rest.indexOf('/');
  const authority = end < 0 ? rest : rest.slice(0, end);
  return place.slice(0, begin + 2) + authority.slice(authority.lastIndexOf('@') + 1) + (end < 0 ? '' : rest.slice(end));
}
